"""The example repository: pull requests that must not pass do not, whoever writes them.

Its own ``gate.sh`` is what runs, in a real Git repository, over what a real scan has left. For the
many pull requests that weaken something only the step of it runs that has to stop them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.e2e.test_exit_codes import GOVERNANCE

EXAMPLE = Path(__file__).parent / "example"
AS_OF = "2026-11-23T10:00:00Z"
Edit = Callable[[Path], None]


def _git(folder: Path, *command: str) -> None:
    settings = (
        "-c",
        "user.name=Bo",
        "-c",
        "user.email=bo@example.org",
        "-c",
        "commit.gpgsign=false",
    )
    subprocess.run(["git", *settings, *command], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the example repository, its main branch scanned."""
    folder = tmp_path_factory.mktemp("gate") / "shop"
    shutil.copytree(EXAMPLE, folder)
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "the shop")
    scan = [GOVERNANCE, "scan", "-q", "--as-of", AS_OF]
    assert subprocess.run(scan, cwd=folder, check=False, capture_output=True).returncode == 0
    return folder


GATE = ("sh", "gate.sh", "main", AS_OF)
DIFF = ("governance", "policy", "diff", "--base", "main", "--fail-on", "weakened", "--as-of", AS_OF)


def _propose(
    main: Path, folder: Path, edit: Edit, command: tuple[str, ...] = GATE
) -> tuple[int, str]:
    """Return the gate's exit code and all it said about a branch with an edit."""
    shutil.copytree(main, folder)
    _git(folder, "checkout", "-qb", "change")
    edit(folder)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "a change")
    path = f"{Path(GOVERNANCE).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def _replaced(name: str, before: str, after: str) -> Edit:
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    return edit


CASES = Path(__file__).parents[1] / "cases" / "gate" / "pull-requests.yaml"
WEAKENED: dict[str, dict[str, str]] = yaml.safe_load(CASES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", WEAKENED)
def test_a_pull_request_that_weakens_a_protection_fails_and_names_who_decides(
    scanned: Path, tmp_path: Path, name: str
) -> None:
    case = WEAKENED[name]

    def edit(folder: Path) -> None:
        if "before" in case:
            _replaced(case["file"], case["before"], case["after"])(folder)
        else:
            (folder / case["file"]).unlink()

    code, said = _propose(scanned, tmp_path / "shop", edit, DIFF)
    assert code == 1, said
    weakening = [line for line in said.splitlines() if line.startswith(("weaker", "unknown"))]
    assert weakening, said
    assert case.get("approver", "") in said


def _reformatted(folder: Path) -> None:
    """Other file names, other order, other spacing, comments: nothing of it means anything."""
    policies = folder / "policies"
    (policies / "moved").mkdir()
    orders = (policies / "orders.yaml").read_text(encoding="utf-8")
    kept = [line for line in orders.splitlines() if not line.startswith(("residency:", "steward:"))]
    kept += ["residency:", "  - 'DE'   # as before", 'steward: "team:privacy"']
    (policies / "moved" / "web-orders.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    (policies / "orders.yaml").unlink()
    teams = (policies / "teams.yaml").read_text(encoding="utf-8").split("---\n")
    for number, document in enumerate(reversed(teams)):
        (policies / f"team-{number}.yaml").write_text(f"# a team\n{document}", encoding="utf-8")
    (policies / "teams.yaml").unlink()


def test_a_pull_request_that_only_reformats_passes_with_no_change(
    scanned: Path, tmp_path: Path
) -> None:
    code, said = _propose(scanned, tmp_path / "shop", _reformatted)
    assert code == 0, said
    assert "weaker" not in said
    assert "no change" in said.lower()


def test_a_pull_request_that_protects_more_passes(scanned: Path, tmp_path: Path) -> None:
    stronger = _replaced(
        "policies/orders.yaml", "classification: confidential", "classification: restricted"
    )
    code, said = _propose(scanned, tmp_path / "shop", stronger)
    assert code == 0, said
    assert "stronger" in said


def test_a_pull_request_that_adds_personal_data_nobody_declared_fails(
    scanned: Path, tmp_path: Path
) -> None:
    def edit(folder: Path) -> None:
        rows = [f"{n},person{n}@example.org" for n in range(60)]
        (folder / "data" / "leads.csv").write_text(
            "id,email\n" + "\n".join(rows) + "\n", encoding="utf-8"
        )

    code, said = _propose(scanned, tmp_path / "shop", edit)
    assert code in (1, 3), said
    assert "leads.csv" in said
    assert "person1@" not in said
