"""Whether those who may see a dataset are cleared for what they see there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    not_applicable,
    settle,
)
from governance.controls.readers import READING, Readers
from governance.controls.subjects import dataset_of
from governance.model.asset import AssetKind
from governance.model.clearances import clearance_of, uses_clearances
from governance.model.clock import is_over
from governance.model.documents import Dataset, Grant
from governance.model.ladders import Classification, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.policy import RuleRef
from governance.model.position import Position
from governance.model.selectors import Selectable, matches
from governance.model.world import Subject

_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Opening:
    """A grant or a rule that opens columns of a dataset.

    Args:
        name: As ``grant audit-2026``. columns: Declared columns it opens.
        level: The highest tier among them; None when the dataset has none.
        principals: Who comes in by it and is known. to_anyone: Whether everybody does.
        unknown: A glob of persons whom the policy files do not list, or None.
    """

    name: str
    columns: tuple[str, ...]
    level: Classification | None
    principals: tuple[str, ...]
    position: Position | None
    rule: RuleRef | None = None
    to_anyone: bool = False
    unknown: str | None = None


class ClearanceMatches:
    """Whoever may see a dataset is cleared for the most sensitive column that is opened to them.

    Why:
        A rule that lets a role read "the orders" opens every column of them, also the one that
        was classified higher last month. The clearance says what a person was trusted with.

    Fails when:
        A grant in force or to come, or an allow rule, lets somebody read, export or train on
        columns above their clearance: the lowest that ``clearance`` of a membership or
        ``clearances`` of the project says of the person, else the highest of their teams and
        roles. Or it lets anyone do so, and the data is not public. Without a clearance of
        theirs the control is not evaluated; where the policy files give nobody one, it does not
        apply.

    Fix:
        Open fewer columns, give the permission to somebody who is cleared, or have the clearance
        raised by those who decide about it.

    Source:
        GDPR, special categories, security of processing; HIPAA, minimum necessary.
    """

    id: ClassVar[str] = "clearance-matches"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset, policy = dataset_of(subject), subject.world.policy
        if dataset is None or not uses_clearances(policy):
            reason = "the policy files give nobody a clearance"
            yield not_applicable(self, subject.asset, reason)
            return
        openings = _openings(subject, dataset)
        if not openings:
            yield not_applicable(self, subject.asset, "no rule and no grant lets anybody see it")
            return
        breaches: list[Breach] = []
        unknown: list[str] = []
        for opening in openings:
            _judge(subject, dataset, opening, breaches, unknown)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                unknown=unknown,
                reason=f"{counted(len(openings), 'permission')}, each to somebody cleared for it",
                grade=Grade.CLAIM,
                measured="0 above the clearance",
                threshold="0 above the clearance",
            ),
        )


def _openings(subject: Subject, dataset: Dataset) -> list[_Opening]:
    policy, readers = subject.world.policy, Readers(subject.world.policy, subject.world.today)
    found = [
        _by_grant(subject, dataset, grant, readers)
        for _, grant in sorted(policy.grants.items())
        if grant.dataset == dataset.id
        and not READING.isdisjoint(grant.actions)
        and not is_over(grant.ends, subject.world.today)
    ]
    concerning = policy.access_rules(dataset)
    denies = [ref for ref in concerning if ref.rule.deny]
    for ref in concerning:
        if ref.rule.allow and not READING.isdisjoint(ref.rule.allow) and ref.rule.to:
            found.append(_by_rule(subject, dataset, ref, readers, denies))
    if policy.project.defaults.access == "allow":
        position = policy.position("Project", policy.project.id, "defaults.access")
        level = _highest(dataset, tuple(dataset.fields))
        name = "the project's default"
        found.append(_Opening(name, tuple(dataset.fields), level, (), position, to_anyone=True))
    return found


def _by_grant(subject: Subject, dataset: Dataset, grant: Grant, readers: Readers) -> _Opening:
    patterns = grant.fields or ("*",)
    columns = tuple(
        name for name in dataset.fields if any(fnmatchcase(name, each) for each in patterns)
    )
    return _Opening(
        name=f"grant {grant.id}",
        columns=columns,
        level=_highest(dataset, columns, whole=not grant.fields),
        principals=readers.granted(grant.to),
        position=subject.world.policy.position("Grant", grant.id, "to"),
    )


def _by_rule(
    subject: Subject,
    dataset: Dataset,
    ref: RuleRef,
    readers: Readers,
    denies: Sequence[RuleRef],
) -> _Opening:
    selector = ref.policy.applies_to
    columns = tuple(name for name in dataset.fields if matches(selector, Selectable(dataset, name)))
    whole = selector.field is None and selector.category is None
    return _Opening(
        name=f"rule {ref.id}",
        columns=columns,
        level=_highest(dataset, columns, whole=whole),
        principals=readers.let_in(ref.rule, [deny.rule for deny in denies]),
        position=subject.world.policy.position("Policy", ref.policy.id, f"rules.{ref.name}.to"),
        rule=ref,
        to_anyone=readers.is_for_anyone(ref.rule, [deny.rule for deny in denies]),
        unknown=readers.unlisted(ref.rule),
    )


def _highest(
    dataset: Dataset, columns: tuple[str, ...], *, whole: bool = True
) -> Classification | None:
    """Return the highest tier of some columns, of the dataset too where all of it is opened."""
    levels = [dataset.fields[name].classification or dataset.classification for name in columns]
    if whole or not columns:
        levels.append(dataset.classification)
    known = [level for level in levels if level is not None]
    return max(known, key=lambda level: level.rank, default=None)


def _judge(
    subject: Subject,
    dataset: Dataset,
    opening: _Opening,
    breaches: list[Breach],
    unknown: list[str],
) -> None:
    if opening.level is None:
        unknown.append(f"{opening.name} opens data that nobody classified")
        return
    if opening.level is Classification.PUBLIC:
        return
    held = {
        who: clearance_of(subject.world.policy, who, subject.world.today)
        for who in opening.principals
    }
    short = {
        who: tier
        for who, tier in held.items()
        if tier is not None and tier.rank < opening.level.rank
    }
    if opening.to_anyone or short:
        breaches.append(_breach(subject, dataset, opening, short))
    if opening.to_anyone:  # the breach names everybody: also those of whom nothing is known
        return
    uncleared = [who for who, tier in held.items() if tier is None]
    if uncleared:
        unknown.append(f"{opening.name}: nobody says up to where {_names(uncleared)} is cleared")
    if opening.unknown:
        unknown.append(f"{opening.name}: who else fits {opening.unknown} is not known")


def _breach(
    subject: Subject, dataset: Dataset, opening: _Opening, short: dict[str, Classification]
) -> Breach:
    level = opening.level or Classification.RESTRICTED
    lowest = min(short.values(), key=lambda tier: tier.rank, default=None)
    if opening.to_anyone:
        who, held = "anyone", "no clearance at all"
    else:
        who, held = _names(sorted(short, key=lambda one: (short[one].rank, one))), str(lowest)
    sensitive = [
        name
        for name in opening.columns
        if (dataset.fields[name].classification or dataset.classification) is level
    ]
    columns = _names(sensitive) if sensitive else "the dataset"
    special = any(
        subject.world.policy.taxonomy.is_special(dataset.fields[name].category)
        for name in opening.columns
    )
    grave = level is Classification.RESTRICTED or special
    return Breach(
        title=f"{opening.name} opens {level} data to {who}",
        message=f"cleared for {held}; {columns} is {level}",
        remedy=(opening.rule.rule.fix if opening.rule else None)
        or "Open fewer columns, or give it to somebody who is cleared for them.",
        subject=opening.name,
        severity=Severity.CRITICAL if grave else Severity.HIGH,
        position=opening.position,
        rule=opening.rule,
        measured=held,
        threshold=str(level),
    )


def _names(names: Sequence[str]) -> str:
    """Return the first names of a list, as ``a, b and 3 more``."""
    shown, rest = names[:_NAMED], len(names) - _NAMED
    text = ", ".join(shown)
    return f"{text} and {rest} more" if rest > 0 else text
