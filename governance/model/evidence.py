"""Mergeable evidence about a table: counts, keyed hashes and shapes. Never a value.

Evidence is a commutative monoid: ``a.merge(b) == b.merge(a)``, merging is associative, and a
table gives the same evidence for any order of its rows and any cut into batches. Memory is
bounded: counters are exact, distinct values are kept as the ``SKETCH_SIZE`` smallest keyed
64-bit hashes (exact below that number, an estimate above).

Source of the estimate: Bar-Yossef et al., Counting distinct elements in a data stream, 2002.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from itertools import islice
from typing import NamedTuple

SKETCH_SIZE = 4096
NAMED_SIZE = 1024
LINES_KEPT = 20
HASH_SPACE = 2**64


class Grade(IntEnum):
    """How much one match in one value says by itself; the higher wins inside a value."""

    INVALID = 0  # the format fits, the check digits do not
    WEAK = 1  # a bare digit run or a name: nothing without corroboration
    CONTEXT = 2  # weak, with one of the entity's words beside it in the text
    STRONG = 3  # separators, prefix or a strong checksum: leaves no doubt


class Mark(NamedTuple):
    """What a detector says about one value.

    ``whole`` tells that the match is the whole value. ``checksum`` is None where the entity has
    no check digits. ``restored`` tells that leading zeros had to be put back. ``detail`` is the
    kind of secret.
    """

    entity: str
    grade: Grade
    whole: bool
    checksum: bool | None = None
    restored: bool = False
    detail: str | None = None


class Look(NamedTuple):
    """The outside of one distinct value: its kind, length in characters, words and shape."""

    kind: str
    length: int
    words: int
    shape: str


Hashes = tuple[int, ...]
"""Ascending keyed hashes, at most ``SKETCH_SIZE``."""


def merge_hashes(left: Hashes, right: Hashes) -> Hashes:
    """Return the smallest ``SKETCH_SIZE`` hashes of both, ascending, each once."""
    if not left or not right or left is right:
        return left or right
    # Two ascending runs: sorting them is one merge, and keys keep its order.
    return tuple(dict.fromkeys(sorted((*left, *right))))[:SKETCH_SIZE]


def estimate_distinct(hashes: Hashes) -> int:
    """Return the number of distinct values that a sketch stands for; exact when not full."""
    if len(hashes) < SKETCH_SIZE:
        return len(hashes)
    return round((SKETCH_SIZE - 1) * HASH_SPACE / max(hashes[-1], 1))


@dataclass(frozen=True, slots=True)
class Hit:
    """The values of a field that carry one mark.

    Args:
        rows: Rows, exact.
        lines: The first twenty row numbers, counted from 1, ascending.
        hashes: Sketch of the distinct values.
        preview: Masked shape of the match in the value with the smallest hash.
        fingerprint: Keyed hash of that match.
    """

    rows: int
    lines: tuple[int, ...]
    hashes: Hashes
    preview: str
    fingerprint: str

    def merge(self, other: Hit) -> Hit:
        """Return both together."""
        first = min((self, other), key=lambda hit: (hit.hashes[0], hit.preview, hit.fingerprint))
        return Hit(
            rows=self.rows + other.rows,
            lines=tuple(sorted({*self.lines, *other.lines})[:LINES_KEPT]),
            hashes=merge_hashes(self.hashes, other.hashes),
            preview=first.preview,
            fingerprint=first.fingerprint,
        )


class NamedSpan(NamedTuple):
    """One name that a model recognised in a value: what it is, and the masked match."""

    mark: Mark
    preview: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Named:
    """One value of the sample in which names were looked for.

    Args:
        rows: Rows that hold the value, exact. lines: The first twenty of them, ascending.
        spans: What was recognised, in the order of entity and position.
    """

    rows: int
    lines: tuple[int, ...]
    spans: tuple[NamedSpan, ...]

    def merge(self, other: Named) -> Named:
        """Return the rows of both; the value, and so what it holds, is the same."""
        lines = tuple(sorted({*self.lines, *other.lines})[:LINES_KEPT])
        return Named(self.rows + other.rows, lines, self.spans)


@dataclass(frozen=True)
class FieldEvidence:
    """What was seen of one field.

    Args:
        position: Its place in the table, from 0; the smallest one seen.
        types: Arrow types seen. asked: Entities that the header asks for.
        looks: Keyed hash to the look of the value, for the hashes of the sketch, ascending.
        named: Keyed hash to the names in the value, among the ``NAMED_SIZE`` smallest hashes of
            the field: a sample of the distinct values, all of them when there are fewer.
        low: The smallest whole number. high: The largest one; None when there is none.
        days: Rows per calendar day. undated: Rows without a readable date; both only for
            fields that were named as dated.
    """

    name: str
    position: int
    types: frozenset[str]
    asked: frozenset[str]
    rows: int
    nulls: int
    looks: Mapping[int, Look] = field(default_factory=dict)
    hits: Mapping[Mark, Hit] = field(default_factory=dict)
    named: Mapping[int, Named] = field(default_factory=dict)
    low: int | None = None
    high: int | None = None
    days: Mapping[date, int] = field(default_factory=dict)
    undated: int = 0

    @property
    def hashes(self) -> Hashes:
        return tuple(self.looks)

    @property
    def distinct(self) -> int:
        return estimate_distinct(self.hashes)

    def merge(self, other: FieldEvidence) -> FieldEvidence:
        """Return both together.

        Raises:
            ValueError: If they describe different fields.
        """
        if self.name != other.name:
            raise ValueError("only evidence of the same field merges")
        looks = _merge_looks(self.looks, other.looks)
        return FieldEvidence(
            name=self.name,
            position=min(self.position, other.position),
            types=self.types | other.types,
            asked=self.asked | other.asked,
            rows=self.rows + other.rows,
            nulls=self.nulls + other.nulls,
            looks=looks,
            hits=_merge_hits(self.hits, other.hits),
            named=_merge_named(self.named, other.named, looks),
            low=min((n for n in (self.low, other.low) if n is not None), default=None),
            high=max((n for n in (self.high, other.high) if n is not None), default=None),
            days={
                day: self.days.get(day, 0) + other.days.get(day, 0)
                for day in sorted({*self.days, *other.days})
            },
            undated=self.undated + other.undated,
        )


@dataclass(frozen=True)
class TableEvidence:
    """What was seen of one table.

    Args:
        fields: By name.
        incomplete: Why some value could not be examined to the end, or None. Never a value.
    """

    rows: int = 0
    fields: Mapping[str, FieldEvidence] = field(default_factory=dict)
    incomplete: str | None = None

    def merge(self, other: TableEvidence) -> TableEvidence:
        """Return both together; ``EMPTY`` is neutral."""
        fields = dict(self.fields)
        for name, evidence in other.fields.items():
            fields[name] = fields[name].merge(evidence) if name in fields else evidence
        reasons = {
            part
            for side in (self.incomplete, other.incomplete)
            if side
            for part in side.split("; ")
        }
        return TableEvidence(
            rows=self.rows + other.rows,
            fields=fields,
            incomplete="; ".join(sorted(reasons)) or None,
        )

    def in_order(self) -> tuple[FieldEvidence, ...]:
        """Return the fields in column order."""
        return tuple(sorted(self.fields.values(), key=lambda item: (item.position, item.name)))


EMPTY = TableEvidence()


def _merge_looks(left: Mapping[int, Look], right: Mapping[int, Look]) -> Mapping[int, Look]:
    if not left or not right:
        return left or right
    joined = {**left, **right}
    # NOTE: two values with one hash (chance 2^-64) would leave the look to the order of
    # merging, hence the smaller look.
    for number in left.keys() & right.keys():
        joined[number] = min(left[number], right[number])
    return {number: joined[number] for number in islice(sorted(joined), SKETCH_SIZE)}


def _merge_named(
    left: Mapping[int, Named], right: Mapping[int, Named], looks: Mapping[int, Look]
) -> Mapping[int, Named]:
    """A value outside of the joined sample is let go: some share may not have looked at it."""
    if not left and not right:
        return {}
    joined = dict(left)
    for number, named in right.items():
        joined[number] = joined[number].merge(named) if number in joined else named
    sample = tuple(islice(looks, NAMED_SIZE))
    last = sample[-1] if len(sample) == NAMED_SIZE else HASH_SPACE
    return {number: joined[number] for number in sorted(joined) if number <= last}


def _merge_hits(left: Mapping[Mark, Hit], right: Mapping[Mark, Hit]) -> Mapping[Mark, Hit]:
    joined = dict(left)
    for mark, hit in right.items():
        joined[mark] = joined[mark].merge(hit) if mark in joined else hit
    return joined
