"""Erasing a person, pruning what is old, and the holds that forbid both.

The trail says what is about to be gone before it is gone: what is stopped in between is done by
running it again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from governance.engine.ledger import Ledger
from governance.errors import TrailError, UsageError
from governance.model.trail import Assurance, Event, Person
from governance.trail.body import format_time
from governance.trail.holds import HOLD_RELEASED, HOLD_SET, HOLD_TYPES, Hold, standing_holds
from governance.trail.outside import Outside
from governance.trail.privacy import Privacy
from governance.trail.pruning import Cut, plan_cut
from governance.trail.reading import read_entries
from governance.trail.storage import Where, told
from governance.trail.verify import DEEP, verify

_PIECE = 1 << 20


@dataclass(frozen=True)
class Erased:
    """What was erased: the reference that leads nowhere now, and how many details went."""

    ref: str
    details: int


def holds(trail: Where) -> tuple[Hold, ...]:
    """Return the holds that stand, from the entries themselves and not from the search index.

    Raises:
        TrailError: If the trail is missing or cannot be read.
    """
    return standing_holds(read_entries(trail, types=HOLD_TYPES))


def set_hold(ledger: Ledger, reason: str, subject: str | None) -> str:
    """Forbid pruning, and erasing of a person or (None) of anybody; return the hold's id."""
    name = secrets.token_hex(4)
    about = Person(subject) if subject else None
    payload = {"hold": name, "subject": about}
    with ledger:
        ledger.append([Event(HOLD_SET, payload, {"reason": reason}, about)])
        ledger.seal()
    return name


def release_hold(ledger: Ledger, name: str, reason: str) -> None:
    """End a hold.

    Raises:
        UsageError: If no such hold stands.
    """
    if name not in {hold.id for hold in holds(ledger.path)}:
        raise UsageError(name, "no such hold stands", "see 'governance audit hold list'")
    with ledger:
        ledger.append([Event(HOLD_RELEASED, {"hold": name}, {"reason": reason})])
        ledger.seal()


def erase(ledger: Ledger, privacy: Privacy, subject: str, reason: str) -> Erased | None:
    """Destroy a person's name, key and details; None if nothing is known of them.

    Raises:
        UsageError: If a hold forbids it.
        TrailError: If the trail does not verify or cannot be written; nothing is erased then.
    """
    held = privacy.find(subject)
    if held is None:
        return None
    for hold in holds(ledger.path):
        if hold.blocks(held.ref):
            raise _forbidden(hold)
    with ledger:
        payload = {"subject": held.ref, "details": held.details}
        # NOTE: why is told to the log's readers, so nobody's name belongs into it.
        ledger.append([Event("subject.erased", payload | {"reason": reason})])
        ledger.seal()
    privacy.erase(held.ref)
    return Erased(held.ref, held.details)


def traces(folder: Path, subject: str) -> Iterator[Path]:
    """Yield the files of a folder that hold a text, and those that cannot be read."""
    wanted = subject.encode()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and _holds(path, wanted):
            yield path


def prune(ledger: Ledger, before: datetime, outside: Outside) -> Cut | None:
    """Drop the bodies of entries before an instant; None where no whole segment is that old.

    Raises:
        UsageError: If a hold stands, or no checkpoint is kept outside of the trail.
        TrailError: If the trail does not verify under the pinned key, or cannot be written.
    """
    found = verify(
        ledger.path,
        pinned=ledger.pin.key,
        pin_source=ledger.pin.source,
        scope=DEEP,
        outside=outside,
    )
    if found.problem or found.level < Assurance.SIGNED:
        problem = f"the trail does not verify: {found.problem or 'it is not signed'}"
        raise TrailError(told(ledger.path), problem, "nothing is pruned from a broken trail")
    standing = holds(ledger.path)
    if standing:
        raise _forbidden(standing[0])
    if found.anchored is None:
        raise UsageError(
            told(ledger.path),
            "no checkpoint is known outside of the trail, and nothing is pruned before one is",
            "run 'governance audit checkpoint --git', or name a kept one with --checkpoint FILE",
        )
    limit = min(found.anchored.size, found.checkpoint_size or 0)
    cut = plan_cut(ledger.path, before, limit)
    if cut is not None:
        with ledger:
            ledger.prune(cut, format_time(before))
    return cut


def _holds(path: Path, wanted: bytes) -> bool:
    rest = b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if wanted in rest + piece:
                    return True
                rest = piece[-len(wanted) :]
    except OSError:
        return True
    return False


def _forbidden(hold: Hold) -> UsageError:
    problem = f"the legal hold {hold.id}, set in entry {hold.seq}, forbids it"
    return UsageError(hold.id, problem, "release it first: 'governance audit hold release'")
