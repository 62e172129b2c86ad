"""controls × assets = outcomes in any world, and nothing passes on missing evidence."""

import importlib.util
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from governance.controls.evaluate import evaluate
from governance.controls.registry import CONTROLS
from governance.model.outcome import Status

_PATH = Path(__file__).parents[1] / "unit" / "controls" / "builders.py"
_SPEC = importlib.util.spec_from_file_location("control_builders", _PATH)
_BUILDERS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_BUILDERS)

_ENTITIES = st.sampled_from(
    ["EMAIL_ADDRESS", "PHONE_NUMBER", "PERSON", "SECRET", "URL", "MEDICAL_LICENSE", "NEW_ONE"]
)
_FIELD = st.fixed_dictionaries(
    {
        "verdict": st.none() | _ENTITIES,
        "free_text": st.booleans(),
        "rows": st.integers(0, 100),
        "undated": st.integers(0, 2),
        "days": st.lists(st.tuples(st.dates().map(str), st.integers(1, 9)), max_size=2),
        "contains": st.lists(
            st.fixed_dictionaries({"entity": _ENTITIES, "sure": st.booleans()}),
            max_size=2,
            unique_by=lambda told: told["entity"],
        ),
        "protection": st.none()
        | st.fixed_dictionaries(
            {
                "redacted": st.integers(0, 2),
                "masked": st.integers(0, 2),
                "hashed": st.integers(0, 2),
                "other": st.integers(0, 2),
            }
        ),
    }
)
_FACTS = st.none() | st.dictionaries(
    st.sampled_from(["shop", "here", "access"]),
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["complete", "partial", "skipped"]),
            "rows": st.integers(0, 3),
            "fields": st.dictionaries(st.sampled_from(["email", "order_id", "x"]), _FIELD),
        }
    ),
    max_size=2,
)
_USES = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["user:ana@example.org", "unknown:v1:a", "service:etl"]),
            "action": st.sampled_from(["read", "export", "strange act"]),
            "purpose": st.sampled_from([None, "billing", "marketing.ads", "?"]),
            "network": st.sampled_from([None, "10.1.1.1", "not an address"]),
            "declared": st.booleans(),
        }
    ),
    max_size=4,
)
_POLICY = {
    "kind": "Policy",
    "id": "p",
    "owner": "team:sales",
    "rules": {
        "state": {"require_state": "pseudonymised", "accept": ["mask", "hmac_sha256"]},
        "allow": {
            "allow": ["read"],
            "to": "role:analyst",
            "for": "dataset.purposes",
            "from": {"network": ["10.0.0.0/8", "nonsense"]},
        },
        "deny": {"deny": ["read", "export"], "to": "anyone", "for": "marketing.ads"},
        "told": {"require": ["owner", "retention", "dpia"]},
    },
}
_ASSETS = st.sampled_from(
    [
        {},
        {"id": "stray.csv", "declared": False},
        {"id": "stray.log", "kind": "log", "declared": False},
        {"id": "etl.orders/access", "kind": "log"},
        {"id": "churn", "kind": "model"},
        {"id": "trail", "kind": "trail"},
    ]
)
_DATASETS = st.sampled_from(
    [
        {},
        {"owner": None, "purposes": None, "residency": None, "classification": None},
        {"retention": {"max_age": "1y", "measured_by": "x"}, "owner": "user:bo@example.org"},
        {"fields": {"email": {"category": "user.health", "state": "aggregated"}}},
    ]
)
_CASES = st.fixed_dictionaries(
    {
        "asset": _ASSETS,
        "dataset": _DATASETS,
        "facts": _FACTS,
        "has_workspace": st.booleans(),
        "documents": st.sampled_from([[], [_POLICY]]),
    },
    optional={"accesses": _USES, "lineage": st.just([{}, {"job": "a b@c"}])},
)
# These look at data or logs: without any, a pass would be a lie.
_MEASURING = {
    "access-granted",
    "access-in-window",
    "byproducts-clean",
    "free-text-clean",
    "pii-declared",
    "retention-kept",
    "technique-applied",
    "tests-fresh",
    "use-within-purpose",
}


@given(case=_CASES)
def test_every_control_has_an_outcome_in_any_world(case) -> None:
    asset, world = _BUILDERS.build(case)
    outcomes = evaluate((asset,), world)
    assert {one.control for one in outcomes} == {control.id for control in CONTROLS}
    identities = [one.finding.id for one in outcomes if one.finding]
    assert len(identities) == len(set(identities))
    assert all(one.reason for one in outcomes)


@given(case=_CASES, facts=st.sampled_from([None, {}, {"shop": {"rows": 0}}]))
def test_nothing_passes_where_nothing_was_read(case, facts) -> None:
    case = {**case, "facts": facts, "accesses": [], "lineage": []}
    asset, world = _BUILDERS.build(case)
    passed = {one.control for one in evaluate((asset,), world) if one.status is Status.PASS}
    assert not passed & _MEASURING


@given(case=_CASES)
def test_the_order_of_events_changes_nothing(case) -> None:
    asset, world = _BUILDERS.build(case)
    _, backwards = _BUILDERS.build(
        {key: told[::-1] if key in ("accesses", "lineage") else told for key, told in case.items()}
    )
    assert evaluate((asset,), world) == evaluate((asset,), backwards)
