"""Schedules: what is due, what is exported, and what the schedulers that take it say of it."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from cronsim import CronSim
from typer.testing import CliRunner

from governance.cli.main import app
from governance.engine.scheduling import history
from governance.engine.scheduling.calendar import calendar_lines, plain_cron, utc_cron
from governance.engine.scheduling.exporting import CACHE, Deployment, export
from governance.engine.scheduling.history import read_history
from governance.engine.scheduling.jobs import Job
from governance.engine.starter import gate_template
from governance.engine.timing import due_after
from governance.errors import UsageError
from governance.model.recurring import RUNNABLE, Schedule, is_runnable
from governance.model.trail import Entry
from tests.unit.engine.test_past import DAY, START, Log

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


@pytest.mark.parametrize("version", ["1.27", "1.37"])  # the first with time zones for good
def test_kubernetes_takes_the_cron_jobs(version: str) -> None:
    jobs = (
        job("15 23 1 * 5-7", "Europe/Berlin", "nightly-" * 9 + "2", grace_minutes=0),
        job(name="nightly-" * 9 + "3"),
        job(),
    )
    (text,) = export("kubernetes", jobs, deployment()).values()
    found = list(yaml.safe_load_all(text))
    for each in found:
        kubernetes_validate.validate(each, version, strict=True)
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?", each["metadata"]["name"])
        assert len(each["spec"]["schedule"].split()) == 5 and CronSim(each["spec"]["schedule"], NOW)
    assert len({each["metadata"]["name"] for each in found}) == len(jobs) == len(found)
    found[0]["spec"]["concurrency"] = "Forbid"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(found[0], version, strict=True)


def test_cron_takes_the_table_in_debians_spelling_and_in_ours(tmp_path: Path) -> None:
    jobs = tuple(job(cron, "Europe/Berlin", f"job-{at}") for at, cron in enumerate(LINES))
    (text,) = export("cron", jobs, deployment()).values()
    lines = [line for line in text.splitlines() if line[0] in "0123456789*"]
    assert len(lines) == len(LINES)
    for line, cron in zip(lines, LINES, strict=True):
        fields = " ".join(line.split()[:5])
        assert next(CronSim(fields, NOW)) == next(CronSim(cron, NOW))
    if shutil.which("crontab") is None:
        pytest.skip("no cron is installed")
    file = tmp_path / "governance.cron"
    for written, code in ((text, 0), (text.replace("0 2 * * *", "0 25 * * *", 1), 1)):
        file.write_text(written)
        assert subprocess.run(["crontab", "-n", file], capture_output=True).returncode == code


def test_kubernetes_and_cron_name_what_runs_whatever_the_path_is_called() -> None:
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
