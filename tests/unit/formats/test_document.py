"""The run document and its schema."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from governance.formats.document import dump_document, run_document
from governance.formats.schema import RUN_SCHEMA
from governance.model.run import Run

VALIDATOR = jsonschema.Draft202012Validator(
    RUN_SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def test_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(RUN_SCHEMA)


@pytest.mark.parametrize("name", ["ordinary", "empty", "hostile", "crowded"])
def test_document_validates(name: str, request: pytest.FixtureRequest) -> None:
    VALIDATOR.validate(run_document(request.getfixturevalue(name)))


def test_schema_refuses_a_key_nobody_published(ordinary: Run) -> None:
    document = run_document(ordinary)
    document["assets"][0]["fields"].append({"value": "ana@example.org"})
    assert list(VALIDATOR.iter_errors(document))


def test_every_published_object_is_closed_and_complete() -> None:
    def check(schema: Any) -> None:
        if isinstance(schema, list):
            for item in schema:
                check(item)
        elif isinstance(schema, dict):
            if "properties" in schema and schema.get("type") == "object":
                assert schema["additionalProperties"] is False
                assert schema["required"] == sorted(schema["properties"])
            for item in schema.values():
                check(item)

    check(RUN_SCHEMA)


def test_document_survives_its_bytes(hostile: Run) -> None:
    document = run_document(hostile)
    dumped = dump_document(document)
    assert json.loads(dumped) == document
    assert dumped.isascii()
    assert b"\\udcff" not in dumped


def test_asset_has_one_row_for_each_place_and_one_without_any(ordinary: Run) -> None:
    orders = next(facts for facts in ordinary.assets if facts.asset.id == "sales.orders")
    twice = replace(orders, places=orders.places * 2)
    rows = run_document(replace(ordinary, assets=(twice, ordinary.assets[-1])))["assets"]
    assert [(row["id"], row["place"]) for row in rows] == [
        ("churn", None),
        ("sales.orders", "shop"),
        ("sales.orders", "shop"),
    ]
    assert rows[0]["coverage"] is None
    assert rows[1]["region"] == "DE"
    assert rows[1]["details"] == {"title": "Web shop orders", "purposes": "billing"}


def test_summary_counts_open_findings_and_every_status(ordinary: Run) -> None:
    summary = run_document(ordinary)["summary"]
    assert summary["findings"] == {"critical": 1, "high": 2, "medium": 0, "low": 0, "gap": 1}
    assert summary["outcomes"] == {
        "pass": 1, "fail": 4, "not_applicable": 1, "not_evaluated": 1, "waived": 1
    }  # fmt: skip
    assert summary["states"] == {"new": 3, "existing": 0, "waived": 1, "baselined": 1}


def test_number_that_is_not_finite_is_refused(ordinary: Run) -> None:
    document = run_document(ordinary)
    document["assets"][-1]["fields"] = [float("nan")]
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_document(document)
