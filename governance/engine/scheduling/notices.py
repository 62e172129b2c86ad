"""What is told after a run: new findings, missed runs, what is due, and what soon will be.

A notice names controls, assets, owners and ids. It holds no message of a finding, for that may
name who did something, and never anything that was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.engine.listing import Listed, severity_of
from governance.formats.cleaning import clean
from governance.model.outcome import FindingState
from governance.model.trail import Entry, Event

SENT, FAILED = "notice.sent", "notice.failed"
LISTED = 20
_KEYS_AT_MOST = 2000
_DUTIES = {
    "waiver-expired": ("waivers that ended", "waivers that soon end"),
    "reviewed-in-time": ("reviews that are due", "reviews that soon fall due"),
    "access-recertified": ("reviews that are due", "reviews that soon fall due"),
    "breach-drilled": ("reviews that are due", "reviews that soon fall due"),
    "regulation-tracked": ("reviews that are due", "reviews that soon fall due"),
    "skills-current": ("reviews that are due", "reviews that soon fall due"),
}
"""Controls whose findings time alone brings about: what they are once due, and before."""
_MISSED = "scans-ran-on-schedule"
_ORDER = (
    "runs that came to no result", "new findings", "waivers that ended", "waivers that soon end",
    "schedules with missed runs", "reviews that are due", "reviews that soon fall due",
    "channels that failed",
)  # fmt: skip
# What a chat makes a mention, a link or an order of; an invisible joint behind it is enough.
_LIVELY = re.compile(r"((?<!\w)@|<|\](?=\()|:(?=//)|\bw(?=ww\.))", re.IGNORECASE)
_JOINT = "\u200b"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to tell.

    Args:
        key: What it is recognised by, so that nobody is told twice.
    """

    topic: str
    key: str
    line: str


@dataclass(frozen=True)
class Today:
    """What there may be to tell.

    Args:
        rows: Today's findings. later: Those of the day when the notice is over, if nothing is done.
        since: When each was first known. missed: By schedule, the starts that were missed lately.
        now: Aware. notice: How long before something is due people are told.
    """

    rows: Sequence[Listed] = ()
    later: Sequence[Listed] = ()
    since: Mapping[str, datetime] = field(default_factory=dict)
    missed: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    now: datetime | None = None
    notice: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Notice:
    """What goes to one channel."""

    channel: str
    title: str
    body: str
    keys: tuple[str, ...]


def items_of(today: Today) -> Iterator[Item]:
    """Yield what there is to tell; what is waived or on the baseline is not told."""
    for row in _open(today.rows):
        if row.outcome.control != _MISSED:
            topic, _ = _DUTIES.get(row.outcome.control, ("new findings", ""))
            yield Item(topic, row.finding.id, _line(row))
    for name, missed in sorted(today.missed.items()):
        if missed:
            newest = f"{missed[-1]:%Y-%m-%d %H:%M} UTC"
            line = f"{name}: {len(missed)} missed lately, the newest that of {newest}"
            key = f"missed {name} {missed[-1].isoformat()}"
            yield Item("schedules with missed runs", key, inert(line))
    known = {row.finding.id for row in today.rows}
    for row in _open(today.later):
        if row.outcome.control in _DUTIES and row.finding.id not in known:
            _, topic = _DUTIES[row.outcome.control]
            yield Item(topic, f"soon {row.finding.id}", _line(row))


def known_since(today: Today) -> Mapping[str, datetime]:
    """Return from when on each item counts as known; what was told of it before is of no matter.

    NOTE: what was to fall due, and was told longer ago than people are told ahead, was seen to, and
    has come round again.
    """
    if today.now is None:
        return today.since
    soon = {f"soon {row.finding.id}": today.now - today.notice for row in today.later}
    return {**today.since, **soon}


def inert(line: str) -> str:
    """Return a line in which nothing that data wrote is a mention, a link or an order to a chat."""
    return _LIVELY.sub(rf"\1{_JOINT}", clean(line, 300))


def told_before(entries: Iterable[Entry], channel: str) -> dict[str, datetime]:
    """Return when each key was last told to a channel, from entries of type ``notice.sent``."""
    told: dict[str, datetime] = {}
    for entry in entries:
        if entry.payload["channel"] == channel:
            told.update(dict.fromkeys(entry.payload["keys"], entry.ts))
    return told


def untold(
    items: Iterable[Item], told: Mapping[str, datetime], since: Mapping[str, datetime]
) -> tuple[Item, ...]:
    """Return the items that are new to a channel; a finding that came back is new again."""
    return tuple(
        item
        for item in items
        if item.key not in told or (item.key in since and told[item.key] < since[item.key])
    )


def compose(project: str, channel: str, items: Sequence[Item]) -> Notice:
    """Return the notice of some items; each list is cut with its true length."""
    groups = {topic: [item for item in items if item.topic == topic] for topic in _ORDER}
    counts = [f"{len(found)} {topic}" for topic, found in groups.items() if found]
    lines = []
    for topic, found in groups.items():
        if not found:
            continue
        cut = f" (first {LISTED} of {len(found):,})" if len(found) > LISTED else ""
        lines += [f"{topic}{cut}:", *(f"  {item.line}" for item in found[:LISTED]), ""]
    lines.append("governance finding list | governance schedule list | governance audit log")
    title = clean(f"governance {project}: {', '.join(counts)}", 200)
    keys = tuple(dict.fromkeys(item.key for item in items))
    return Notice(channel, title, "\n".join(lines), keys)


def sent_events(notice: Notice, schedule: str) -> list[Event]:
    """Return the entries of a notice that arrived; many keys need several."""
    keys = notice.keys or ("",)
    return [
        Event(
            SENT,
            {
                "channel": notice.channel,
                "schedule": schedule,
                "keys": list(keys[start : start + _KEYS_AT_MOST]),
            },
        )
        for start in range(0, len(keys), _KEYS_AT_MOST)
    ]


def failed_event(notice: Notice, schedule: str, reason: str) -> Event:
    """Return the entry of a notice that did not arrive; what it said is told next time."""
    return Event(
        FAILED,
        {
            "channel": notice.channel,
            "schedule": schedule,
            "reason": reason,
            "items": len(notice.keys),
        },
    )


def _open(rows: Iterable[Listed]) -> Iterator[Listed]:
    quiet = (FindingState.WAIVED, FindingState.BASELINED)
    return (row for row in rows if row.finding.state not in quiet)


def _line(row: Listed) -> str:
    return inert(
        f"{severity_of(row.finding)} {row.outcome.control} on {row.outcome.asset}, "
        f"{row.owner}, {row.finding.id}"
    )
