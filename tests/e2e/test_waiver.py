"""Waivers written and watched by the command, in a workspace that was scanned."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.door import enter
from governance.cli.main import app
from governance.errors import GovernanceError
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM

LIMITS = "limits: {waiver_max: {critical: 30d, high: 90d, medium: 180d, low: 365d}}\n"
UNDECLARED = DATASET.replace("  email: {category: user.contact.email}\n", "")
OWN = """\
# Kept for the auditor: do not lose this line.
apiVersion: governance/v1
kind: Waiver
id: older      # a comment behind a key
control: retention-kept
author: user:author@example.org
target: {dataset: orders}
reason: |+
  A text that ends in empty lines.


approved_by: [user:bo@example.org]
opened: 2026-11-01
expires: 2026-12-01
"""
WHO = ("--author", "user:ana@example.org", "--approved-by", "user:bo@example.org")
PII = ("--control", "pii-declared", "--asset", "orders")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that was scanned once; each test puts its policy files back."""
    folder = tmp_path_factory.mktemp("waivers")
    for name, text in {
        "governance.yaml": PROJECT + LIMITS + "nlp: {engine: none}\n", "data/orders.csv": ROWS,
        "policies/team.yaml": TEAM, "policies/orders.yaml": UNDECLARED,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert "Traceback" not in _run(folder, "scan", "-j", "1").output
    return folder


@pytest.fixture
def shop(scanned: Path) -> Path:
    """Return it with one waiver file, written by hand."""
    for path in (scanned / "policies").iterdir():
        if path.name not in ("team.yaml", "orders.yaml"):
            path.unlink()
    (scanned / "policies" / "waivers.yaml").write_text(OWN, encoding="utf-8", newline="")
    return scanned


def _run(folder: Path, *command: str, as_of: str = "2026-11-23T12:00:00Z") -> Result:
    return CliRunner().invoke(app, [*command, "--workspace", str(folder), "--as-of", as_of])


def _add(folder: Path, *options: str, expires: str = "30d", who: tuple[str, ...] = WHO) -> Result:
    return _run(folder, "waiver", "add", "--reason", "migration", "--expires", expires, *who,
                *options)  # fmt: skip


def _finding(folder: Path) -> str:
    path = folder / "run.json"
    _run(folder, "check", "-o", f"json={path}")
    outcomes = json.loads(path.read_text(encoding="utf-8"))["outcomes"]
    (found,) = (each["finding"]["id"] for each in outcomes if each["finding"])
    return str(found)


def test_a_waiver_of_a_finding_covers_it_and_leaves_the_file_as_it_was(shop: Path) -> None:
    ended = _add(shop, _finding(shop))
    assert ended.exit_code == 0, ended.output
    assert "covers 1 finding" in ended.output
    written = (shop / "policies" / "waivers.yaml").read_text(encoding="utf-8")
    assert written.startswith(f"{OWN}---\napiVersion: governance/v1\nkind: Waiver\n")
    rows = json.loads(_run(shop, "waiver", "list", "-o", "json").output)
    new = next(row for row in rows if row["id"] != "older")
    assert (new["state"], new["matched"], new["expires"]) == ("active", 1, "2026-12-23")
    assert (new["asset"], new["location"], new["field"]) == ("orders", "here", "email")
    assert next(row for row in rows if row["id"] == "older")["state"] == "unused"


def test_windows_line_ends_stay(shop: Path) -> None:
    path = shop / "policies" / "waivers.yaml"
    path.write_bytes(OWN.replace("\n", "\r\n").encode().rstrip())
    assert _add(shop, *PII).exit_code == 0
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"expires": "91d"}, "2027-02-22 is later than limits.waiver_max.high of 90d allows"),
        ({"expires": "2026-11-22"}, "is over"),
        ({"expires": "soon"}, "not a length"),
        ({"expires": "9999y"}, "is later than"),
        ({"who": (*WHO[:2], "--approved-by", WHO[1])}, "approves the waiver"),
        ({"who": (*WHO[:2], "--approved-by", "user:nobody@example.org")}, "no active member"),
        ({"options": ("--id", "older")}, "there is a waiver 'older' already"),
        ({"options": ("--file", "other/w.yaml")}, "no pattern of 'include' matches"),
        ({"options": ("--file", "../w.yaml")}, "no policy file of the workspace"),
        ({"options": ("--file", "data/orders.csv")}, "no policy file of the workspace"),
        ({"options": ("--rule", "a.b")}, "it is not said what the waiver covers"),
        ({"options": ("--field", "\x1b[2J")}, "cannot be printed"),
        ({"options": ("--location", "nowhere")}, "unknown location"),
    ],
)
def test_what_nobody_may_waive_is_refused_and_nothing_is_written(
    shop: Path, options: dict, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop)
    before = {path: path.read_bytes() for path in shop.rglob("*.yaml")}
    ended = _add(shop, *PII, *options.pop("options", ()), **options)
    assert isinstance(ended.exception, GovernanceError)
    assert ended.exception.exit_code == 2
    errors = getattr(ended.exception, "errors", [ended.exception])
    assert problem in "\n".join(map(str, errors))
    assert before == {path: path.read_bytes() for path in shop.rglob("*.yaml")}
    assert not (shop.parent / "w.yaml").exists()


