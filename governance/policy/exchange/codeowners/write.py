"""Who must look at which file: policy files and data, from the owners of the policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.policy.exchange.codeowners.block import Line
from governance.policy.exchange.codeowners.rules import ANY_NAME, is_owner
from governance.policy.exchange.remarks import Fate, Remark
from governance.policy.faults import quoted

_WILD = re.compile(r"\*\*|\*|\?")


@dataclass(slots=True)
class _Claims:
    """Patterns with their owners while they are collected."""

    prefix: str
    owners: dict[str, dict[str, None]] = field(default_factory=dict)
    remarks: dict[Remark, None] = field(default_factory=dict)


def write_lines(
    policy: EffectivePolicy, prefix: str
) -> tuple[tuple[Line, ...], tuple[Remark, ...]]:
    """Return a rule for each policy file and each place of data that somebody owns.

    The more a pattern says, the further down it stands, since the last match wins.

    Args:
        prefix: Where the workspace lies in the repository, as ``governance/``; empty at its root.
    """
    claims = _Claims(prefix)
    for position, owner in _documents(policy):
        if not position.file.startswith("pack:"):
            _claim(claims, policy, position.file, owner, position)
    for dataset in policy.datasets.values():
        for name, location in dataset.locations.items():
            path = location.path or location.url or ""
            place = policy.position("Dataset", dataset.id, f"locations.{name}")
            if path and "://" not in path and place:
                _claim(claims, policy, path, dataset.owner or "none", place)
    lines = [
        Line(pattern, tuple(owners), _sample(pattern)) for pattern, owners in claims.owners.items()
    ]
    return tuple(sorted(lines, key=_specificity)), tuple(sorted(claims.remarks))


def _documents(policy: EffectivePolicy) -> Iterator[tuple[Position, str]]:
    """Yield where each document stands and who answers for it."""
    for (kind, name), origins in policy.origins.items():
        owner = _owner(policy, kind, name)
        if owner is not None:
            yield origins[""].position, owner


def _owner(policy: EffectivePolicy, kind: str, name: str) -> str | None:
    """Return who answers for a document; None for kinds that nobody answers for."""
    held = {
        "Dataset": policy.datasets, "Model": policy.models, "Pipeline": policy.pipelines,
        "Policy": policy.policies,
    }.get(kind)  # fmt: skip
    if held is not None and name in held:
        return held[name].owner or "none"  # type: ignore[attr-defined]
    if kind == "Team":
        return f"team:{name}"
    if kind == "Grant":
        dataset = policy.datasets.get(policy.grants[name].dataset)
        return (dataset.owner if dataset else None) or "none"
    if kind == "Waiver":
        return _waiver_owner(policy, name)
    return None


def _waiver_owner(policy: EffectivePolicy, name: str) -> str:
    """Return who owns what a waiver excepts: the rule, or else the asset."""
    waiver = policy.waivers[name]
    if waiver.rule:
        rules = policy.policies.get(waiver.rule.rpartition(".")[0])
        return rules.owner if rules else "none"
    target = waiver.target.dataset
    asset = policy.datasets.get(target) or policy.models.get(target)
    return (asset.owner if asset else None) or "none"


def _claim(
    claims: _Claims, policy: EffectivePolicy, path: str, owner: str, position: Position
) -> None:
    handle = _handle(policy, owner)
    pattern = _pattern(claims.prefix, path)
    if owner == "none":
        problem = "nobody owns it"
    elif handle is None:
        problem = f"{owner} has no 'github' among its contacts"
        if not owner.startswith("team:"):
            problem = f"{owner} is no mail address that GitHub could know"
    elif pattern is None:
        problem = f"{quoted(path)} is no pattern that GitHub knows"
    else:
        claims.owners.setdefault(pattern, {})[handle] = None
        return
    claims.remarks[Remark(position, path, Fate.LOST, problem)] = None


def _handle(policy: EffectivePolicy, owner: str) -> str | None:
    kind, _, name = owner.partition(":")
    team = policy.teams.get(name) if kind == "team" else None
    word = (team.contacts.get("github", "") if team else "") if kind == "team" else name
    return word if is_owner(word) else None


def _pattern(prefix: str, path: str) -> str | None:
    """Return a path of the workspace as a pattern from the root of the repository."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or re.search(r"[\[\]!#\n]", path):
        return None
    tail = "/" if path.endswith("/") else ""
    return f"/{prefix}{'/'.join(parts)}{tail}".replace(" ", "\\ ")


def _sample(pattern: str) -> str:
    plain = _WILD.sub(ANY_NAME, pattern.replace("\\ ", " ").strip("/"))
    return f"{plain}/{ANY_NAME}" if pattern.endswith("/") else plain


def _specificity(line: Line) -> tuple[bool, int, int, str]:
    """Return a sort key: patterns before plain paths, short ones before long ones."""
    is_plain = not _WILD.search(line.pattern) and not line.pattern.endswith("/")
    return is_plain, line.pattern.count("/"), len(_WILD.sub("", line.pattern)), line.pattern
