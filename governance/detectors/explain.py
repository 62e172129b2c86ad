"""Every piece of evidence about a field, for and against each entity, in order of weight.

The same numbers that ``weigh.py`` decides by, told one by one. Never a value: counts, shares and
masked previews.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from governance.detectors.against import speaks_against
from governance.detectors.dates import DATE_TIME
from governance.detectors.headers import tokens_of
from governance.detectors.kinds import NEEDS_A_PERSON
from governance.detectors.persons import LOCATION, PERSON, count_names, read_in_text
from governance.detectors.weigh import (
    CHANCE_RATE,
    HALF,
    SURE_RATE,
    Shares,
    shares_of,
    weigh_table,
)
from governance.model.evidence import FieldEvidence, Grade, TableEvidence
from governance.model.facts import Verdict


@dataclass(frozen=True, slots=True)
class Argument:
    """One piece of evidence.

    Args:
        weight: Thousandths, the heavier the more it decides. speaks_for: Else against.
    """

    weight: int
    speaks_for: bool
    entity: str
    words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was measured about a field, and what was made of it; the heaviest argument first."""

    field: str
    verdict: Verdict | None
    arguments: tuple[Argument, ...]


def explain(evidence: TableEvidence, name: str) -> Explanation | None:
    """Return the explanation of a field, or None where the table has no such field."""
    field = evidence.fields.get(name)
    if field is None:
        return None
    verdict = weigh_table(evidence.in_order()).get(name)
    entities = {mark.entity for mark in field.hits} | field.asked
    found = [each for entity in entities for each in _about(field, entity, verdict)]
    found += _about_names(field)
    return Explanation(
        name, verdict, tuple(sorted(found, key=lambda it: (-it.weight, it.entity, it.words)))
    )


def _about(field: FieldEvidence, entity: str, verdict: Verdict | None) -> Iterator[Argument]:
    shares = shares_of(field, entity)
    total = len(field.looks)

    def point(weight: float, speaks_for: bool, words: str) -> Argument:
        return Argument(round(weight * 1000), speaks_for, entity, words)

    if entity in field.asked:
        header = " ".join(tokens_of(field.name))[:60]
        yield point(0.5, True, f"the header '{header}' asks for it")
    elif shares.fits >= HALF > shares.certain:
        yield point(0.5, False, "the header does not ask for it, and its format proves little")
    yield point(
        shares.fits if shares.fits >= HALF else 1 - shares.fits,
        shares.fits >= HALF,
        f"{round(shares.fits * total):,} of {total:,} distinct values have its format as a whole, "
        f"{round(shares.certain * total):,} of them beyond doubt",
    )
    yield from (point(*each) for each in _checked(shares))
    certain = sum(hit.rows for mark, hit in field.hits.items()
                  if mark.entity == entity and mark.grade is Grade.STRONG)  # fmt: skip
    if certain:
        yield point(0.9, True, f"{certain:,} rows hold it beyond doubt, which counts as content")
    against = speaks_against(field, entity)
    if against:
        yield point(0.8, False, f"the values are {against}")
    if entity in NEEDS_A_PERSON and (verdict is None or verdict.entity != entity):
        yield point(0.7, False, "nothing beside it speaks of a person")


def _checked(shares: Shares) -> Iterator[tuple[float, bool, str]]:
    if shares.rate is None:
        return
    words = f"its check digits hold in {shares.rate:.0%} of the values that have them"
    if shares.rate >= SURE_RATE:
        yield 0.85, True, f"{words}; chance would give about 10 %"
    elif shares.rate <= CHANCE_RATE:
        yield 0.6, False, f"{words}, no more than chance would give"
    else:
        yield 0.3, False, words


def _about_names(field: FieldEvidence) -> Iterator[Argument]:
    names = count_names(field)
    for entity, count in ((PERSON, names.persons), (LOCATION, names.places)):
        if count:
            share = count / max(1, names.looked)
            words = f"{count:,} of {names.looked:,} distinct values looked at are recognised whole"
            yield Argument(round(share * 1000), share >= HALF, entity, words)
    dates = read_in_text(field, DATE_TIME)
    if dates:
        words = f"{dates.distinct:,} of {names.looked:,} values name a date, nobody's by itself"
        yield Argument(round(1000 * dates.share), True, DATE_TIME, words)
    if names.naming > names.persons:
        words = f"{names.naming:,} of {names.looked:,} values name {names.different:,} persons"
        yield Argument(round(1000 * names.naming / names.looked), True, PERSON, words)
