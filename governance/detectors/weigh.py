"""The verdict "this column is an X": types compete, and the reasons are told.

Weighed over distinct values: the share that fits, the rate at which check digits hold against
the rate chance gives (Luhn 10 %, mod 11 9 %), the header's whole tokens, the neighbours in the
table, and what speaks against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from governance.detectors.against import ENOUGH_DISTINCT, OF_VERSIONS, is_of_things, speaks_against
from governance.detectors.headers import tokens_of
from governance.detectors.kinds import (
    BY_VOCABULARY,
    CHECKED,
    NEEDS_A_PERSON,
    NOT_A_PERSON,
    SPECIAL,
)
from governance.detectors.persons import count_names, is_of_persons
from governance.detectors.vocabulary import PERSON_WORDS
from governance.model.evidence import FieldEvidence, Grade, Mark
from governance.model.facts import Verdict

SURE_RATE = 0.9
VOCABULARY_SHARE = 0.8
VOCABULARY_DISTINCT = 3
CHANCE_RATE = 0.2
HALF = 0.5
_NAME_SHAPE = re.compile(r"\*{3}(?:[-.' ]{1,2}\*{1,3}|, \*{3}|\.){1,5}")


@dataclass(frozen=True)
class Shares:
    """Shares of a field's distinct values that are one entity as a whole, 0 to 1.

    ``fits`` counts every grade, ``certain`` the strong ones, ``passed`` those whose check digits
    hold; ``rate`` is passed over checked, None where nothing is checked.
    """

    count: int
    fits: float
    certain: float
    passed: float
    rate: float | None


@dataclass(frozen=True)
class Candidate:
    """One entity that a column could be."""

    entity: str
    score: float
    because: tuple[str, ...]


def weigh_table(fields: Sequence[FieldEvidence]) -> Mapping[str, Verdict]:
    """Return the verdicts by field name; fields that are nothing in particular are absent."""
    ranked = {field.name: sorted(_candidates(field), key=_rank) for field in fields}
    firm = {
        name: [each for each in found if each.entity not in NEEDS_A_PERSON]
        for name, found in ranked.items()
    }
    persons = sorted(
        name for name, found in firm.items() if found and found[0].entity not in NOT_A_PERSON
    )
    recognised = {field.name: tuple(_recognised(field)) for field in fields}
    beside = sorted({*persons, *(name for name, found in recognised.items() if found)})
    verdicts = {}
    for field in fields:
        near = {True: persons, False: beside}
        allowed = [
            each
            for each in (*ranked[field.name], *_bare_name(field, persons), *recognised[field.name])
            if each.entity not in NEEDS_A_PERSON
            or _speaks_of_a_person(field, near[each.entity in SPECIAL])
        ]
        if allowed:
            verdicts[field.name] = _verdict(sorted(allowed, key=_rank), field, beside)
    return verdicts


def _recognised(field: FieldEvidence) -> Iterator[Candidate]:
    """A column whose distinct values are mostly names that the model knows as a person's."""
    names = count_names(field)
    if "PERSON" in field.asked or not is_of_persons(field, names):
        return
    share = names.persons / names.looked
    looked = "" if names.looked == field.distinct else " looked at"
    because = [f"{names.persons} of {names.looked} distinct values{looked} are recognised as names"]
    if names.places:
        because.append(f"{names.places} are recognised as places")
    yield Candidate("PERSON", 0.45 + 0.3 * share, tuple(because))


def _rank(candidate: Candidate) -> tuple[float, str]:
    return -candidate.score, candidate.entity


def _verdict(ranked: Sequence[Candidate], field: FieldEvidence, persons: Sequence[str]) -> Verdict:
    first = ranked[0]
    because = first.because
    beside = [name for name in persons if name != field.name]
    if first.entity in NEEDS_A_PERSON and beside:
        because = (*because, f"stands beside '{beside[0]}', which speaks of a person")
    return Verdict(
        entity=first.entity,
        confidence=round(min(first.score, 0.99), 2),
        because=because,
        runner_up=ranked[1].entity if len(ranked) > 1 else None,
    )


def _speaks_of_a_person(field: FieldEvidence, persons: Sequence[str]) -> bool:
    return bool(set(persons) - {field.name}) or bool(PERSON_WORDS & set(tokens_of(field.name)))


