"""Which protection the values of a column show: redacted, masked, hashed, or none of these.

Only the shape of a value is judged. Evidence keeps, per shape, the smallest hashes of the
distinct values (a bottom-k sketch), so it merges in any order, stays small, and never loses
a rare shape: one clear value among a million digests is still counted.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from governance.anonymity.kinds import HASHED, MASKED, OTHER, REDACTED
from governance.model.facts import ProtectionFacts
from governance.model.rules import Shape, shape_name

if TYPE_CHECKING:
    import pyarrow as pa

SKETCH_SIZE = 4096
"""Distinct values remembered per shape; below this every count is exact."""

_HASH_SPACE = 2**64
_UNFIT = "unfit:"
_CODED = "coded"


@dataclass(frozen=True, slots=True)
class FieldProtection:
    """What was seen of one column.

    Args:
        rows: Rows that hold a value.
        sketches: Shape to the smallest 64-bit hashes of its distinct values, and ``unfit:`` with a
            form to those of the values that lack it, and ``coded`` to those of the values that
            are plain text in another spelling. Kept in memory only: a hash without a key
            is not fit to be stored or shown.
    """

    rows: int = 0
    sketches: Mapping[str, frozenset[int]] = field(default_factory=dict, repr=False)

    def merge(self, other: FieldProtection) -> FieldProtection:
        """Return what both saw together; the order of merging changes nothing."""
        shapes = self.sketches.keys() | other.sketches.keys()
        joined = {
            shape: _smallest(
                self.sketches.get(shape, frozenset()) | other.sketches.get(shape, frozenset())
            )
            for shape in shapes
        }
        return FieldProtection(self.rows + other.rows, joined)


@dataclass(frozen=True, slots=True)
class ProtectionEvidence:
    """What was seen of every column asked for that the batches hold."""

    fields: Mapping[str, FieldProtection] = field(default_factory=dict)

    def merge(self, other: ProtectionEvidence) -> ProtectionEvidence:
        """Return what both saw together."""
        nothing = FieldProtection()
        names = self.fields.keys() | other.fields.keys()
        return ProtectionEvidence(
            {
                name: self.fields.get(name, nothing).merge(other.fields.get(name, nothing))
                for name in names
            }
        )


EMPTY = ProtectionEvidence()
"""Nothing seen: merging it changes nothing."""


def observe(
    batch: pa.RecordBatch,
    fields: frozenset[str],
    forms: Mapping[str, Collection[Shape]] = MappingProxyType({}),
) -> ProtectionEvidence:
    """Return the protection that the named columns of a batch show.

    Args:
        batch: Rows as read; any column type.
        fields: Columns to look at; one that the batch lacks is left out of the evidence.
        forms: By column, what its values are held against.
    """
    return ProtectionEvidence(
        {
            name: _observe_column(batch, name, forms.get(name, ()))
            for name in sorted(fields & frozenset(batch.schema.names))
        }
    )


def conclude(evidence: ProtectionEvidence) -> Mapping[str, ProtectionFacts]:
    """Return the counts of distinct values per shape for every column seen.

    Counts are exact up to ``SKETCH_SIZE`` distinct values of a shape and estimated beyond, with
    a standard error of 1.6 %. A column of several rows that hold one and the same
    value counts as redacted: it tells nobody apart.

    Source: Bar-Yossef et al., Counting distinct elements in a data stream, 2002 (the
    estimator of the k-th smallest hash).
    """
    return {name: _facts(column) for name, column in sorted(evidence.fields.items())}


def _observe_column(batch: pa.RecordBatch, name: str, asked: Collection[Shape]) -> FieldProtection:
    # NOTE: by index, because a file may hold two columns of one name.
    seen = FieldProtection()
    for index in batch.schema.get_all_field_indices(name):
        column = batch.column(index).drop_null()
        seen = seen.merge(FieldProtection(len(column), _sketches(column, asked)))
    return seen


def _sketches(column: pa.Array, asked: Collection[Shape]) -> dict[str, frozenset[int]]:
    # NOTE: who merges and concludes spares itself the library that looks at values.
    import pyarrow.compute as pc

    from governance.anonymity.coded import coded_values
    from governance.anonymity.forms import unfit
    from governance.anonymity.shapes import shapes_of, text_of

    values = pc.unique(text_of(column))
    texts, shapes = values.to_pylist(), shapes_of(values)
    hashes: dict[str, list[int]] = {}
    for value, shape in zip(texts, shapes, strict=True):
        hashes.setdefault(shape, []).append(_hash(value))
    coded = coded_values(values)
    if coded:
        hashes[_CODED] = [_hash(texts[index]) for index in coded]
    for each in asked:
        lacking = pc.indices_nonzero(unfit(values, *each)).to_pylist()
        hashes[f"{_UNFIT}{shape_name(each)}"] = [
            _hash(texts[index]) for index in lacking if shapes[index] != REDACTED
        ]
    return {shape: _smallest(found) for shape, found in hashes.items()}


def _hash(value: str) -> int:
    data = value.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest())


def _smallest(hashes: Iterable[int]) -> frozenset[int]:
    distinct = frozenset(hashes)
    if len(distinct) <= SKETCH_SIZE:
        return distinct
    return frozenset(heapq.nsmallest(SKETCH_SIZE, distinct))


def _facts(column: FieldProtection) -> ProtectionFacts:
    estimated = {shape: _estimate(hashes) for shape, hashes in column.sketches.items()}
    coded = estimated.pop(_CODED, 0)
    counts = {name: count for name, count in estimated.items() if not name.startswith(_UNFIT)}
    lacking = {name: count for name, count in estimated.items() if name.startswith(_UNFIT)}
    digests = {shape: count for shape, count in counts.items() if shape.startswith(HASHED)}
    redacted, other = counts.get(REDACTED, 0), counts.get(OTHER, 0)
    if column.rows > 1 and sum(counts.values()) == 1 and other == 1:
        redacted, other = 1, 0
    return ProtectionFacts(
        distinct=sum(counts.values()),
        redacted=redacted,
        masked=counts.get(MASKED, 0),
        hashed=sum(digests.values()),
        hash_bits=_commonest_bits(digests),
        other=other,
        unfit=tuple((name.removeprefix(_UNFIT), lacking[name]) for name in sorted(lacking)),
        coded=coded,
    )


def _estimate(hashes: frozenset[int]) -> int:
    if len(hashes) < SKETCH_SIZE:
        return len(hashes)
    return max(SKETCH_SIZE, round((SKETCH_SIZE - 1) * _HASH_SPACE / max(hashes)))


def _commonest_bits(digests: Mapping[str, int]) -> int | None:
    sizes = {
        int(shape.removeprefix(HASHED)): count
        for shape, count in digests.items()
        if shape != HASHED
    }
    # NOTE: of two equally common lengths the longer one, so that a tie has one answer.
    return max(sizes, key=lambda bits: (sizes[bits], bits)) if sizes else None
