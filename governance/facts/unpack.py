"""From a run document (``governance/run/v1``) to the rows of the derived tables; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = dict[str, Any]


def derive_rows(document: Mapping[str, Any], run: str) -> dict[str, list[Row]]:
    """Return the rows of ``asset_fact``, ``field_fact`` and ``entity_fact`` of one run.

    Raises:
        KeyError, TypeError: If the document is not a run document.
    """
    rows: dict[str, list[Row]] = {"asset_fact": [], "field_fact": [], "entity_fact": []}
    for n, asset in enumerate(document["assets"]):
        rows["asset_fact"].append(_asset(asset, {"run": run, "n": n}))
        for field_n, field in enumerate(asset["fields"]):
            key = {"run": run, "n": n, "field_n": field_n}
            rows["field_fact"].append(_field(field, key, asset["id"]))
            rows["entity_fact"] += [
                _entity(entity, {**key, "entity_n": entity_n})
                for entity_n, entity in enumerate(field["contains"])
            ]
    return rows


def derive_findings(document: Mapping[str, Any], run: str, finished: str) -> Iterator[Row]:
    """Yield a row of ``finding_fact`` for each finding of one run, each id once."""
    seen: set[str] = set()
    for outcome in document["outcomes"]:
        finding = outcome["finding"]
        if finding is None or finding["id"] in seen:
            continue
        seen.add(finding["id"])
        yield {
            "id": finding["id"],
            **{key: outcome[key] for key in ("control", "asset", "place", "field")},
            **{key: finding[key] for key in ("kind", "severity", "owner")},
            "first_seen": finished,
            "last_seen": finished,
            "last_run": run,
        }


def _asset(asset: Mapping[str, Any], key: Row) -> Row:
    coverage = asset["coverage"] or dict.fromkeys(("status", "reason", "rows", "bytes", "sampled"))
    return {
        **key,
        "asset": asset["id"],
        **{name: asset[name] for name in ("kind", "owner", "declared", "place", "uri")},
        **{name: coverage[name] for name in ("status", "reason", "rows", "bytes", "sampled")},
    }


def _field(field: Mapping[str, Any], key: Row, asset: str) -> Row:
    verdict = field["entity"] or {"name": None, "confidence": None}
    return {
        **key,
        "asset": asset,
        "field": field["name"],
        **{name: field[name] for name in ("type", "rows", "nulls", "distinct", "free_text")},
        "entity": verdict["name"],
        "confidence": verdict["confidence"],
    }


def _entity(entity: Mapping[str, Any], key: Row) -> Row:
    columns = (
        "entity",
        "rows",
        "distinct",
        "share",
        "checksum_rate",
        "deterministic",
        "fingerprint",
    )
    return {**key, **{name: entity[name] for name in columns}}
