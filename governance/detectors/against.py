"""What speaks against a column: amounts, times, sequences, epochs, versions, impossible ages."""

from __future__ import annotations

import re

from governance.detectors.headers import tokens_of
from governance.detectors.kinds import HEADER_ONLY
from governance.detectors.vocabulary import (
    AMOUNT_WORDS,
    STATISTIC_WORDS,
    THING_WORDS,
    TIME_WORDS,
    VERSION_WORDS,
)
from governance.model.evidence import FieldEvidence

ENOUGH_DISTINCT = 20
# Groups of digits alone: what is no number of a person may be written the same way.
WRITTEN_ALIKE = frozenset({"PHONE_NUMBER", "US_ITIN", "US_SSN"})
OF_VERSIONS = "numbers of versions"
# Of addresses chosen at random one in 28 begins with a single digit; of versions nearly all do.
_VERSION_SHARE, _VERSION_DISTINCT = 0.9, 5
_VERSION = re.compile(r"#(?:\.#{1,3}){3}")


def speaks_against(field: FieldEvidence, entity: str) -> str | None:
    """Return what speaks against a number being an identifier, or None."""
    if entity == "IP_ADDRESS":
        return OF_VERSIONS if is_of_versions(field) else None
    if entity in HEADER_ONLY:
        return _by_its_header(field, entity)
    if not {look.kind for look in field.looks.values()} <= {"integer", "decimal"}:
        return None
    words = set(tokens_of(field.name))
    if words & AMOUNT_WORDS:
        return "an amount word in the header"
    if words & TIME_WORDS and entity not in field.asked:
        return "a time word in the header"
    return _plain_numbers(field)


def _plain_numbers(field: FieldEvidence) -> str | None:
    if field.low is None or field.high is None:
        return None
    span = field.high - field.low + 1
    if field.distinct >= ENOUGH_DISTINCT and span <= 1.1 * field.distinct:
        return "a sequence"
    return "an epoch range" if _is_epoch(field.low) and _is_epoch(field.high) else None


def _is_epoch(number: int) -> bool:
    """Seconds, milliseconds, micro- or nanoseconds between 2000 and 2035."""
    return any(
        946_684_800 * unit <= number <= 2_051_222_400 * unit for unit in (10**3, 10**6, 10**9)
    )


def _implausible_age(field: FieldEvidence) -> str | None:
    if field.high is not None and (field.high > 120 or (field.low or 0) < 0):
        return "beyond a human age"
    if set(tokens_of(field.name)) & STATISTIC_WORDS:
        return "a statistic, not a person's age"
    return None


def _by_its_header(field: FieldEvidence, entity: str) -> str | None:
    if entity == "AGE":
        return _implausible_age(field)
    words = {each for word in tokens_of(field.name) for each in (word, word.removesuffix("s"))}
    is_other = entity == "POSTAL_CODE" and words & (AMOUNT_WORDS | TIME_WORDS)
    return "counts or times, by the header" if is_other else None


def is_of_versions(field: FieldEvidence) -> bool:
    """Return whether a column of four numbers with dots counts versions, not machines."""
    if "IP_ADDRESS" in field.asked or not field.looks:
        return False
    if set(tokens_of(field.name)) & VERSION_WORDS:
        return True
    like = sum(1 for look in field.looks.values() if _VERSION.fullmatch(look.shape))
    return like >= max(_VERSION_DISTINCT, _VERSION_SHARE * len(field.looks))


def is_of_things(field: FieldEvidence, entity: str) -> bool:
    """Return whether a header says numbers of things, which no check digits contradict."""
    if entity not in WRITTEN_ALIKE or entity in field.asked:
        return False
    return bool(set(tokens_of(field.name)) & THING_WORDS)
