"""What an earlier run measured of a place that has grown since is merged with what was added.

Evidence merges whatever the cut, so the evidence of an unchanged beginning stands for its rows.
It is kept for places that are large beside it, and holds keyed hashes, counts and masked shapes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from governance.model.coverage import Coverage, CoverageStatus
from governance.model.evidence import (
    FieldEvidence,
    Grade,
    Hit,
    Look,
    Mark,
    Named,
    NamedSpan,
    TableEvidence,
)
from governance.sources.beginning import NOTHING, FileRead, Growth

if TYPE_CHECKING:
    from governance.engine.measured import Measured

# Evidence is kept where it takes at most this share of the place's own bytes.
SHARE_KEPT = 0.05
_CONTEXT = "governance 2026-11 smallest and largest numbers"


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier run kept of a place.

    Args:
        contents: Keyed digest of each file. groups: Of each row group of the last one.
        evidence: As ``pack`` writes it.
    """

    run: str
    contents: tuple[str, ...]
    groups: tuple[str, ...]
    files: tuple[FileRead, ...]
    evidence: bytes

    def growth(self, contents: Sequence[str]) -> Growth | None:
        """Return what may be left out of a place with these files; None for nothing."""
        count = len(self.contents)
        if len(contents) > count and tuple(contents[:count]) == self.contents:
            return Growth(self.files)
        is_begun = tuple(contents[: count - 1]) == self.contents[:-1] and len(contents) >= count
        if self.groups and is_begun:
            return Growth(self.files[:-1], self.groups, self.files[-1].rows)
        return None


@dataclass(frozen=True, slots=True)
class Growing:
    """A place that may grow from run to run.

    Args:
        run: This run. contents: Keyed digest of each file.
        earlier: What an earlier run kept of it, where it still begins like that.
    """

    run: str
    contents: tuple[str, ...]
    earlier: Earlier | None = None

    @property
    def growth(self) -> Growth | None:
        """What need not be read again."""
        return self.earlier.growth(self.contents) if self.earlier else None


def keep(measured: Measured, growing: Growing, key: bytes) -> bytes | None:
    """Return what is kept of a place, or None where it would not pay or tell too much.

    Counted days may be days of birth, which are values; where they were counted nothing is kept.
    """
    evidence, coverage = measured.evidence, measured.coverage
    is_whole = coverage.is_complete and len(measured.files) == len(growing.contents) > 0
    if not is_whole or evidence.incomplete or measured.incomplete or measured.protections.fields:
        return None
    if any(field.days for field in evidence.fields.values()):
        return None
    packed = pack(evidence, key)
    if len(packed) > SHARE_KEPT * coverage.bytes:
        return None
    head = {
        "run": growing.run,
        "contents": growing.contents,
        "groups": measured.groups,
        "files": [[each.rows, each.bytes, each.lines, each.parts] for each in measured.files],
    }
    return json.dumps(head).encode() + b"\n" + packed


def load(kept: bytes) -> Earlier | None:
    """Return what was kept; None where another version wrote it."""
    head, _, evidence = kept.partition(b"\n")
    try:
        told = json.loads(head)
        files = tuple(FileRead(*each) for each in told["files"])
        contents, groups = tuple(told["contents"]), tuple(told["groups"])
        return Earlier(told["run"], contents, groups, files, evidence)
    except (ValueError, KeyError, TypeError):
        return None


def completed(measured: Measured, earlier: Earlier | None, key: bytes) -> Measured:
    """Return what a place holds, together with the beginning that was not read now."""
    if earlier is None or measured.beginning == NOTHING:
        return measured
    try:
        before = unpack(earlier.evidence, key)
    except (ValueError, KeyError, TypeError, zlib.error):
        reason = "what was kept of its beginning is damaged; --full reads everything"
        return replace(measured, coverage=Coverage(CoverageStatus.SKIPPED, reason))
    return replace(measured, evidence=before.merge(measured.evidence))


def pack(evidence: TableEvidence, key: bytes) -> bytes:
    """Return evidence as compressed JSON; numbers that are values are moved by a keyed amount."""
    fields = [_field(each, _offset(each.name, key)) for each in evidence.fields.values()]
    return zlib.compress(json.dumps([evidence.rows, fields]).encode(), level=1)


def unpack(packed: bytes, key: bytes) -> TableEvidence:
    """Return the evidence that ``pack`` was given.

    Raises:
        ValueError, KeyError, TypeError, zlib.error: If it is something else.
    """
    rows, fields = json.loads(zlib.decompress(packed))
    read = [_read_field(each, key) for each in fields]
    return TableEvidence(rows, {each.name: each for each in read})


def _offset(name: str, key: bytes) -> int:
    derived = blake3(key, derive_key_context=_CONTEXT).digest()
    return int.from_bytes(
        blake3(name.encode("utf-8", "surrogatepass"), key=derived).digest(), "big"
    )


def _field(field: FieldEvidence, offset: int) -> dict[str, Any]:
    looks = list(dict.fromkeys(field.looks.values()))
    number_of = {look: number for number, look in enumerate(looks)}
    return {
        "name": field.name,
        "position": field.position,
        "types": sorted(field.types),
        "asked": sorted(field.asked),
        "counts": [field.rows, field.nulls, field.undated],
        "looks": looks,
        "hashes": list(field.looks),
        "look_of": [number_of[look] for look in field.looks.values()],
        "hits": [[mark, [hit.rows, hit.lines, hit.hashes, hit.preview, hit.fingerprint]]
                 for mark, hit in field.hits.items()],
        "named": [[number, each.rows, each.lines, each.spans]
                  for number, each in field.named.items()],
        "range": [None if each is None else str(each + offset) for each in (field.low, field.high)],
    }  # fmt: skip


def _read_field(told: dict[str, Any], key: bytes) -> FieldEvidence:
    looks = [Look(*each) for each in told["looks"]]
    rows, nulls, undated = told["counts"]
    offset = _offset(told["name"], key)
    low, high = (None if each is None else int(each) - offset for each in told["range"])
    return FieldEvidence(
        name=told["name"],
        position=told["position"],
        types=frozenset(told["types"]),
        asked=frozenset(told["asked"]),
        rows=rows,
        nulls=nulls,
        looks=dict(zip(told["hashes"], (looks[n] for n in told["look_of"]), strict=True)),
        hits={_mark(mark): Hit(count, tuple(lines), tuple(hashes), preview, fingerprint)
              for mark, (count, lines, hashes, preview, fingerprint) in told["hits"]},
        named={number: Named(count, tuple(lines), tuple(map(_span, spans)))
               for number, count, lines, spans in told["named"]},
        low=low,
        high=high,
        days=dict[date, int](),
        undated=undated,
    )  # fmt: skip


def _mark(told: list[Any]) -> Mark:
    entity, grade, *rest = told
    return Mark(entity, Grade(grade), *rest)


def _span(told: list[Any]) -> NamedSpan:
    mark, preview, fingerprint = told
    return NamedSpan(_mark(mark), preview, fingerprint)
