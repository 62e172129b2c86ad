"""Reading facts that travelled. The file is hostile until its digests hold, and bounded before."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from governance.errors import FactsError
from governance.facts.portable import FIELD, FORMAT, TIMED, USES, block_digest, signed_bytes
from governance.model.asset import Asset, AssetKind, Place, PlaceType
from governance.model.coverage import Coverage
from governance.model.facts import AssetFacts, FieldFacts, PlaceFacts
from governance.model.measured import AssetRecord

MAX_BYTES = 256 * 1024 * 1024
MAX_LINE = 8 * 1024 * 1024
_MAX_NUMBER = 2**63 - 1
_MARKS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_LFS = b"version https://git-lfs"
_AGAIN = "export the facts again: 'governance facts export'"
_COVERAGE = TypeAdapter(Coverage)

Vouches = Callable[[bytes, str], bool]


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose facts are expected, where they come from, and who vouches for them.

    Args:
        where: As it may be told. project: The id of the workspace's project.
        vouches: Whether a signature over some bytes is the pinned key's; None: no key is pinned.
    """

    where: str
    project: str
    vouches: Vouches | None = None


def parse_records(data: bytes, origin: Origin) -> tuple[AssetRecord, ...]:
    """Return the records of a file, sorted by kind and id.

    Raises:
        FactsError: If it is empty, too large, truncated, changed, of another project or version.
    """
    reader = _Reader(origin)
    try:
        return reader.read(data)
    except (ValidationError, KeyError, TypeError, ValueError, RecursionError, OverflowError):
        reader.fail("it holds something that no facts hold")


