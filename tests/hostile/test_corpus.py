"""One scan of all hostile files by the real command in one GiB of address space.

It ends, and none is clean that was not read.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.corpus import Case, cases

pytestmark = pytest.mark.slow
GOVERNANCE = str(Path(sys.executable).with_name("governance"))
ADDRESS_SPACE = 1024**3
SECONDS = 240


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Case], dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile") / "data"
    folder.mkdir()
    made = list(cases())
    for case in made:
        content = case.make(folder)
        if content is not None:
            (folder / case.name).write_bytes(content)

    def confine() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))

    command = [GOVERNANCE, "scan", "data", "-j", "2", "--output", "json=run.json"]
    done = subprocess.run(command, cwd=folder.parent, preexec_fn=confine, timeout=SECONDS,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 3, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    run: dict[str, Any] = json.loads((folder.parent / "run.json").read_text("utf-8"))
    return folder, made, run


def test_there_are_sixty_and_none_is_large_on_disk(scanned) -> None:
    folder, made, _ = scanned
    assert len(made) >= 60
    assert all(path.lstat().st_size <= 1_100_000 for path in folder.iterdir())


def test_every_file_is_told_and_none_is_clean_that_was_not_read(scanned) -> None:
    _, made, run = scanned
    wrong = []
    for case in made:
        shown = case.name.replace("\r", " ").replace("\u202e", " ").replace("\x1b", " ")
        rows = [row for row in run["assets"] if row["uri"] and _is_of(row["uri"], case.name, shown)]
        states = {row["coverage"]["status"] for row in rows}
        if not rows or not states <= case.allowed:
            reasons = [row["coverage"]["reason"] for row in rows]
            wrong.append((case.name, sorted(states), reasons))
    assert wrong == []


def test_every_gap_has_a_reason_and_no_canary_was_woken(scanned) -> None:
    folder, _, run = scanned
    assert not (folder / "canary").exists()
    gaps = [row["coverage"] for row in run["assets"] if row["coverage"]]
    assert all(gap["reason"] for gap in gaps if gap["status"] != "complete")


def _is_of(uri: str, name: str, shown: str) -> bool:
    return any(uri == f"data/{each}" or uri.startswith((f"data/{each}!", f"data/{each}#"))
               for each in (name, shown))  # fmt: skip
