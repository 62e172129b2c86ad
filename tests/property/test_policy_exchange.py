"""What is exported and imported again is the same dataset, whatever it says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft201909Validator

from governance.model.documents import Dataset, Team
from governance.policy.corpus import Corpus
from governance.policy.exchange.carrying import as_written
from governance.policy.exchange.cursor import Ledger
from governance.policy.exchange.drafts import to_text
from governance.policy.exchange.emit import to_yaml
from governance.policy.exchange.fides.write import write_resources
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.importing import FORMATS
from governance.policy.exchange.odcs.write import Heading, write_contract
from governance.policy.exchange.shapes import check
from governance.policy.reading import read_documents
from governance.policy.validation import validate

TEAM = Team(apiVersion="governance/v1", kind="Team", id="sales", lead="user:ana")
AROUND = Surroundings(Corpus(), {"sales": TEAM}, "p.yaml")

# Everything that has ever been misread: words of other types, signs, several lines, odd spaces.
_TEXTS = st.one_of(
    st.sampled_from(
        ["no", "NO", "1.10", "2024-01-01", "null", "~", "", "a: b", "# x", "- x", "'", '"', "@x",
         "12:30", "0x1F", "1e3", "line\nline", "line\n\n  deeper\n", " lead", "tail ", "%", "[",
         "{", "*x", "&x", "!x", "|", ">", "ü €", "tab\there", "\u2028", "true", "Owner", "a,b",
         "x" * 200]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20),
).filter(lambda text: bool(text.strip()))  # fmt: skip
_SLUGS = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,8}", fullmatch=True)
_NAMES = st.one_of(
    st.sampled_from(
        ["id", "a", "a.b", "a.b.c", "a[]", "a[].b", "a[][].c", "x.", ".y", "A B", "[]"]
    ),
    _SLUGS,
)
_CATEGORY = st.sampled_from(["user.contact.email", "user.unique_id", "system.operations", "user"])
_TIER = st.sampled_from(["public", "internal", "confidential", "restricted"])
_FIELD = st.fixed_dictionaries(
    {},
    optional={
        "category": _CATEGORY,
        "classification": _TIER,
        "state": st.sampled_from(["identified", "pseudonymised", "anonymised"]),
        "type": st.sampled_from(["string", "integer", "object", "array", "varchar(18)", "no"]),
        "description": _TEXTS,
        "tags": st.lists(st.sampled_from(["pii", "critical-data-element", "x"]), unique=True),
    },
)
_LOCATION = st.sampled_from(
    [
        {"path": "data/*.csv", "type": "csv", "region": "DE"},
        {"path": "data/x"},
        {"url": "postgres://db.example.org:5432/shop", "table": "public.orders"},
        {"url": "snowflake://acme/shop", "table": "public.orders", "environment": "production"},
        {"url": "data/shop.db", "type": "sqlite", "table": "orders"},
        {"url": "s3://bucket/orders/*.parquet", "type": "parquet"},
        {"path": "data/x.duckdb", "type": "duckdb", "table": "main.orders"},
    ]
)
_WHO = st.sampled_from(["none", "user:ana@example.org", "user:bo", "team:sales"])


@st.composite
def datasets(draw: st.DrawFn) -> list[Dataset]:
    """Draw one to three datasets as a person could write them."""
    ids = draw(st.lists(_SLUGS.filter(lambda word: word[-1].isalnum()), min_size=1, max_size=3,
                        unique=True))  # fmt: skip
    return [Dataset(apiVersion="governance/v1", kind="Dataset", id=each, **draw(_said(each)))
            for each in ids]  # fmt: skip


@st.composite
def _said(draw: st.DrawFn, id: str) -> dict[str, Any]:
    fields = draw(st.dictionaries(_NAMES, _FIELD, max_size=4))
    said: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "title": _TEXTS, "description": _TEXTS, "owner": _WHO,
                "steward": st.just("user:cy"), "classification": _TIER,
                "ownership": st.just({"user:bo": {"since": date(2024, 1, 1)}}),
                "subjects": st.just(["customer"]), "purposes": st.sampled_from([[], ["essential"]]),
                "legal_basis": st.just("contract"), "residency": st.sampled_from([[], ["EU"]]),
                "locations": st.dictionaries(st.sampled_from(["here", "wh"]), _LOCATION),
                "collected": st.just({"from": "a form", "since": date(2020, 1, 1)}),
                "reviews": st.just([{"on": date(2026, 1, 1), "by": ["user:a", "user:b"]}]),
                "tags": st.lists(_SLUGS, max_size=2, unique=True),
            },
        )
    )  # fmt: skip
    if fields:
        said["fields"] = fields
    if draw(st.booleans()):
        said["retention"] = {"max_age": draw(st.sampled_from(["3y", "18m", "30d", "1y10d"]))}
        if fields and draw(st.booleans()):
            said["retention"] |= {"measured_by": next(iter(fields)), "then": "archive"}
    return said


class Standard:
    """The published schema; its name is short where a failing example is printed."""

    def __init__(self, path: Path) -> None:
        self._validator = Draft201909Validator(json.loads(path.read_text(encoding="utf-8")))

    def faults(self, contract: object) -> list[str]:
        return [fault.message for fault in self._validator.iter_errors(contract)]

    def __repr__(self) -> str:
        return "Standard()"


@pytest.fixture(scope="session")
def standard(shared_data: Path) -> Standard:
    return Standard(shared_data / "schemas" / "odcs.json")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wanted=datasets())
def test_a_contract_is_valid_and_gives_the_same_datasets_back(
    wanted: list[Dataset], standard: Standard
) -> None:
    contract = write_contract(wanted, Heading("x", "1.0.0", "draft"), AROUND).value
    text = to_yaml(contract)
    assert yaml.safe_load(text) == contract, "another parser reads another document"
    assert standard.faults(contract) == []
    _gives_back(wanted, text, "odcs")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wanted=datasets())
def test_fides_resources_give_the_same_datasets_back(wanted: list[Dataset]) -> None:
    resources = write_resources(wanted, AROUND).value
    text = to_yaml(resources)
    assert yaml.safe_load(text) == resources
    _gives_back(wanted, text, "fides")


def _gives_back(wanted: list[Dataset], text: str, kind: str) -> None:
    content = read_documents("x.yaml", text.encode())
    assert content.faults == ()
    chosen = FORMATS[kind]
    assert list(check(content.documents[0], chosen.shape)) == []
    ledger = Ledger(chosen.names)
    drafts = chosen.read(content.documents[0], ledger, AROUND, None)
    policy = read_documents("p.yaml", to_text(drafts).encode())
    assert policy.faults == ()
    given = [validate(node, "p.yaml") for node in policy.documents]
    assert [faults for _, faults in given if faults] == []
    models = {each.id: as_written(each.model) for each, _ in given if each}
    assert models == {each.id: as_written(each) for each in wanted}
    lost = ledger.leftovers(content.documents[0], defaults=chosen.defaults, reasons=chosen.reasons)
    heading = {"id", "version", "status", "name"}
    assert {remark.key.rpartition(".")[2] for remark in lost} <= heading
