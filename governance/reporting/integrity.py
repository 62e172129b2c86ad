"""What the audit trail proves about a period, and what it cannot prove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from governance.model.trail import Assurance, Entry, Verification
from governance.reporting.language import Said, said
from governance.reporting.parts import TrailView

_ALWAYS = (
    said("That every event was recorded: no log can show what was never written to it."),
    said("That what was recorded is true: the trail keeps what the tool reported at the time."),
)
_BELOW = {
    Assurance.SIGNED: said(
        "That the entries are those first written: no signed checkpoint was "
        "verified, so whoever can write the file could have rewritten it whole."
    ),
    Assurance.ANCHORED: said(
        "That the holder of the signing key did not rewrite it: no checkpoint "
        "was found outside the reach of that holder."
    ),
    Assurance.WITNESSED: said(
        "That everybody is shown the same trail: no independent witness has confirmed a checkpoint."
    ),
}

_UNSIGNED = said(
    "That the entries after the newest checkpoint are complete: they are not signed yet."
)
_UNPINNED = said("That the key is the right one: it was not compared with a key kept elsewhere.")


def view_trail(
    verification: Verification, entries: Sequence[Entry], counted: Mapping[str, int]
) -> TrailView:
    """Return the trail's section; ``entries`` are those of the period, but those ``counted``."""
    events = Counter(entry.type for entry in entries) + Counter(counted)
    return TrailView(
        level=verification.level.name.lower(),
        holds=verification.holds,
        problem=verification.problem,
        entries=verification.entries,
        root=verification.root,
        checkpoint_size=verification.checkpoint_size,
        checkpoint_time=verification.checkpoint_time,
        unsigned_tail=verification.unsigned_tail,
        key_id=verification.key_id,
        pin=verification.pin,
        period_entries=events.total(),
        events=tuple(sorted(events.items())),
        unproved=_unproved(verification),
    )


def _unproved(verification: Verification) -> tuple[Said, ...]:
    missing = [text for level, text in _BELOW.items() if verification.level < level]
    if verification.unsigned_tail:
        missing.append(_UNSIGNED)
    if verification.level >= Assurance.SIGNED and verification.pin is None:
        missing.append(_UNPINNED)
    return (*missing, *_ALWAYS)