@dataclass(slots=True)
class _Block:
    """An asset's block that is being read."""

    head: dict[str, Any]
    places: list[tuple[dict[str, Any], list[FieldFacts]]] = field(default_factory=list)
    uses: dict[str, list[Any]] = field(default_factory=lambda: {kind: [] for kind in USES})
    findings: list[tuple[str, datetime]] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Reads line after line, and knows which one it is at."""

    origin: Origin
    at: int = 0

    def read(self, data: bytes) -> tuple[AssetRecord, ...]:
        """Return the records of the whole file."""
        lines = self._lines(data)
        self._check_head(next(lines))
        records: dict[tuple[str, str], AssetRecord] = {}
        for line in lines:
            head = self._object(line)
            if head == {"end": FORMAT}:
                break
            if "asset" not in head:
                self.fail("a line stands outside of any asset")
            record = self._record(_Block(head), lines)
            if record.key in records:
                self.fail("an asset stands there twice")
            records[record.key] = record
        else:
            self.fail("it is cut short: its end is missing")
        if next(lines, None) is not None:
            self.fail("something follows its end")
        if not records:
            self.fail("it holds the facts of no asset")
        return tuple(record for _, record in sorted(records.items()))

    def fail(self, problem: str, remedy: str = _AGAIN) -> NoReturn:
        """Stop with what is wrong, and at which line."""
        where = f"{self.origin.where}:{self.at}" if self.at else self.origin.where
        raise FactsError(where, problem, remedy) from None

    def _lines(self, data: bytes) -> Iterator[bytes]:
        if not data.strip():
            self.fail("the file is empty")
        if len(data) > MAX_BYTES:
            self.fail(f"the file is larger than {MAX_BYTES // 1024**2} MiB")
        if data.startswith(_LFS):
            self.fail("it is a pointer of Git LFS, not the facts", "run: git lfs pull")
        start = 0
        while start < len(data):
            self.at += 1
            end = data.find(b"\n", start)
            if end < 0:
                self.fail("it is cut short: its last line has no end")
            if end - start > MAX_LINE:
                self.fail("the line is too long")
            yield data[start : end + 1]
            start = end + 1

    def _object(self, line: bytes) -> dict[str, Any]:
        if line.startswith(_MARKS):
            remedy = "keep either side of it whole, or scan and export again on the merged branch"
            self.fail("a merge conflict stands here: both sides measured the same asset", remedy)
        found = json.loads(
            line, parse_int=_whole, parse_float=_finite, parse_constant=_refuse,
            object_pairs_hook=_distinct,
        )  # fmt: skip
        if not isinstance(found, dict):
            self.fail("the line holds no object")
        return found

    def _check_head(self, line: bytes) -> None:
        try:
            head = self._object(line)
            stated = str(head["facts"])
        except (KeyError, ValueError, RecursionError):
            self.fail("these are no facts that 'governance facts export' wrote")
        if stated != FORMAT:
            is_ours = stated.startswith("governance/facts/")
            problem = f"another version of the tool wrote it (this one reads {FORMAT})"
            self.fail(problem if is_ours else "these are no facts", "use the same version on both")
        if head != {"facts": FORMAT, "project": self.origin.project}:
            remedy = f"name the facts of '{self.origin.project}'"
            self.fail("they are the facts of another project", remedy)

    def _record(self, block: _Block, lines: Iterator[bytes]) -> AssetRecord:
        at, end = self.at, {"end": block.head["asset"]}
        for line in lines:
            content = self._object(line)
            if content == end:
                break
            block.body.append(line)
            self._take(block, content)
        else:
            self.fail("it is cut short: an asset's end is missing")
        digest = block_digest(self.origin.project, block.head, block.body)
        if digest != block.head["digest"]:
            self.at = at
            self.fail("what stands below this line is not what was exported: its digest differs")
        return _as_record(block, self.origin)

    def _take(self, block: _Block, line: dict[str, Any]) -> None:
        match line:
            case {"place": _, "uri": _, "coverage": _, "read_by": _} if len(line) == 4:
                block.places.append((line, []))
            case {"field": dict(found)} if len(line) == 1 and block.places:
                block.places[-1][1].append(FIELD.validate_python(found))
            case {"access": dict(found), "at": list(times)} if len(line) == 2:
                block.uses["access"] += _accesses(block.head["asset"], found, times)
            case {"flow": dict(found)} | {"lineage": dict(found)} if len(line) == 1:
                kind = next(iter(line))
                use = USES[kind].validate_python({**found, "log": block.head["asset"]})
                block.uses[kind].append(use)
            case {"finding": str(known), "since": str(since)} if len(line) == 2:
                block.findings.append((known, _aware(since)))
            case _:
                self.fail("a line that no facts hold")


def _accesses(log: str, found: dict[str, Any], times: list[Any]) -> list[Any]:
    """Return an access for each time; what they share is looked at once."""
    names = found.pop("times")
    if not set(names) <= set(TIMED):
        raise ValueError("a time that no access has")
    uses = [dict(zip(names, each, strict=True)) for each in times]
    if not uses:
        return []
    first = USES["access"].validate_python({**found, **uses[0], "log": log})
    return [replace(first, **_time(use)) for use in uses]


def _time(use: dict[str, Any]) -> dict[str, Any]:
    last, count, lines = use.get("last"), use["count"], use["lines"]
    if type(count) is not int or not all(type(line) is int for line in lines):
        raise ValueError("no count")
    told = {"minute": _aware(use["minute"]), "count": count, "lines": tuple(lines)}
    return told | ({"last": last and _aware(last)} if "last" in use else {})


def _as_record(block: _Block, origin: Origin) -> AssetRecord:
    head = block.head
    unknown = head.keys() - {"asset", "kind", "declared", "run", "taken", "tells", "type",
                             "digest", "signature"}  # fmt: skip
    if unknown or not isinstance(head["declared"], bool):
        raise ValueError("a head that no facts have")
    types = head.get("type", {})
    places = tuple(
        PlaceFacts(str(line["place"]), str(line["uri"]),
                   _COVERAGE.validate_python(line["coverage"]), tuple(found),
                   read_by=line["read_by"])
        for line, found in block.places
    )  # fmt: skip
    asset = Asset(
        id=str(head["asset"]),
        kind=AssetKind(head["kind"]),
        places=tuple(
            Place(each.place, each.uri, PlaceType(types.get(each.place, "auto"))) for each in places
        ),
        declared=head["declared"],
    )
    signature = head.get("signature")
    vouches = origin.vouches
    return AssetRecord(
        facts=AssetFacts(asset, places),
        run=str(head["run"]),
        taken=_aware(head["taken"]),
        accesses=tuple(
            sorted(block.uses["access"], key=lambda use: (use.minute, use.lines, use.actor))
        ),
        lineage=tuple(block.uses["lineage"]),
        flows=tuple(block.uses["flow"]),
        is_access_log="access" in head["tells"],
        is_lineage_log="lineage" in head["tells"],
        findings=tuple(block.findings),
        vouched=bool(
            vouches and isinstance(signature, str)
            and vouches(signed_bytes(head["digest"]), signature)
        ),
    )  # fmt: skip


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found


def _distinct(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _whole(text: str) -> int:
    number = int(text) if len(text) <= 20 else -1
    if not 0 <= number <= _MAX_NUMBER:
        raise ValueError("no count")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or number < 0:
        raise ValueError("no measure")
    return number


def _refuse(_: str) -> NoReturn:
    raise ValueError("no number")
