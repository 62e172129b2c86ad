"""What a scan says about itself: what it looked for, what it did not read, what it withheld."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from governance.detectors import engines
from governance.engine.lens import Examined
from governance.engine.workspace import Workspace
from governance.model.asset import Asset, Place
from governance.model.evidence import NAMED_SIZE
from governance.model.facts import AssetFacts
from governance.model.parts import Nlp, NlpEngine
from governance.sources.inventory import count_hidden


def notes_of(
    workspace: Workspace, examined: Sequence[Examined], named: Sequence[Path], *, has_trail: bool
) -> tuple[str, ...]:
    """Return the notes of a scan of a workspace; ``named`` is what its caller asked for."""
    facts = tuple(each.facts for each in examined)
    assets = tuple(each.asset for each in facts)
    return (
        *_looked_for(workspace, has_trail=has_trail),
        *_withheld(assets),
        *_hidden(workspace, assets, named),
        *_unread(facts),
        *_taken_over(examined),
    )


def _looked_for(workspace: Workspace, *, has_trail: bool) -> tuple[str, ...]:
    countries = ", ".join(workspace.policy.project.countries)
    looked = f"of {countries}" if countries else "of no country (name yours under 'countries')"
    notes = [
        f"national numbers were looked for {looked}, elsewhere only where a header asks for them",
        _told_names(workspace.policy.project.nlp),
    ]
    if not workspace.declared:
        notes.append(
            "ad hoc scan: nothing is declared here, so only what the data itself shows was "
            "checked; 'governance init' starts a workspace"
        )
    if not has_trail:
        notes.append("no audit trail was kept of this run")
    return tuple(notes)


def _withheld(assets: Sequence[Asset]) -> tuple[str, ...]:
    """Say which names were not told, because they would have told a value."""
    count = sum(place.withheld is not None for asset in assets for place in asset.places)
    if not count:
        return ()
    return (
        f"{count} files, tables or members have a name that reads as personal data or a key; "
        "each is told as 'withheld-' and a keyed fingerprint of that name",
    )


def _hidden(
    workspace: Workspace, assets: Sequence[Asset], named: Sequence[Path]
) -> tuple[str, ...]:
    """Say how much nobody looked at, because a name that begins with a dot hides it."""
    places = [place for asset in assets for place in asset.places]
    places += [Place("here", pattern) for pattern in workspace.policy.project.watch]
    places += [Place("here", str(path), confined=False) for path in named]
    count = count_hidden(places, workspace.root)
    if not count:
        return ()
    what = "file or folder" if count == 1 else "files and folders"
    return (f"{count} hidden {what} among the data not looked at: name it to have it read",)


def _unread(facts: Sequence[AssetFacts]) -> tuple[str, ...]:
    """Say what was not read again, because its bytes are those that an earlier run read."""
    runs = Counter(place.read_by for each in facts for place in each.places if place.read_by)
    if not runs:
        return ()
    total = sum(len(each.places) for each in facts)
    named = ", ".join(run for run, _ in runs.most_common(3))
    return (
        f"{sum(runs.values())} of {total} places hold the very bytes that an earlier run measured "
        f"(run {named}) and were not read again; --full reads everything",
    )


def _taken_over(examined: Sequence[Examined]) -> tuple[str, ...]:
    """Say of which places only what was added was read."""
    begun = [each for found in examined for each in found.taken_over]
    if not begun:
        return ()
    runs, rows = sorted({run for run, _ in begun}), sum(rows for _, rows in begun)
    return (
        f"{len(begun)} places begin with the very bytes that an earlier run measured "
        f"(run {', '.join(runs[:3])}): of those {rows:,} rows the measurement was taken over, and "
        "only what was added was read; --full reads everything",
    )


def _told_names(nlp: Nlp) -> str:
    if nlp.engine is NlpEngine.NONE:
        return "names of persons were not looked for in text (nlp.engine is none)"
    return (
        f"names of persons were looked for by {engines.told(nlp)} in up to {NAMED_SIZE:,} distinct "
        "values of each column: a clean result never means that there is no personal data"
    )
