"""A report is written beside its place: whole and digested, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from governance.engine.writing import write_beside
from governance.errors import ReportError
from governance.reporting.sink import Sink


def _two_pieces(output: Sink) -> None:
    output.write(b"first ")
    output.write(b"second")


def test_the_digest_is_that_of_what_was_written(tmp_path: Path) -> None:
    target = tmp_path / "new" / "report.pdf"
    partial, digest = write_beside(target, _two_pieces)
    assert partial.read_bytes() == b"first second"
    assert digest == hashlib.sha256(b"first second").hexdigest()
    assert not target.exists()


@pytest.mark.parametrize("cause", [ValueError("a template"), KeyboardInterrupt(), OSError(28, "")])
def test_what_cannot_be_finished_leaves_no_file(tmp_path: Path, cause: BaseException) -> None:
    def fail(output: Sink) -> None:
        output.write(b"first ")
        raise cause

    expected = ReportError if isinstance(cause, OSError) else type(cause)
    with pytest.raises(expected):
        write_beside(tmp_path / "report.pdf", fail)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ReportError, match="cannot write the report"):
        write_beside(tmp_path / "taken" / "report.pdf", _two_pieces)
