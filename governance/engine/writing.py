"""A file that is written piece by piece, under another name until it is whole; its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from governance.errors import ReportError
from governance.reporting.sink import Sink


class Digested:
    """Passes on what is written, and digests it.

    Args:
        output: Where it goes; None where only the digest is wanted.
    """

    def __init__(self, output: Sink | None = None) -> None:
        self._output = output
        self._sha256 = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 in hex of everything so far."""
        return self._sha256.hexdigest()

    def write(self, data: bytes, /) -> object:
        """Take the next piece."""
        self._sha256.update(data)
        return self._output.write(data) if self._output is not None else len(data)


def write_beside(path: Path, write: Callable[[Sink], None]) -> tuple[Path, str]:
    """Write next to a file under another name, so that nobody reads what is not recorded.

    Returns:
        The path that was written, which is gone if this raises, and its SHA-256 in hex.

    Raises:
        ReportError: If the file cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as output:
            digested = Digested(output)
            write(digested)
    except OSError as cause:
        _discard(partial)
        raise ReportError(
            where=str(path),
            problem=f"cannot write the report: {cause.strerror}",
            remedy="name a file in a folder you may write to",
        ) from cause
    # NOTE: BaseException, for an interrupt is no Exception, and would leave half a report beside
    # the place of a whole one; it goes on up unchanged.
    except BaseException:
        _discard(partial)
        raise
    return partial, digested.digest


def _discard(partial: Path) -> None:
    """Take back what was begun; where there is no folder, nothing was."""
    try:
        partial.unlink(missing_ok=True)
    except OSError:
        return
