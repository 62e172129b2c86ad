"""What the names in a field's sample say: the column is persons, or its texts name some.

A model errs on single cells: it takes every fourth company for a person. So a column is judged by
the share over its distinct values, a text column by several different names in it, and neither by
one cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from governance.detectors.headers import tokens_of
from governance.detectors.vocabulary import NAMED_OTHERWISE
from governance.model.evidence import NAMED_SIZE, FieldEvidence, Named, NamedSpan
from governance.model.facts import EntityFacts

PERSON, LOCATION = "PERSON", "LOCATION"
# A column of persons: this share of the distinct values, this many of them at least, and twice as
# many persons as places.
PERSONS_SHARE, PERSONS_DISTINCT = 2 / 3, 20
# A text that names persons: this share of the distinct texts, and this many different names.
NAMING_SHARE, NAMING_DISTINCT = 0.02, 3


@dataclass(frozen=True)
class Names:
    """Counts over the sampled distinct values of a field.

    Args:
        looked: Values in the sample, whether a name can stand in them or not.
        persons: Values that are a person's name as a whole. places: That are a place's.
        naming: Values that name a person somewhere. different: Different names in them.
    """

    looked: int
    persons: int
    places: int
    naming: int
    different: int


def count_names(field: FieldEvidence) -> Names:
    """Return what was counted in a field's sample."""
    spans = [
        [span for span in named.spans if span.mark.entity == PERSON]
        for named in field.named.values()
    ]
    return Names(
        looked=sum(1 for _ in islice(field.looks, NAMED_SIZE)),
        persons=_whole(field, PERSON),
        places=_whole(field, LOCATION),
        naming=sum(1 for each in spans if each),
        different=len({span.fingerprint for each in spans for span in each}),
    )


def is_of_persons(field: FieldEvidence, names: Names) -> bool:
    """Return whether a column that does not say so holds names of persons."""
    if set(tokens_of(field.name)) & NAMED_OTHERWISE or names.looked < PERSONS_DISTINCT:
        return False
    share = names.persons / names.looked
    return share >= PERSONS_SHARE and names.persons >= 2 * names.places


def persons_in_text(field: FieldEvidence) -> EntityFacts | None:
    """Return the persons that a column of texts names, or None where there are too few to tell."""
    names = count_names(field)
    if names.different < NAMING_DISTINCT or names.naming < NAMING_SHARE * names.looked:
        return None
    return read_in_text(field, PERSON)


def read_in_text(field: FieldEvidence, entity: str) -> EntityFacts | None:
    """Return an entity that was read in the sampled values, or None where none holds it."""
    held = [(named, spans) for named in field.named.values() if (spans := _of(named, entity))]
    if not held:
        return None
    looked = sum(1 for _ in islice(field.looks, NAMED_SIZE))
    first = held[0][1][0]
    return EntityFacts(
        entity=entity,
        rows=sum(named.rows for named, _ in held),
        distinct=len(held),
        share=round(len(held) / looked, 4),
        checksum_rate=None,
        lines=tuple(sorted({line for named, _ in held for line in named.lines})[:20]),
        preview=first.preview,
        fingerprint=first.fingerprint,
        deterministic=False,
    )


def _whole(field: FieldEvidence, entity: str) -> int:
    return sum(
        any(span.mark.entity == entity and span.mark.whole for span in named.spans)
        for named in field.named.values()
    )


def _of(named: Named, entity: str) -> list[NamedSpan]:
    return [span for span in named.spans if span.mark.entity == entity]
