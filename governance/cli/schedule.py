"""``governance schedule``: what runs when, the process that runs it, and exports."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event as Signal
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import enter, open_here, parse_instant
from governance.cli.options import AsOfOption, WorkspaceOption
from governance.cli.printable import printable
from governance.errors import InvalidPolicyError, NothingToDoError, PolicyError

if TYPE_CHECKING:
    from governance.engine.ledger import Ledger
    from governance.engine.scheduling.history import Ending
    from governance.engine.scheduling.notices import Today
    from governance.engine.scheduling.running import Desk, Ended
    from governance.engine.scheduling.telling import Teller
    from governance.engine.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Recurring runs: list, run and export them.")

ABORTED, NOT_BEGUN = 130, 3
# A runner that has no memory of earlier runs takes what was due within this time for due.
_DUE_WITHIN = timedelta(minutes=50)


@app.command("list")
def list_schedules(workspace: WorkspaceOption = None, as_of: AsOfOption = None) -> None:
    """Show each schedule: when it is due next, how its last run ended, and what was missed."""
    from zoneinfo import ZoneInfo

    from governance.engine.scheduling.jobs import jobs_of
    from governance.engine.scheduling.service import read_history_of

    opened, visit = open_here(workspace), enter(parse_instant(as_of))
    now, zone = visit.clock(), ZoneInfo(opened.policy.project.timezone)
    desk = _desk(opened, visit.clock, Signal())
    past, jobs = read_history_of(desk), jobs_of(opened)
    missed, failed = _missed(opened, desk, now), _failed(desk)
    for job in jobs:
        due = job.next_due(now).astimezone(zone)
        typer.echo(printable(f"{job.name}: {job.schedule.run}  ({job.schedule.cron} {zone.key})"))
        typer.echo(f"  next    {due:%Y-%m-%d %H:%M %Z}")
        typer.echo(f"  last    {_last(past.ended.get(job.name))}")
        if missed.get(job.name):
            times = ", ".join(f"{one:%Y-%m-%d %H:%M}" for one in missed[job.name][-5:])
            typer.echo(f"  missed  {len(missed[job.name])} lately: {times} UTC")
        for channel in job.schedule.notify:
            is_set = channel.removeprefix("env:") in os.environ
            more = "" if is_set else " (not set here)"
            typer.echo(printable(f"  tells   {channel}{more}{failed.get(channel, '')}"))
    if not jobs:
        typer.echo("no schedules")


@app.command()
def run(
    once: Annotated[
        str | None, typer.Option("--once", help="Run this schedule now, and end.")
    ] = None,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="With --once: only where its newest start is open.")
    ] = False,
    grace: Annotated[
        float, typer.Option(min=0, help="Seconds that a run may go on when asked to end.")
    ] = 30.0,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Wait and run what is due, until asked to end; or run one schedule once."""
    from governance.engine.scheduling.jobs import job_called
    from governance.engine.scheduling.running import alone, run_job
    from governance.engine.scheduling.service import Service, settle_aborts

    opened, visit, stop = open_here(workspace), enter(parse_instant(as_of)), Signal()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    desk = _desk(opened, visit.clock, stop, grace)
    if once is None:
        with alone(opened):
            Service(desk, _reloader(opened), _tell, _say).serve()
        _say("ended")
        return
    job = job_called(opened, once)
    for line in settle_aborts(desk):
        _say(line)
    due = job.newest_due(visit.clock())
    if if_due and not _is_due(desk, once, due):
        _say(f"{job.name}: not due, the start of {due:%Y-%m-%d %H:%M} UTC was seen to")
        return
    ended = run_job(job, due, desk)
    if ended.output:
        typer.echo(printable_lines(ended.output), nl=False)
    if ended.reason is not None:
        _say(f"{job.name}: {ended.reason}")
    _tell(opened, ended)
    if ended.exit_code is None:
        raise typer.Exit(ABORTED if stop.is_set() else NOT_BEGUN)
    raise typer.Exit(ended.exit_code)


