"""One asset in, what was measured of it out: read, detect, observe, conclude.

A big place is measured in shares, by several workers: each reads all of it, for reading is cheap
and row numbers stay true, and examines every n-th chunk. What the shares measured merges.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from governance.anonymity import protection
from governance.detectors import engines, examine
from governance.detectors.names import NameFinder
from governance.detectors.plugins import load_plugins
from governance.engine.closer import dated_fields, protected_fields
from governance.engine.lens import Examined, Lens, is_divisible
from governance.engine.measured import WHOLE, Measured, Share, join_asset
from governance.engine.uses import UseCollector
from governance.engine.workspace import Workspace
from governance.model.asset import Asset, Place
from governance.model.evidence import EMPTY
from governance.model.parts import NlpEngine
from governance.sources.beginning import NOTHING, Growth
from governance.sources.cut import Cut
from governance.sources.extent import EVERYTHING
from governance.sources.reading import read_place
from governance.sources.rowgroups import beginning_of, row_groups


def _names(workspace: Workspace) -> Callable[[], NameFinder] | None:
    nlp = workspace.policy.project.nlp
    return None if nlp.engine is NlpEngine.NONE else partial(engines.load, nlp, workspace.root)


def examine_share(
    asset: Asset, place: Place, lens: Lens, share: Share = WHOLE, growth: Growth | None = None
) -> Measured:
    """Read a place and return what a share of its chunks holds.

    Args:
        growth: What an earlier run measured of it, if it is the same still.
    """
    policy, root = lens.workspace.policy, lens.workspace.root
    begun = beginning_of(place, root, growth, lens.key) if growth else NOTHING
    examiner = examine.Examiner(
        countries=policy.project.countries,
        patterns=policy.detectors,
        key=lens.key,
        dated=dated_fields(policy, asset),
        plugins=load_plugins(),
        names=_names(lens.workspace),
    )
    guarded = protected_fields(policy, asset, place)
    uses = UseCollector(asset.id, lens.names)
    evidence, protections = EMPTY, protection.EMPTY
    reading = read_place(place, root, lens.limits, begun)
    cut = Cut(reading, lens.extent)
    for number, piece in enumerate(cut):
        if number % share.count != share.index:
            continue
        evidence = evidence.merge(examiner.examine(piece.batch, piece.rows))
        protections = protections.merge(
            protection.observe(piece.batch, frozenset(guarded), guarded)
        )
        uses.add_accesses(piece.chunk.accesses)
        uses.add_lineage(piece.chunk.lineage)
    evidence = evidence.merge(examiner.finish())
    is_first = share.index == 0 and lens.extent == EVERYTHING
    return Measured(
        cut.coverage(),
        evidence,
        protections,
        (uses.counted(),),
        uses.lineage(),
        uses.flows(),
        _lost(uses),
        begun,
        tuple(reading.files),
        row_groups(place, root, lens.key, at=-1) if is_first and is_divisible(place) else (),
    )


def examine_asset(asset: Asset, lens: Lens) -> Examined:
    """Read every place of an asset here and now."""
    return join_asset(asset, [examine_share(asset, place, lens) for place in asset.places])


def _lost(uses: UseCollector) -> str | None:
    return (
        f"{uses.dropped} log events were not kept: too many distinct uses" if uses.dropped else None
    )
