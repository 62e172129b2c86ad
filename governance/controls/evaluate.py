"""Every control meets every asset, and every meeting has an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from governance.controls.outcomes import not_applicable
from governance.controls.registry import CONTROLS
from governance.model.asset import Asset
from governance.model.outcome import Outcome
from governance.model.world import Control, Subject, World

_LOOK_AT_UNDECLARED = frozenset(
    {"pii-declared", "free-text-clean", "no-shadow-data", "byproducts-clean"}
)


class SilentControlError(RuntimeError):
    """A control broke its contract: a fault of this program, not of the data or the policy."""


def evaluate(
    assets: Sequence[Asset], world: World, controls: Sequence[Control] = CONTROLS
) -> tuple[Outcome, ...]:
    """Return the outcomes of every control on every asset, asset by asset.

    Raises:
        SilentControlError: If a control yields nothing for an asset, speaks about another one,
            or gives two findings the same identity.
    """
    return tuple(
        outcome
        for asset in assets
        for control in controls
        for outcome in _meet(control, Subject(asset, world.facts.get(asset.id), world))
    )


def _meet(control: Control, subject: Subject) -> Sequence[Outcome]:
    outcomes = tuple(_outcomes(control, subject))
    if not outcomes:
        raise SilentControlError(f"{control.id} has no outcome for a {subject.asset.kind}")
    if any(one.control != control.id or one.asset != subject.asset.id for one in outcomes):
        raise SilentControlError(f"{control.id} speaks about something else than its subject")
    found = [one.finding.id for one in outcomes if one.finding]
    if len(found) != len(set(found)):
        raise SilentControlError(f"{control.id} gives two findings one identity")
    return outcomes


def _outcomes(control: Control, subject: Subject) -> Iterator[Outcome]:
    asset = subject.asset
    if asset.kind not in control.applies_to:
        yield not_applicable(control, asset, f"it does not concern a {asset.kind.value}")
    elif not asset.declared and control.id not in _LOOK_AT_UNDECLARED:
        yield not_applicable(control, asset, "nothing declares this asset: see no-shadow-data")
    else:
        yield from control.evaluate(subject)