def _candidates(field: FieldEvidence) -> Iterator[Candidate]:
    for entity in sorted({mark.entity for mark in field.hits}):
        shares = shares_of(field, entity)
        candidate = _weigh(field, entity, shares)
        if candidate:
            yield candidate


def _weigh(field: FieldEvidence, entity: str, shares: Shares) -> Candidate | None:
    asked = entity in field.asked
    against = speaks_against(field, entity)
    if shares.certain >= HALF and against != OF_VERSIONS and not is_of_things(field, entity):
        score = 0.6 + 0.3 * shares.certain + (0.09 if asked else 0.0)
        return Candidate(entity, score, _reasons(field, entity, shares))
    if asked and shares.fits >= HALF and not against:
        score = 0.5 + 0.2 * shares.fits + 0.2 * (shares.rate or 0.0)
        return Candidate(entity, score, _reasons(field, entity, shares))
    if (
        entity in CHECKED
        and (shares.rate or 0.0) >= SURE_RATE
        and shares.passed >= HALF
        and shares.count >= ENOUGH_DISTINCT
        and not against
    ):
        return Candidate(entity, 0.75, _reasons(field, entity, shares))
    if (
        entity in BY_VOCABULARY
        and shares.fits >= VOCABULARY_SHARE
        and shares.count >= VOCABULARY_DISTINCT
    ):
        return Candidate(entity, 0.6, _reasons(field, entity, shares))
    return None


def _reasons(field: FieldEvidence, entity: str, shares: Shares) -> tuple[str, ...]:
    total = len(field.looks)
    sampled = "" if total == field.distinct else " looked at"
    reasons = [f"{round(shares.fits * total)} of {total} distinct values{sampled} match"]
    if entity in field.asked:
        reasons.append(f"header '{' '.join(tokens_of(field.name))[:60]}' asks for it")
    if shares.rate is not None:
        reasons.append(_told_rate(entity, shares.rate))
    return tuple(reasons)


def _told_rate(entity: str, rate: float) -> str:
    if entity == "PHONE_NUMBER":
        return f"the numbering plans know {rate:.0%} of them"
    if rate <= CHANCE_RATE:
        return f"check digits hold in {rate:.0%}, no more than chance: made-up numbers"
    return f"check digits hold in {rate:.0%}"


def shares_of(field: FieldEvidence, entity: str) -> Shares:
    """Return the shares of the distinct values in the sketch that are an entity as a whole."""
    sample = field.looks.keys()
    pads = _lost_zeros(field)

    def among(keep: Sequence[Mark]) -> int:
        numbers = {number for mark in keep for number in field.hits[mark].hashes}
        return len(numbers & sample)

    marks = [
        mark
        for mark in field.hits
        if mark.entity == entity and mark.whole and (pads or not mark.restored)
    ]
    passed = among([mark for mark in marks if mark.checksum is True])
    failed = among([mark for mark in marks if mark.checksum is False])
    total = max(len(sample), 1)
    return Shares(
        count=among(marks),
        fits=among(marks) / total,
        certain=among([mark for mark in marks if mark.grade is Grade.STRONG]) / total,
        passed=passed / total,
        rate=passed / (passed + failed) if passed + failed else None,
    )


def _lost_zeros(field: FieldEvidence) -> bool:
    """Whether whole numbers of nearly one width show that leading zeros were lost."""
    lengths = [look.length for look in field.looks.values() if look.kind == "integer"]
    if len(lengths) < ENOUGH_DISTINCT or len(lengths) < len(field.looks):
        return False
    width = max(lengths)
    full = sum(1 for length in lengths if length == width)
    return 0.8 <= full / len(lengths) < 1.0 and min(lengths) >= width - 2


def _bare_name(field: FieldEvidence, persons: Sequence[str]) -> Iterator[Candidate]:
    """A column called just ``name`` holds persons where two columns beside it speak of persons."""
    if tokens_of(field.name)[-1:] != ("name",) or len(set(persons) - {field.name}) < 2:
        return
    if len(tokens_of(field.name)) > 1 or not field.looks:
        return
    alike = sum(1 for look in field.looks.values() if _NAME_SHAPE.fullmatch(look.shape))
    if alike >= 0.8 * len(field.looks):
        beside = " and ".join(f"'{name}'" for name in sorted(set(persons) - {field.name})[:2])
        because = (
            f"{alike} of {len(field.looks)} distinct values look like names",
            f"header 'name' beside {beside}",
        )
        yield Candidate("PERSON", 0.65, because)
