"""Documents whose parts are right one by one and make no sense together."""

from __future__ import annotations

import ipaddress
import itertools
import re
import shlex
import zoneinfo
from collections.abc import Iterable, Iterator
from datetime import date

from governance.model.documents import Dataset, ModelRecord, Project, Team
from governance.model.recurring import RUNNABLE, Schedule, is_runnable
from governance.model.rules import Window
from governance.policy.comparison.frequency import frequency
from governance.policy.cron import cron_fault
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.known import RESERVED_IDS, Known
from governance.policy.nodes import Path
from governance.policy.validation import Written

_DAY = "(mon|tue|wed|thu|fri|sat|sun)"
_DAYS = re.compile(rf"{_DAY}(-{_DAY})?(\s*,\s*{_DAY}(-{_DAY})?)*")
_END_OF_DAY = 24 * 60
_CHANNEL = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)


def check_sense(known: Known) -> Iterator[Fault]:
    """Yield a fault for each interval, location, team or project that contradicts itself."""
    for written in known.corpus.valid("Project"):
        yield from _project(written, written.model)
    for written in known.corpus.valid("Team"):
        yield from _team(written, written.model)
    for written in known.corpus.valid("Dataset"):
        yield from _asset(written, written.model)
        yield from _dataset(written, written.model)
    for written in known.corpus.valid("Model"):
        yield from _asset(written, written.model)
        yield from _model(written, written.model)


def check_interval(
    written: Written, path: Path, since: tuple[str, date | None], until: tuple[str, date | None]
) -> Iterator[Fault]:
    """Yield a fault when an interval ends before it starts.

    Args:
        path: The map that holds both ends. since: The first day's key and value.
        until: The last day's key and value.
    """
    first, last = since[1], until[1]
    if first is not None and last is not None and last < first:
        problem = f"{until[0]} {last} lies before {since[0]} {first}"
        yield Fault(written.at(*path, until[0]), problem, "mend one of the two dates")


def check_window(written: Written, path: Path, window: Window) -> Iterator[Fault]:
    """Yield a fault for days or hours that do not exist."""
    if window.days is not None and not _DAYS.fullmatch(window.days.lower()):
        problem = f"{quoted(window.days)} are no days of the week"
        yield Fault(written.at(*path, "days"), problem, "write them as mon-fri or sat,sun")
    if window.hours is not None:
        start, end = (_minutes(part) for part in window.hours.split("-"))
        if start is None or end is None or start == end:
            problem = f"{quoted(window.hours)} are no hours of a day"
            yield Fault(written.at(*path, "hours"), problem, "write them as 07:00-20:00")


def check_networks(written: Written, path: Path, networks: Iterable[str]) -> Iterator[Fault]:
    """Yield a fault for each text that is no network in CIDR notation."""
    for index, network in enumerate(networks):
        try:
            ipaddress.ip_network(network)
        except ValueError:
            problem = f"{quoted(network)} is no network"
            yield Fault(written.at(*path, index), problem, "write it as 10.0.0.0/8, host bits zero")


def _project(written: Written, project: Project) -> Iterator[Fault]:
    try:
        zoneinfo.ZoneInfo(project.timezone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        zones = zoneinfo.available_timezones()
        problem = f"unknown time zone {quoted(project.timezone)}"
        yield Fault(written.at("timezone"), problem, suggest(project.timezone, zones))
    for name, schedule in project.schedules.items():
        fault = cron_fault(schedule.cron)
        if fault:
            problem = f"{quoted(schedule.cron)} {fault}"
            remedy = 'write minute, hour, day, month and weekday, as "0 2 * * *"'
            yield Fault(written.at("schedules", name, "cron"), problem, remedy)
        yield from _schedule(written, name, schedule)


def _schedule(written: Written, name: str, schedule: Schedule) -> Iterator[Fault]:
    path = ("schedules", name)
    try:
        words = shlex.split(schedule.run)
    except ValueError:
        words = []
    if not is_runnable(words):
        problem = f"{quoted(schedule.run)} is nothing that a schedule may run"
        yield Fault(written.at(*path, "run"), problem, f"begin with one of: {', '.join(RUNNABLE)}")
    elif any(word.startswith(("--workspace", "-w", "--as-of")) for word in words):
        problem = "a schedule runs in its own workspace, at its own time"
        yield Fault(written.at(*path, "run"), problem, "leave out --workspace and --as-of")
    if not cron_fault(schedule.cron) and frequency(schedule.cron) is None:
        problem = f"{quoted(schedule.cron)} names a day that never comes"
        yield Fault(written.at(*path, "cron"), problem, "mend day and month")
    for index, channel in enumerate(schedule.notify):
        if not _CHANNEL.fullmatch(channel):
            # NOTE: what stands there may be an address with a password; it is not repeated.
            problem = "a channel is the name of a variable, not an address"
            remedy = "write env:NAME, and set that variable to the address"
            yield Fault(written.at(*path, "notify", index), problem, remedy)


def _team(written: Written, team: Team) -> Iterator[Fault]:
    if not team.lead.startswith("user:"):
        problem = f"the lead of a team is a person, found {quoted(team.lead)}"
        yield Fault(written.at("lead"), problem, "name one as user:ana@example.org")
    for member, membership in team.members.items():
        if not member.startswith(("user:", "service:")):
            problem = f"a member is a person or a service, found {quoted(member)}"
            yield Fault(written.key("members", member), problem, "name each as user: or service:")
        since, until = ("since", membership.since), ("until", membership.until)
        yield from check_interval(written, ("members", member), since, until)


def _asset(written: Written, asset: Dataset | ModelRecord) -> Iterator[Fault]:
    if asset.id in RESERVED_IDS:
        problem = f"the id {quoted(asset.id)} is taken by the audit trail"
        yield Fault(written.at("id"), problem, "choose another id")
    for owner, tenure in asset.ownership.items():
        since, until = ("since", tenure.since), ("until", tenure.until)
        yield from check_interval(written, ("ownership", owner), since, until)


def _dataset(written: Written, dataset: Dataset) -> Iterator[Fault]:
    if dataset.collected:
        since, until = ("since", dataset.collected.since), ("until", dataset.collected.until)
        yield from check_interval(written, ("collected",), since, until)
    for name, location in dataset.locations.items():
        if (location.path is None) == (location.url is None):
            both = location.path is not None
            problem = "has both path and url" if both else "has neither path nor url"
            position = written.key("locations", name, *(("url",) if both else ()))
            yield Fault(position, f"the location {quoted(name)} {problem}", "write one of the two")


def _model(written: Written, model: ModelRecord) -> Iterator[Fault]:
    days = [(key, getattr(model, key)) for key in ("trained_on", "deployed_on", "retired_on")]
    days = [(key, day) for key, day in days if day is not None]
    for earlier, later in itertools.pairwise(days):
        yield from check_interval(written, (), earlier, later)


def _minutes(text: str) -> int | None:
    hours, minutes = int(text[:2]), int(text[3:])
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= _END_OF_DAY else None
