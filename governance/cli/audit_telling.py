"""What ``governance audit verify`` prints: what was checked, what it proves, and what not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from governance.cli.pins import Pinned
    from governance.model.trail import Verification


def tell(
    path: Path | str, pinned: Pinned, found: Verification, now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield the lines, each as its name and its text."""
    from governance.formats.cleaning import clean, count
    from governance.trail.storage import told

    yield "trail", clean(told(path))
    yield "level", _level(found)
    if found.problem:
        yield "broken", clean(found.problem)
    yield "entries", _entries(found)
    if found.entries and not found.problem:
        yield "root", found.root
    if not found.deep and not found.problem:
        yield "index", "not compared with the entries; nothing is shown from it (--deep)"
    if found.checkpoint_size is not None:
        age = f", {_age(now - found.checkpoint_time)}" if found.checkpoint_time else ""
        yield "checkpoint", f"covers {count(found.checkpoint_size, 'entry', 'entries')}{age}"
        yield "unsigned", f"{count(found.unsigned_tail, 'entry', 'entries')} after it"
    if found.problem is None and found.entries:
        yield from _anchors(found, now)
    if pinned.key is not None:
        yield "key", clean(found.key_id or "")
        yield "pin", pinned.source or ""
    for remark in (*((pinned.remark,) if pinned.remark else ()), *found.remarks):
        yield "note", clean(remark)
    yield "not proved", _limits(found)


def _level(found: Verification) -> str:
    quorum = found.witnesses
    if quorum is None or found.problem:
        return found.level.name
    if found.level.name == "WITNESSED":
        return f"{found.level.name} {quorum.signed}/{quorum.known}"
    return f"{found.level.name} ({quorum.signed} of {quorum.known} witnesses)"


def _entries(found: Verification) -> str:
    from governance.formats.cleaning import count

    checked = found.entries - found.skipped - found.pruned
    parts = [f"{count(checked, 'entry', 'entries')} checked"]
    if found.skipped:
        parts.append(f"{found.skipped} not read again: a kept checkpoint covers them")
    if found.pruned:
        parts.append(f"{found.pruned} pruned, their hashes attested")
    return ", ".join(parts)


def _anchors(found: Verification, now: datetime) -> Iterator[tuple[str, str]]:
    from governance.formats.cleaning import clean, count

    for anchor in sorted(found.anchors, key=lambda each: each.size):
        age = f", {_age(now - anchor.time)}" if anchor.time else ""
        told = f"{count(anchor.size, 'entry', 'entries')} in {clean(anchor.source)}"
        yield "anchor", f"{anchor.kind}: {told}{age}"
    if not found.anchors:
        yield "anchor", "none: no checkpoint is known outside of the trail"
    yield "unanchored", f"{count(found.unanchored_tail, 'entry', 'entries')} after it"


def _limits(found: Verification) -> str:
    if found.problem:
        if not found.entries:
            return "anything: there is no entry to check"
        return "anything: compare with a copy and find out who changed it"
    if found.level.name == "INTACT":
        return "who wrote it: with no signature checked, the whole trail could have been rewritten"
    rest = "and that everything was logged (docs/trail.md)"
    if found.level.name == "SIGNED":
        return (
            "that no newer entry was cut off with its checkpoint, that the holder of the key "
            f"rewrote nothing, {rest}"
        )
    return f"that the holder of the key rewrote nothing after the newest anchor, {rest}"


def _age(age: timedelta) -> str:
    if age < timedelta(hours=1):
        return f"{max(int(age.total_seconds()) // 60, 0)} minutes old"
    hours = int(age.total_seconds()) // 3600
    return f"{hours} hours old" if hours < 48 else f"{hours // 24} days old"