@pytest.mark.parametrize("written", ["abc", "ffffffffffffffff", ""])
def test_an_id_that_names_no_finding_is_an_error(shop: Path, written: str) -> None:
    assert "copy the id" in str(_add(shop, written).exception)


def test_a_reason_full_of_yaml_is_a_reason(shop: Path) -> None:
    hostile = "x\" # y: {z}\n---\nkind: Grant &a *b !!c \\ '%' {{7*7}} ##vso[task]"
    assert _run(shop, "waiver", "add", *PII, "--reason", hostile, "--expires", "1d", *WHO,
                "--id", "strange").exit_code == 0  # fmt: skip
    rows = json.loads(_run(shop, "waiver", "list", "-o", "json").output)
    row = next(each for each in rows if each["id"] == "strange")
    assert row["reason"] == " ".join(hostile.split())
    assert "##vso" not in _run(shop, "waiver", "list").output


def test_due_ends_with_1_and_counts_the_days_of_the_projects_zone(shop: Path) -> None:
    project = shop / "governance.yaml"
    told = project.read_text(encoding="utf-8")
    project.write_text(told + "timezone: Pacific/Kiritimati\n", encoding="utf-8")
    try:
        # In Kiritimati the second of November begins at ten o'clock of the first, in UTC.
        for as_of, code in (("2026-11-01T09:59:59Z", 0), ("2026-11-01T10:00:00Z", 1)):
            ended = _run(shop, "waiver", "due", "--within", "29d", as_of=as_of)
            assert ended.exit_code == code, ended.output
        ended = _run(shop, "waiver", "due", "--within", "1d", as_of="2027-01-01")
        assert ended.exit_code == 1
        assert "31 days over" in ended.output
    finally:
        project.write_text(told, encoding="utf-8")
    (shop / "policies" / "waivers.yaml").unlink()
    ended = _run(shop, "waiver", "due")
    assert (ended.exit_code, ended.output) == (0, "0 of 0 waivers due\n")


def test_a_waiver_that_the_trail_cannot_take_is_not_written(shop: Path) -> None:
    trail = shop / ".governance" / "trail.db"
    kept = trail.read_bytes()
    trail.write_bytes(b"no trail")
    try:
        done = _add(shop, *PII)
    finally:
        trail.write_bytes(kept)
    assert isinstance(done.exception, GovernanceError)
    assert done.exception.exit_code == 4
    assert (shop / "policies" / "waivers.yaml").read_text(encoding="utf-8") == OWN
    assert _add(shop, *PII).exit_code == 0


def test_a_given_instant_is_that_instant_however_long_the_start_takes() -> None:
    given = datetime(2026, 11, 25, 23, 59, 59, 999_999, UTC)
    clock = enter(given).clock
    time.sleep(0.01)
    assert clock() == given
    time.sleep(0.01)
    assert clock() > given
