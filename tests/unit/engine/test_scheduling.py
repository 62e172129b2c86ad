"""Schedules: what is due, what is exported, what is told, and to whom it does not arrive."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from governance.cli.main import app
from governance.engine.scheduling import history
from governance.engine.scheduling.calendar import calendar_lines, plain_cron, utc_cron
from governance.engine.scheduling.exporting import CACHE, Deployment, export
from governance.engine.scheduling.history import read_history
from governance.engine.scheduling.jobs import Job
from governance.engine.scheduling.notices import Item, compose, items_of, sent_events, untold
from governance.engine.scheduling.sending import send
from governance.engine.starter import gate_template
from governance.engine.timing import due_after
from governance.errors import UsageError
from governance.model.recurring import RUNNABLE, Schedule, is_runnable
from governance.model.trail import Entry
from tests.unit.engine.test_listing import listed
from tests.unit.engine.test_past import DAY, START, Log

# A plugin of apprise looks whether it can have a module that Python 3.13 dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PROJECT = "apiVersion: governance/v1\nkind: Project\nid: shop\n"
LINES = ("0 2 * * *", "30 0 * * mon", "*/7 1-5/2 1,15 jan-mar *", "0 6 2 1 *", "15 23 1 * 5-7",
         "0 0 29 2 *", "5/10 * * * *")  # fmt: skip


def job(cron: str = "0 2 * * *", zone: str = "UTC", name: str = "nightly", **more: object) -> Job:
    return Job(name, Schedule.model_validate({"cron": cron, "run": "scan", **more}), zone)


def times(cron: str, zone: str, count: int = 60) -> list[datetime]:
    return list(itertools.islice(due_after(cron, zone, NOW), count))


@pytest.mark.parametrize("cron", LINES)
def test_systemd_runs_when_cron_does(cron: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    found = set()
    for line in calendar_lines(job(cron, zone="Europe/Berlin")):
        command = ["systemd-analyze", "calendar", "--iterations=40", f"--base-time={NOW:%F %T} UTC"]
        told = subprocess.run([*command, line], capture_output=True, text=True, check=True)
        for text in re.findall(r"\w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", told.stdout):
            found.add(datetime.fromisoformat(f"{text}+00:00"))
    # NOTE: where two lines are joined, each has its own forty; only the common part is whole.
    end = sorted(found)[min(30, len(found) - 1)]
    if cron != "0 0 29 2 *":
        assert [at for at in sorted(found) if at < end] == [
            at for at in times(cron, "Europe/Berlin") if at < end
        ]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"])
@pytest.mark.parametrize("cron", LINES)
def test_a_line_in_utc_holds_every_time_that_is_due(cron: str, zone: str) -> None:
    line = utc_cron(job(cron, zone=zone), NOW, NOW + timedelta(days=800))
    due = [at for at in times(cron, zone, 200) if at < NOW + timedelta(days=700)]
    for at in due:
        assert next(due_after(line, "UTC", at - timedelta(minutes=1))) == at, line


def test_sunday_is_nought_where_seven_is_unknown() -> None:
    assert plain_cron("0 2 * * 5-7") == "0 2 * * 0,5,6"
    assert plain_cron("7 7 7 7 mon") == "7 7 7 7 mon"


def deployment(**how: object) -> Deployment:
    told = {"program": "/opt/my tools/governance", "root": Path("/srv/a b%c$d")}
    return Deployment(**{**told, "image": "registry.example.org/g:1", "now": NOW, **how})


def test_the_workflow_passes_githubs_schema(tmp_path: Path) -> None:
    jobs = tuple(job(LINES[number], "Europe/Berlin", f"job-{number}") for number in (0, 1))
    (text,) = export("github", jobs, deployment()).values()
    file = tmp_path / "schedules.yml"
    file.write_text(text)
    checker = Path(sys.executable).with_name("check-jsonschema")
    checked = subprocess.run(
        [checker, "--builtin-schema", "vendor.github-workflows", file], capture_output=True
    )
    assert checked.returncode == 0, checked.stdout
    written = yaml.safe_load(text)
    assert len(written[True]["schedule"]) == 2
    steps = written["jobs"]["run"]["steps"]
    gate = yaml.safe_load(gate_template("github"))["jobs"]["gate"]["steps"]
    assert next(step for step in gate if step.get("name") == "Install governance") in steps
    used = [step["uses"] for step in steps if "uses" in step]
    assert len(used) == 3 and all(re.search(r"@[0-9a-f]{40}$", action) for action in used)
    assert set(used) - {step.get("uses") for step in gate} == {CACHE}


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    for name, text in export("systemd", (job(),), deployment(program=sys.executable)).items():
        (tmp_path / name).write_text(text)
    units = [str(path) for path in tmp_path.iterdir()]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
    told = [line for line in checked.stderr.splitlines() if "governance-" in line]
    assert not told


def test_kubernetes_and_cron_name_what_runs_whatever_the_path_is_called(tmp_path: Path) -> None:
    (cron,) = export("cron", (job(),), deployment()).values()
    assert cron.endswith(
        "0 2 * * * '/opt/my tools/governance' schedule run --once nightly --if-due "
        "--workspace '/srv/a b\\%c$d'\n"
    )
    (text,) = export("kubernetes", (job(grace_minutes=5),), deployment()).values()
    spec = yaml.safe_load(text)["spec"]
    (container,) = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert (spec["timeZone"], spec["concurrencyPolicy"]) == ("UTC", "Forbid")
    assert spec["startingDeadlineSeconds"] == 300
    assert container["command"][-1] == container["volumeMounts"][0]["mountPath"] == "/srv/a b%c$d"
    if shutil.which("crontab"):
        (tmp_path / "governance.cron").write_text(cron)
        checked = ["crontab", "-n", str(tmp_path / "governance.cron")]
        assert subprocess.run(checked, capture_output=True).returncode == 0
    with pytest.raises(UsageError, match="image"):
        export("kubernetes", (job(),), deployment(image=None))


def test_what_runs_elsewhere_names_nothing_of_this_machine(tmp_path: Path) -> None:
    schedules = 'schedules: {nightly: {cron: "0 2 * * *", run: scan}}\n'
    (tmp_path / "governance.yaml").write_text(PROJECT + schedules)

    def exported(*words: str) -> str:
        more = ("--image", "g:1", "-w", str(tmp_path))
        ended = CliRunner().invoke(app, ["schedule", "export", *words, *more])
        assert ended.exit_code == 0, ended.output
        return ended.output

    told = exported("kubernetes")
    assert '["governance", "schedule", "run", ' in told and '"--workspace", "/workspace"]' in told
    assert 'mountPath: "/workspace"' in told
    for target in ("kubernetes", "github"):
        assert str(tmp_path) not in exported(target) and sys.prefix not in exported(target)
    assert str(tmp_path) in exported("cron")
    assert "/opt/g" in exported("kubernetes", "--program", "/opt/g")


def test_what_lint_offers_to_a_schedule_is_a_command_and_nothing_else_runs() -> None:
    for line in RUNNABLE:
        words = line.split()
        assert is_runnable(words) and is_runnable([*words, "--quiet"])
        command = [word for word in words if not word.isupper()]
        helped = CliRunner().invoke(app, [*command, "--help"])
        assert helped.exit_code == 0 and "COMMAND [ARGS]" not in helped.output, line
    for line in ("audit", "audit erase", "finding", "report", "report --period", "review sign", ""):
        assert not is_runnable(line.split()), line


def test_a_run_by_hand_tells_when_it_ended_and_which_start_it_counts_for() -> None:
    log, due = Log(), START + DAY
    log.add(due, history.STARTED, "r1", schedule="nightly", due=due.isoformat())
    said = {"schedule": "nightly", "due": due.isoformat(), "run": "r1", "exit_code": 1}
    at = due + timedelta(hours=10)
    log.entries.append(Entry(1, at, history.FINISHED, None, "user:x", said, b""))
    ended = read_history(log.entries).ended["nightly"]
    assert (ended.due, ended.at, ended.exit_code) == (due, at, 1)


def test_an_aborted_start_is_tried_again_but_not_for_ever() -> None:
    log = Log()
    opening = {"schedules": {"nightly": "0 2 * * *"}, "at": START.isoformat()}
    log.entries.append(Entry(0, START, history.OPENED, None, "user:x", opening, b""))
    due = (START + DAY).isoformat()
    for number in range(1, history.TRIES + 1):
        log.add(START + DAY, history.STARTED, f"r{number}", schedule="nightly", due=due)
        log.add(START + DAY, "scan.started", f"s{number}", targets=[])
        assert read_history(log.entries).open[f"r{number}"].scans[-1] == f"s{number}"
        ended = {"schedule": "nightly", "due": due, "run": f"r{number}"}
        log.entries.append(Entry(0, START + DAY, history.ABORTED, None, "user:x", ended, b""))
        handled = read_history(log.entries).handled(job())
        assert handled == (START + DAY if number == history.TRIES else START)
    assert read_history(log.entries).handled(job("1 2 * * *")) is None


def test_a_notice_names_no_message_and_nobody_is_told_twice() -> None:
    items = tuple(items_of(listed()))
    assert [item.topic for item in items] == ["new findings"] * 3  # the waived one is not told
    told = dict.fromkeys((items[0].key,), NOW)
    assert untold(items, told, {}) == items[1:]
    came_back = untold(items, told, {items[0].key: NOW + DAY})
    assert came_back == items
    many = [Item("new findings", f"k{number}", f"line {number}") for number in range(4_500)]
    notice = compose("shop", "env:X", many)
    assert "first 20 of 4,500" in notice.body and notice.title.endswith("4500 new findings")
    events = sent_events(notice, "nightly")
    assert sum(len(event.payload["keys"]) for event in events) == 4_500


class _Receiver(BaseHTTPRequestHandler):
    got: list[dict[str, str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append(json.loads(body))
        self.send_response(500 if self.path.endswith("/broken") else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def receiver() -> Iterator[str]:
    """Return the address of a local web server that keeps what it is sent."""
    _Receiver.got.clear()
    with HTTPServer(("127.0.0.1", 0), _Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"json://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.network
def test_a_notice_arrives_at_a_web_server_and_a_refusal_is_told(receiver: str, capfd) -> None:
    secret = receiver.replace("://", "://user:hunter2hunter2@")
    assert send("env:A", "title", "<b>body</b>", {"A": secret}) is None
    assert _Receiver.got[-1]["title"] == "title"
    assert _Receiver.got[-1]["message"] == "<b>body</b>"
    for environment, reason in (
        ({}, "is not set"),
        ({"A": "no address"}, "holds no address"),
        ({"A": f"{secret}/broken"}, "could not be delivered"),
        ({"A": "json://user:hunter2hunter2@127.0.0.1:9/"}, "could not be delivered"),
    ):
        told = send("env:A", "title", "body", environment)
        assert told is not None and reason in told
        assert "hunter2" not in told
    assert "hunter2" not in "".join(capfd.readouterr())


@pytest.mark.network
def test_a_notice_arrives_as_mail() -> None:
    from aiosmtpd.controller import Controller

    got = []

    class Keep:
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
            got.append(envelope.content.decode())
            return "250 OK"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keep(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        address = f"mailto://127.0.0.1:{port}?from=g@example.org&to=ops@example.org&mode=insecure"
        assert send("env:A", "two new findings", "high pii-declared", {"A": address}) is None
    finally:
        controller.stop()
    assert "two new findings" in got[0]
