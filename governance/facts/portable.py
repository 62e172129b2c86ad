"""The facts as text that travels: one thing a line, sorted, without a value.

A file is a head, a block for each asset, and an end. A block begins with a line that tells which
asset it is, when it was measured and the digest of what follows, and closes with a line that no
scan changes. So two branches that measure other assets change lines that do not touch, and git
merges them; where both measured the same one, its first line differs and git says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from governance.model.facts import AccessUse, ColumnFlow, FieldFacts, LineageUse
from governance.model.measured import AssetRecord

FORMAT = "governance/facts/v1"
Line = dict[str, Any]
Sign = Callable[[bytes], str]
Use = AccessUse | LineageUse | ColumnFlow

FIELD = TypeAdapter(FieldFacts)
USES: Mapping[str, TypeAdapter[Any]] = {
    "access": TypeAdapter(AccessUse),
    "flow": TypeAdapter(ColumnFlow),
    "lineage": TypeAdapter(LineageUse),
}
# What differs between the accesses of one actor to one dataset; the rest is written once.
TIMED = ("minute", "last", "count", "lines")


def dump_records(records: Iterable[AssetRecord], project: str, sign: Sign | None = None) -> bytes:
    """Return the records as lines of JSON in ASCII, sorted, each ended.

    Args:
        sign: Returns the signature of some bytes as text; None leaves the file unsigned.
    """
    lines = [_line({"facts": FORMAT, "project": project})]
    for record in sorted(records, key=lambda each: each.key):
        body = [_line(each) for each in _body(record)]
        head = _head(record)
        head["digest"] = block_digest(project, head, body)
        if sign is not None:
            head["signature"] = sign(signed_bytes(head["digest"]))
        lines += [_line(head), *body, _line({"end": record.facts.asset.id})]
    lines.append(_line({"end": FORMAT}))
    return b"".join(lines)


def block_digest(project: str, head: Mapping[str, Any], body: Iterable[bytes]) -> str:
    """Return ``sha256:`` and the digest of a block: its project, its head, its lines."""
    plain = {key: value for key, value in head.items() if key not in ("digest", "signature")}
    hashed = hashlib.sha256(_line({"facts": FORMAT, "project": project} | plain))
    for line in body:
        hashed.update(line)
    return f"sha256:{hashed.hexdigest()}"


def signed_bytes(digest: str) -> bytes:
    """Return what is signed for a block: never to be taken for anything else that is signed."""
    return f"{FORMAT}\n{digest}\n".encode()


def _head(record: AssetRecord) -> Line:
    asset = record.facts.asset
    tells = {"access": record.is_access_log, "lineage": record.is_lineage_log}
    head: Line = {
        "asset": asset.id, "kind": asset.kind.value, "declared": asset.declared,
        "run": record.run, "taken": _stamp(record.taken),
        "tells": sorted(word for word, does in tells.items() if does),
    }  # fmt: skip
    if not asset.declared:
        head["type"] = {place.name: place.type.value for place in asset.places}
    return head


def _body(record: AssetRecord) -> Iterator[Line]:
    for place in sorted(record.facts.places, key=lambda each: each.place):
        yield {"place": place.place, "uri": place.uri, "read_by": place.read_by,
               "coverage": asdict(place.coverage)}  # fmt: skip
        for field in place.fields:
            yield {"field": FIELD.dump_python(field, mode="json", exclude_defaults=True)}
    yield from _accesses(record.accesses)
    yield from _uses("flow", record.flows)
    yield from _uses("lineage", record.lineage)
    for finding, since in sorted(record.findings):
        yield {"finding": finding, "since": _stamp(since)}


def _accesses(uses: Iterable[AccessUse]) -> Iterator[Line]:
    """Yield one line for all accesses that differ in their time alone."""
    timed = [each.name for each in fields(AccessUse) if each.name in TIMED]
    groups: dict[str, tuple[Line, list[list[Any]]]] = {}
    for use in uses:
        plain = USES["access"].dump_python(use, mode="json", exclude={"log"})
        at = [plain.pop(name) for name in timed]
        groups.setdefault(json.dumps(plain, sort_keys=True), (plain, []))[1].append(at)
    for _, (plain, times) in sorted(groups.items()):
        written = sorted(times, key=json.dumps)
        yield {"access": plain | {"times": timed}, "at": written}


def _uses(kind: str, uses: Iterable[Use]) -> Iterator[Line]:
    written = [USES[kind].dump_python(use, mode="json", exclude={"log"}) for use in uses]
    yield from ({kind: each} for each in sorted(written, key=lambda line: json.dumps(line)))


def _line(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return text.encode("ascii") + b"\n"


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
