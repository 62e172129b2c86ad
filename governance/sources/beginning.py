"""The unchanged beginning of a place that grew: the files and row groups not read again.

Data mostly grows at its end: a new file beside yesterday's, new row groups behind the old ones.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileRead:
    """What one file held that was read to its end without trouble.

    Args:
        parts: Streams in it: one, or one for each member of an archive.
    """

    rows: int
    bytes: int
    lines: int
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is left out of a reading.

    Args:
        files: The first files, read before. groups: Row groups of the file behind them, which
            hold so many ``rows``.
    """

    files: tuple[FileRead, ...] = ()
    groups: int = 0
    rows: int = 0

    @property
    def all_rows(self) -> int:
        """The rows of the files and of the row groups."""
        return sum(each.rows for each in self.files) + self.rows


NOTHING = Beginning()


@dataclass(frozen=True, slots=True)
class Growth:
    """What has to be the same for a beginning to be left out.

    Args:
        files: Files whose bytes are known to be the same.
        groups: Keyed digest of each row group that the file behind them began with.
        rows: Rows in those groups.
    """

    files: tuple[FileRead, ...]
    groups: tuple[str, ...] = ()
    rows: int = 0
