"""The gate over a team's PostgreSQL, through the console script, with a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_gate import NOW, runner, scanned
from tests.unit.facts.test_postgres import server

__all__ = ["runner", "scanned", "server"]

pytestmark = [pytest.mark.network, pytest.mark.slow]
SECRET = "s3cret"


def _governance(folder: Path, *command: str) -> tuple[int, str]:
    script = Path(sys.executable).with_name("governance")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ended = subprocess.run(
        [script, *command], cwd=folder, env=kept, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout + ended.stderr


def _checked(folder: Path, facts: str) -> tuple[int, list[tuple[Any, ...]], str]:
    file = folder / "run.json"
    options = ("--as-of", NOW, "--base", "main", "-o", f"json={file}", "-o", "text")
    code, said = _governance(folder, "check", "--facts", facts, *options)
    run = json.loads(file.read_text(encoding="utf-8"))
    file.unlink()
    told = [(each["control"], each["asset"], each["field"], each["status"])
            for each in run["outcomes"]]  # fmt: skip
    return code, told, said


def test_a_runner_reads_the_facts_of_a_team_s_database(
    server: str, scanned: Path, runner: Path
) -> None:
    address = server % "blank"
    code, said = _governance(scanned, "facts", "export", "-o", address)
    assert (code, "1 runs added" in said) == (0, True), said
    changed = runner / "policies" / "orders.yaml"
    changed.write_text(changed.read_text("utf-8").replace("owner: team:", "owner: none #"))
    there = _checked(runner, address)
    committed = _checked(runner, "facts.jsonl")
    assert there[:2] == committed[:2]
    assert ("owner-declared", "orders", None, "fail") in there[1]
    assert not any(status == "not_evaluated" for control, asset, _, status in there[1]
                   if (control, asset) == ("pii-declared", "orders"))  # fmt: skip
    assert SECRET not in there[2] + said


def test_a_database_that_does_not_answer_is_no_pass(server: str, runner: Path) -> None:
    for name, problem in (("missing", "cannot connect"), ("other", "holds no facts")):
        code, said = _governance(runner, "check", "--facts", server % name, "--as-of", NOW)
        assert code not in (0, 1)
        assert problem in said
        assert SECRET not in said