@app.command()
def export(
    target: Annotated[str, typer.Argument(help="cron, systemd, github or kubernetes.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder to write into.")
    ] = None,
    image: Annotated[str | None, typer.Option(help="For Kubernetes: the image.")] = None,
    program: Annotated[str | None, typer.Option(help="The command's path where it runs.")] = None,
    root: Annotated[Path | None, typer.Option(help="The workspace's path where it runs.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the schedules as files of cron, systemd, GitHub Actions or Kubernetes."""
    from governance.engine.scheduling.exporting import IMAGE_ROOT, ON_THIS_HOST, Deployment, export
    from governance.engine.scheduling.jobs import jobs_of

    opened = open_here(workspace)
    # NOTE: what runs elsewhere knows nothing of where this machine keeps things.
    is_here = target in ON_THIS_HOST
    where = Deployment(
        program=program or (is_here and shutil.which(sys.argv[0])) or "governance",
        root=root or (opened.root.absolute() if is_here else IMAGE_ROOT),
        image=image,
        now=enter().clock(),
    )
    files = export(target, jobs_of(opened), where)
    if output is None:
        for name, text in files.items():
            if len(files) > 1:
                typer.echo(f"# --- {name}")
            typer.echo(text, nl=False)
        return
    output.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (output / name).write_text(text, encoding="utf-8")
        typer.echo(f"wrote {printable(str(output / name))}")


def printable_lines(text: str) -> str:
    """Return text in which no line can steer a terminal."""
    return "".join(f"{printable(line)}\n" for line in text.splitlines())


def _desk(
    workspace: Workspace, clock: Callable[[], datetime], stop: Signal, grace: float = 30.0
) -> Desk:
    from governance.engine.scheduling.running import Desk

    return Desk(workspace, lambda: _ledger(workspace), clock, stop, grace)


def _ledger(workspace: Workspace) -> Ledger:
    """Return the trail under a new run's id."""
    return enter().ledger(workspace)


def _tell(workspace: Workspace, ended: Ended) -> None:
    _teller(workspace).tell(ended)


def _teller(workspace: Workspace) -> Teller:
    from governance.engine.scheduling.telling import Teller

    project = workspace.policy.project.id
    today = partial(_today, workspace.root)
    return Teller(project, lambda: _ledger(workspace), today, os.environ, _say)


def _today(root: Path) -> Today:
    """Return what there may be to tell, as the policy files of this moment have it."""
    from governance.cli.finding import since_of, today_of
    from governance.cli.standing import Here
    from governance.engine.scheduling.notices import Today

    try:
        here = Here(open_here(root), enter())
        _, rows, days = today_of(here)
    except NothingToDoError:
        return Today()
    except (PolicyError, InvalidPolicyError):
        _say("the policy files do not load: of the findings nothing is told until they do")
        return Today()
    notice = here.workspace.policy.project.review.notice
    # NOTE: what is due on a day is overdue on the next, and that is when a control says so.
    over = notice.after(days.today) - days.today + timedelta(days=1)
    clock = here.visit.clock
    ahead = Here(here.workspace, replace(here.visit, clock=lambda: clock() + over))
    return Today(
        rows=rows,
        later=today_of(ahead)[1],
        since=since_of(here),
        missed=_missed(here.workspace, _desk(here.workspace, clock, Signal()), days.now),
        now=days.now,
        notice=over,
    )


def _reloader(opened: Workspace) -> Callable[[], Workspace | None]:
    """Return what loads the policy files again when governance.yaml was written to."""
    file = opened.root / "governance.yaml"
    seen = [_stamp(file)]

    def reload() -> Workspace | None:
        stamp = _stamp(file)
        if stamp == seen[0]:
            return None
        seen[0] = stamp
        return open_here(opened.root)

    return reload


def _stamp(file: Path) -> tuple[int, int]:
    try:
        state = file.stat()
    except OSError:
        return (0, 0)
    return (state.st_mtime_ns, state.st_size)


def _is_due(desk: Desk, name: str, due: datetime) -> bool:
    from governance.engine.scheduling.service import read_history_of

    past = read_history_of(desk)
    if name in past.last:
        return past.last[name] < due
    return desk.clock() - due <= _DUE_WITHIN


def _last(ended: Ending | None) -> str:
    if ended is None:
        return "never"
    how = "aborted" if ended.exit_code is None else f"exit code {ended.exit_code}"
    counts = f"counts for the start of {ended.due:%Y-%m-%d %H:%M} UTC"
    return f"ended {ended.at:%Y-%m-%d %H:%M} UTC, {how}; {counts}"


def _missed(workspace: Workspace, desk: Desk, now: datetime) -> dict[str, tuple[datetime, ...]]:
    from governance.engine.kept import KEPT, kept_schedules
    from governance.trail.reading import read_entries
    from governance.trail.storage import exists

    place = desk.ledger().path
    if not exists(place):
        return {}
    kept = kept_schedules(read_entries(place, types=KEPT), workspace.policy.project, now)
    return {one.name: one.missed for one in kept}


def _failed(desk: Desk) -> dict[str, str]:
    """Return what is to be said of each channel at which the newest notice did not arrive."""
    from governance.engine.scheduling.notices import FAILED, SENT
    from governance.trail.reading import read_entries
    from governance.trail.storage import exists

    place, found = desk.ledger().path, dict[str, str]()
    for entry in read_entries(place, types={FAILED, SENT}) if exists(place) else ():
        why = f", failed {entry.ts:%Y-%m-%d %H:%M} UTC: {entry.payload.get('reason')}"
        found[entry.payload["channel"]] = why if entry.type == FAILED else ""
    return found


def _say(line: str) -> None:
    now = datetime.now().astimezone()
    sys.stderr.write(printable(f"{now:%Y-%m-%d %H:%M:%S} {line}") + "\n")
    sys.stderr.flush()
