"""What two versions of the policies say differently, whatever the text they say it in.

Effective documents are compared value by value: defaults, inheritance and the order of keys are
resolved by then, so that moving or reformatting text is no change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.policy.directions import Direction, Value, direction_of

_ABSENT = "nothing"
# What is one thing as a whole: a rule or a field is added and removed, not its keys.
_WHOLE = {"Policy": ("rules",), "Dataset": ("fields", "locations", "filters"),
          "Project": ("schedules",)}  # fmt: skip
_ORDER = (Direction.WEAKER, Direction.UNKNOWN, Direction.STRONGER, Direction.NEUTRAL)
_ALLOWING = frozenset({"allow"})

Documents = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs.

    Args:
        id: 16 hex digits of what changed and how.
        kind, document, path: Which value; the path is empty for the document itself.
        base, head: The lines that wrote it, None where there is none.
        asset: The asset it belongs to, None for a change that may touch any.
        approvers: Who must approve, as of the base: the asset's owner, the policy's owner.
    """

    id: str
    direction: Direction
    kind: str
    document: str
    path: str
    before: str
    after: str
    base: Position | None
    head: Position | None
    asset: str | None
    approvers: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The change in words."""
        where = f"{self.kind} {self.document}"
        if not self.path:
            return f"{where} was {'added' if self.before == _ABSENT else 'removed'}"
        if self.after == _ABSENT:
            return f"{where}: {self.path} was {self.before} and is gone"
        if self.before == _ABSENT:
            return f"{where}: {self.path} is {self.after} now"
        return f"{where}: {self.path} was {self.before} and is {self.after}"


def compare(base: EffectivePolicy, head: EffectivePolicy) -> tuple[Change, ...]:
    """Return every change from one version to another, the weakening ones first."""
    before, after = _documents(base), _documents(head)
    found = [
        _change(base, head, key, path, values)
        for key in sorted(before.keys() | after.keys())
        for path, values in _differences(key[0], before.get(key), after.get(key))
    ]
    return tuple(sorted(found, key=lambda each: (_ORDER.index(each.direction), each.sentence)))


def _documents(policy: EffectivePolicy) -> Documents:
    """Return the effective documents as JSON, without those of the shipped packs."""
    kinds: Mapping[str, Mapping[str, BaseModel]] = {
        "Dataset": policy.datasets, "Detectors": policy.detectors, "Grant": policy.grants,
        "Model": policy.models, "Pipeline": policy.pipelines, "Policy": policy.policies,
        "Project": {policy.project.id: policy.project}, "Team": policy.teams,
        "Waiver": policy.waivers,
    }  # fmt: skip
    return {
        (kind, name): document.model_dump(mode="json", by_alias=True, exclude_none=True)
        for kind, documents in kinds.items()
        for name, document in documents.items()
    }


def _differences(
    kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if before is None or after is None:
        yield "", (before, after)
        return
    yield from _differing(kind, "", before, after)


def _differing(
    kind: str, path: str, before: dict[str, Any], after: dict[str, Any]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    is_whole = path in _WHOLE.get(kind, ())
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        inner = f"{path}.{key}" if path else key
        if old == new or key in ("apiVersion", "kind", "id"):
            continue
        are_parts = all(each is None or isinstance(each, dict) for each in (old, new))
        if are_parts and not (is_whole and (old is None or new is None)):
            yield from _differing(kind, inner, old or {}, new or {})
        else:
            yield inner, (old, new)


def _change(
    base: EffectivePolicy,
    head: EffectivePolicy,
    key: tuple[str, str],
    path: str,
    values: tuple[Any, Any],
) -> Change:
    kind, document = key
    before, after = values
    direction = _direction(kind, path, before, after)
    told = [_told(value) for value in values]
    identity = json.dumps([kind, document, path, before, after], sort_keys=True, default=str)
    asset = _asset(kind, document, before or after)
    return Change(
        id=hashlib.sha256(identity.encode()).hexdigest()[:16],
        direction=direction,
        kind=kind,
        document=document,
        path=path,
        before=told[0],
        after=told[1],
        base=base.position(kind, document, path) if before is not None else None,
        head=head.position(kind, document, path) if after is not None else None,
        asset=asset,
        approvers=_approvers(base, kind, document, asset),
    )


def _direction(kind: str, path: str, before: Value, after: Value) -> Direction:
    """A rule that allows is the other way round: adding it is weaker."""
    is_rule = kind == "Policy" and path.startswith("rules.") and path.count(".") == 1
    if is_rule and (before is None or after is None):
        present = Direction.STRONGER if before is None else Direction.WEAKER
        return present.opposite if _ALLOWING & set(before or after) else present
    return direction_of(kind, path, before, after)


def _asset(kind: str, document: str, value: Value) -> str | None:
    if kind in ("Dataset", "Model", "Pipeline"):
        return document
    if kind == "Grant" and isinstance(value, dict):
        return value.get("dataset")
    if kind == "Waiver" and isinstance(value, dict):
        return (value.get("target") or {}).get("dataset")
    return None


def _approvers(
    base: EffectivePolicy, kind: str, document: str, asset: str | None
) -> tuple[str, ...]:
    owners = [base.policies[document].owner] if document in base.policies else []
    if asset is None and kind in ("Grant", "Waiver"):
        holder = base.grants.get(document)
        asset = holder.dataset if holder else None
        covered = base.waivers.get(document)
        asset = covered.target.dataset if covered else asset
    for owned in (base.datasets, base.models, base.pipelines):
        found = owned.get(asset or "")
        owners += [found.owner] if found is not None and found.owner else []
    return tuple(dict.fromkeys(owner for owner in owners if owner != "none"))


def _told(value: Value) -> str:
    if value is None:
        return _ABSENT
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "empty"
    return "there" if isinstance(value, dict) else str(value)
