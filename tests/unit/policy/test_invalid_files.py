"""Every broken file of the corpus says exactly what is wrong, and where.

A case is a file (or a folder of files) laid over the valid organisation ``acme``. The file
beside it, ``NAME.expected``, holds every error, one to a line.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from governance.errors import InvalidPolicyError
from governance.policy.workspace import load_workspace

CASES = Path(__file__).resolve().parents[2] / "cases" / "policies"
INVALID = sorted(path for path in (CASES / "invalid").iterdir() if path.suffix != ".expected")
CONTROLS = frozenset({"pii-declared", "residency-kept", "retention-kept"})


@pytest.mark.parametrize("case", INVALID, ids=lambda path: path.stem)
def test_broken_file_gives_exactly_its_errors(case: Path, tmp_path: Path) -> None:
    expected = (case.parent / f"{case.stem}.expected").read_text(encoding="utf-8").splitlines()
    shutil.copytree(CASES / "valid" / "acme", tmp_path, dirs_exist_ok=True)
    if case.is_dir():
        shutil.copytree(case, tmp_path, dirs_exist_ok=True)
    else:
        shutil.copy(case, tmp_path / "policies" / "case.yaml")
    with pytest.raises(InvalidPolicyError) as caught:
        load_workspace(tmp_path, known_controls=CONTROLS)
    assert [str(error) for error in caught.value.errors] == expected


def test_corpus_is_large_and_its_cases_break_for_many_reasons() -> None:
    expected = [path.read_text(encoding="utf-8") for path in (CASES / "invalid").glob("*.expected")]
    assert len(expected) == len(INVALID), "a case without its .expected, or the other way round"
    assert all(text.strip() for text in expected)
    assert len(set(expected)) >= 100
