"""What is told after a run: findings nobody was told of, ended waivers, missed runs, due reviews.

A notice names controls, assets, owners and ids. It holds no message of a finding, for that may
name who did something, and never anything that was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.engine.listing import Listed, severity_of
from governance.formats.cleaning import clean
from governance.model.outcome import FindingState
from governance.model.trail import Entry, Event

SENT, FAILED = "notice.sent", "notice.failed"
LISTED = 20
_KEYS_AT_MOST = 2000
_TOPICS = {
    "waiver-expired": "waivers that ended",
    "scans-ran-on-schedule": "schedules with missed runs",
    "reviewed-in-time": "reviews that are due",
    "access-recertified": "reviews that are due",
    "breach-drilled": "reviews that are due",
    "regulation-tracked": "reviews that are due",
    "skills-current": "reviews that are due",
}
_ORDER = (
    "runs that came to no result", "new findings", "waivers that ended",
    "schedules with missed runs", "reviews that are due", "channels that failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to tell.

    Args:
        key: What it is recognised by, so that nobody is told twice.
    """

    topic: str
    key: str
    line: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What goes to one channel."""

    channel: str
    title: str
    body: str
    keys: tuple[str, ...]


def items_of(rows: Iterable[Listed]) -> Iterator[Item]:
    """Yield what today's findings tell; what is waived or on the baseline is not told."""
    for row in rows:
        if row.finding.state in (FindingState.WAIVED, FindingState.BASELINED):
            continue
        topic = _TOPICS.get(row.outcome.control, "new findings")
        line = (
            f"{severity_of(row.finding)} {row.outcome.control} on {row.outcome.asset}, "
            f"{row.owner}, {row.finding.id}"
        )
        yield Item(topic, row.finding.id, clean(line, 300))


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
