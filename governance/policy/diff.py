"""What two versions of the policies say differently, whatever the text they say it in.

Effective documents are compared, with defaults, inheritance and the order of keys resolved; then
both versions are evaluated over everything declared, so that a change is judged by what it does:
which fields a rule no longer reaches, who may do what.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date

from governance.model.policy import EffectivePolicy
from governance.policy.comparison.approvers import approvers, assets_of, settings_owners
from governance.policy.comparison.change import (
    Change,
    Difference,
    Direction,
    Effect,
    Measured,
    Versions,
)
from governance.policy.comparison.differences import differences, locate
from governance.policy.comparison.effects import Attribution
from governance.policy.comparison.sentences import sentence, told
from governance.policy.comparison.verdicts import WORST_FIRST, Judgement


def compare(
    base: EffectivePolicy,
    head: EffectivePolicy,
    *,
    day: date,
    measured: Mapping[str, Measured] | None = None,
) -> tuple[Change, ...]:
    """Return every change from one version to another, the weakening ones first.

    Args:
        day: What is dated is held against it, as a waiver that is over.
        measured: What the last scan knows of datasets; without it a field left out is weaker.
    """
    versions = Versions(base, head, day, measured or {})
    found = tuple(differences(base, head))
    attribution = Attribution(versions, found)
    effects, stray = attribution.effects()
    judgement = Judgement(versions, attribution.coverage)
    changes = [_stray(versions, effect) for effect in stray]
    for difference in found:
        effect = effects.get(difference.key, Effect())
        direction = judgement.of(difference, effect)
        if direction is not None:
            effect = _with_reach(attribution, versions, difference, effect)
            changes.append(_change(versions, difference, effect, direction))
    return tuple(sorted(changes, key=lambda each: (WORST_FIRST.index(each.direction), *_at(each))))


def digest_of(changes: Iterable[Change]) -> str:
    """Return 16 hex digits over the ids of changes, whatever their order."""
    listed = "\n".join(sorted(change.id for change in changes))
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


def _at(change: Change) -> tuple[str, str, str]:
    return change.kind, change.document, change.path


def _with_reach(
    attribution: Attribution, versions: Versions, difference: Difference, effect: Effect
) -> Effect:
    """Add to a change of a rule the datasets that the rule concerns in the base."""
    if difference.kind != "Policy":
        return effect
    names = difference.path[1:2] if difference.path[:1] == ("rules",) else _rules(difference)
    if difference.path[:1] == ("applies_to",) or effect.assets:
        names = ()
    ids = [f"{difference.document}.{name}" for name in names]
    assets = {
        asset
        for rule_id in ids
        for policy in (versions.base, versions.head)
        for asset in attribution.coverage.reached(policy, rule_id)
    }
    return effect + Effect(assets=tuple(sorted(assets)))


def _rules(difference: Difference) -> tuple[str, ...]:
    value = difference.before or difference.after
    is_whole = not difference.path and isinstance(value, dict)
    return tuple(value["rules"]) if is_whole else ()


def _change(
    versions: Versions, difference: Difference, effect: Effect, direction: Direction
) -> Change:
    base, head = versions.base, versions.head
    kind, name, path = difference.kind, difference.document, difference.dotted
    before, after = difference.before, difference.after
    consequences = effect.losses or effect.gains
    if direction is Direction.WEAKER:
        consequences = effect.losses
    return Change(
        id=_identity(difference, direction, effect),
        direction=direction,
        kind=kind,
        document=name or (base.project.id if kind == "Project" else ""),
        path=path,
        before=told(before),
        after=told(after),
        sentence=sentence(difference, _owner(before)),
        base=locate(base, kind, name, path) if before is not None else None,
        head=locate(head, kind, name, path) if after is not None else None,
        assets=assets_of(base, difference, effect),
        rules=effect.rules,
        consequences=consequences,
        approvers=approvers(base, difference, effect) if direction.is_held else (),
    )


def _identity(difference: Difference, direction: Direction, effect: Effect) -> str:
    """Digest what changed and what that does: an approval of less is none of more."""
    told_apart = [
        difference.kind, difference.document, difference.path, difference.before, difference.after,
        direction.value, effect.marks,
    ]  # fmt: skip
    whole = json.dumps(told_apart, sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _stray(versions: Versions, effect: Effect) -> Change:
    """Return a weaker protection that no single document explains."""
    base = versions.base
    owners = {ref.id: ref.policy.owner for ref in base.rules()}
    parties = [owners[rule] for rule in effect.rules if rule in owners]
    parties += [str(base.datasets[each].owner) for each in effect.assets if each in base.datasets]
    known = tuple(dict.fromkeys(each for each in parties if each not in ("none", "None")))
    said = "; ".join(effect.losses)
    return Change(
        id=hashlib.sha256(f"{said} {effect.rules}".encode()).hexdigest()[:16],
        direction=Direction.WEAKER, kind="Policy", document=", ".join(effect.rules), path="",
        before="", after="", sentence=said, base=None, head=None, assets=effect.assets,
        rules=effect.rules, consequences=effect.losses, approvers=known or settings_owners(base),
    )  # fmt: skip


def _owner(value: object) -> str:
    owner = value.get("owner") if isinstance(value, dict) else None
    return owner if isinstance(owner, str) and owner != "none" else ""
