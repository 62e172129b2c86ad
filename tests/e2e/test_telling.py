"""Triage by the command, and what a scheduled run tells to whom, over a workspace with findings."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli import schedule
from governance.cli.door import open_here
from governance.cli.fitting import folded
from governance.cli.main import app
from governance.engine.scheduling.jobs import job_called
from governance.engine.scheduling.running import Ended
from governance.errors import GovernanceError
from governance.trail.reading import read_entries
from tests.e2e.test_exit_codes import DATASET, PROJECT, TEAM

SCHEDULES = (
    "nlp: {engine: none}\n"
    "schedules:\n"
    '  nightly: {cron: "0 2 * * *", run: scan, notify: ["env:OPS", "env:OWNERS"]}\n'
    '  weekly: {cron: "0 7 * * mon", run: finding digest, notify: ["env:OPS"]}\n'
)
UNDECLARED = DATASET.replace("  email: {category: user.contact.email}\n", "")
SECRET = "grace.hopper@example.org"
DUE = datetime(2026, 11, 24, 2, tzinfo=UTC)


class _Receiver(BaseHTTPRequestHandler):
    got: list[dict[str, str]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.got.append({"path": self.path, **body})
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def receiver() -> Iterator[str]:
    _Receiver.got.clear()
    with HTTPServer(("127.0.0.1", 0), _Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"json://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that was scanned once, with a column that nobody declared."""
    folder = tmp_path_factory.mktemp("told")
    rows = f"id,email\n1,{SECRET}\n2,bo@example.org\n3,cy@example.com\n"
    for name, text in {
        "governance.yaml": PROJECT + SCHEDULES, "data/orders.csv": rows,
        "policies/team.yaml": TEAM, "policies/orders.yaml": UNDECLARED,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(shop: Path, *command: str) -> Result:
    return CliRunner().invoke(app, [*command, "-w", str(shop)])


@pytest.fixture(scope="module")
def scanned(shop: Path) -> Path:
    before = run(shop, "finding", "list")
    assert isinstance(before.exception, GovernanceError)
    assert before.exception.exit_code == 3  # without a scan an empty list would be no good news
    assert run(shop, "scan", "-j", "1").exit_code == 3
    return shop


def entries(shop: Path, type: str) -> list[dict[str, object]]:
    found = read_entries(shop / ".governance" / "trail.db", types={type})
    return [dict(entry.payload) for entry in found]


def due_soon(shop: Path, folder: Path, **policy: str) -> Path:
    """Return a copy of the workspace in which the review of orders falls due in two weeks."""
    own = Path(shutil.copytree(shop, folder / "own"))
    last = datetime.now(UTC).date() - timedelta(days=351)
    people = "user:ana@example.org, user:bo@example.org"
    never = UNDECLARED.partition("reviews:")[0]
    reviewed = f"reviews:\n  - {{on: {last}, by: [{people}]}}\n"
    (own / "policies/orders.yaml").write_text(never + reviewed)
    for name, text in policy.items():
        with (own / f"{name}.yaml").open("a") as file:
            file.write(text)
    return own


@pytest.mark.network
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
def test_what_soon_falls_due_is_told_within_the_notice_that_the_policy_gives(
    scanned: Path, receiver: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("OPS", "OWNERS"):
        monkeypatch.setenv(name, f"{receiver}/{name}")
    short = due_soon(scanned, tmp_path / "short", governance="review: {notice: 7d}\n")
    assert tell(short) is True
    assert "soon" not in str(_Receiver.got)
    long = due_soon(scanned, tmp_path / "long")
    assert tell(long) is True
    told = [each["message"] for each in _Receiver.got if "soon fall due" in each["title"]]
    assert len(told) == 2 and "reviewed-in-time on orders" in told[0]
    _Receiver.got.clear()
    opened = open_here(long)
    (long / "policies/orders.yaml").write_text("kind: [")  # in the midst of being written
    assert tell(long, opened=opened, exit_code=2, due=DUE + timedelta(days=1)) is True
    assert "policy files that do not load" in _Receiver.got[-1]["message"]


def tell(shop: Path, name: str = "nightly", **how: object) -> bool:
    opened = how.pop("opened", None) or open_here(shop)
    ended = Ended(job_called(opened, name), **({"exit_code": 1, "due": DUE} | how))
    return schedule._teller(opened).tell(ended)


def test_findings_are_listed_shown_and_summed_up(scanned: Path) -> None:
    listed = json.loads(run(scanned, "finding", "list", "--format", "json").output)
    (pii,) = (each for each in listed if each["control"] == "pii-declared")
    assert (pii["owner"], pii["age_days"], pii["field"]) == ("team:sales", 0, "email")
    shown = run(scanned, "finding", "show", pii["finding"][:6])
    assert "pii-declared" in shown.output and SECRET not in shown.output
    assert (
        f"1 of {len(listed)} findings"
        in run(scanned, "finding", "list", "--control", "pii-*", "--newer-than", "1d").output
    )
    for option, value, near in (
        ("--owner", "team:sale", "'team:sales'"), ("--control", "pii-declard", "'pii-declared'"),
        ("--asset", "ordres", "'orders'"), ("--state", "exiting", "'existing'"),
        ("--severity", "hihg", "'high'"), ("--sort", "ages", "'age'"),
        ("--format", "jsn", "'json'"),
        ("--at-least", "odd", "use one of: low"), ("--older-than", "3", "write it as 30d"),
    ):  # fmt: skip
        refused = run(scanned, "finding", "list", option, value)
        assert isinstance(refused.exception, GovernanceError) and near in str(refused.exception)
    digest = run(scanned, "finding", "digest").output
    assert f"{len(listed)} new, 0 closed; 0 late" in digest


def test_a_finding_is_shown_by_any_beginning_that_is_its_own(scanned: Path) -> None:
    ids = [each["finding"] for each in json.loads(
        run(scanned, "finding", "list", "--format", "json").output)]  # fmt: skip
    own = next(
        ids[0][:length]
        for length in range(1, 17)
        if sum(each.startswith(ids[0][:length]) for each in ids) == 1
    )
    assert ids[0] in run(scanned, "finding", "show", own).output
    for written, said in (("", "no finding has"), ("x", "no finding has")):
        assert said in str(run(scanned, "finding", "show", written).exception)
    odd = run(scanned, "finding", "list", "--severity", "nonsense")
    assert "critical, gap" in str(odd.exception)


def test_a_long_line_is_folded_at_blanks_and_no_digest_is_cut() -> None:
    digest = "sha256:" + "ab" * 32
    line = f"  weaker   {'a word ' * 20}{digest} and more words that follow it"
    parts = folded(line, 80).split("\n")
    assert all(len(part) <= 80 for part in parts)
    assert sum(digest in part for part in parts) == 1
    assert all(part.startswith("      ") for part in parts[1:])
    assert folded("short", 80) == "short"
    assert folded(f"  scan.finished document_root={digest} exit_code=3", 80).split("\n") == [
        "  scan.finished document_root=", f"      {digest}", "      exit_code=3",
    ]  # fmt: skip


@pytest.mark.network
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
def test_each_channel_is_told_once_and_a_failure_is_told_through_the_other(
    scanned: Path, receiver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS", f"{receiver}/ops")
    monkeypatch.setenv("OWNERS", "json://127.0.0.1:9/")  # nobody listens there
    assert tell(scanned) is False
    first, failure = _Receiver.got
    assert (
        "new finding" in first["title"] and "pii-declared on orders, team:sales" in first["message"]
    )
    assert SECRET not in str(_Receiver.got) and "grace" not in str(_Receiver.got)
    assert "env:OWNERS" in failure["message"] and "channels that failed" in failure["title"]
    (failed,) = entries(scanned, "notice.failed")
    assert (failed["channel"], failed["reason"]) == ("env:OWNERS", "it could not be delivered")

    _Receiver.got.clear()
    monkeypatch.setenv("OWNERS", f"{receiver}/owners")  # what did not arrive is told now
    assert tell(scanned) is True
    assert [each["path"] for each in _Receiver.got] == ["/owners"]
    assert tell(scanned) is True  # and nothing twice
    assert len(_Receiver.got) == 1

    aborted = {"exit_code": None, "reason": "it was ended by signal 9"}
    assert tell(scanned, **aborted) is True
    assert "signal 9" in _Receiver.got[-1]["message"]
    assert tell(scanned, "weekly", exit_code=0, output="team:sales: 1 open\n") is True
    assert _Receiver.got[-1]["message"] == "team:sales: 1 open"
