"""The access decision: what is indexed and kept answers as what asks every rule every time."""

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.controls.permits import Permits
from governance.model.facts import AccessUse
from tests.benchmarks.naive_access import naive_answer

_PATH = Path(__file__).parents[1] / "unit" / "controls" / "builders.py"
_SPEC = importlib.util.spec_from_file_location("control_builders", _PATH)
_BUILDERS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_BUILDERS)

_ACTIONS = st.sampled_from([["read"], ["read", "export"], ["write"]])
_PRINCIPALS = ["anyone", "user:ana@example.org", "team:sales", "role:analyst", "role:pipeline"]
_TO = st.sampled_from([*_PRINCIPALS, "user:*", "team:s?les"]) | st.fixed_dictionaries(
    {"any_of": st.lists(st.sampled_from(_PRINCIPALS), min_size=1, max_size=3)},
    optional={"none_of": st.just(["team:platform"]), "all_of": st.just(["team:sales"])},
)
_PURPOSES = ["billing", "analytics", "marketing.ads"]
_FOR = st.sampled_from([*_PURPOSES, "dataset.purposes"]) | st.fixed_dictionaries(
    {"any_of": st.just(["billing", "analytics.product"])}, optional={"none_of": st.just(["*.ads"])}
)
_WHEN = st.fixed_dictionaries(
    {},
    optional={
        "days": st.sampled_from(["mon-fri", "sat,sun", "fri-mon"]),
        "hours": st.sampled_from(["07:00-20:00", "22:00-06:00", "00:00-24:00", "02:30-02:31"]),
    },
)
_FROM = st.fixed_dictionaries(
    {},
    optional={
        "network": st.lists(st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"]),
                            min_size=1, max_size=2),
        "region": st.sampled_from([["EU"], ["DE"], ["US", "EU"]]),
    },
)  # fmt: skip
_OPTIONS = {"for": _FOR, "when": _WHEN, "from": _FROM}
_RULE = st.fixed_dictionaries({"allow": _ACTIONS, "to": _TO}, optional=_OPTIONS) | (
    st.fixed_dictionaries({"deny": _ACTIONS}, optional={"to": _TO, **_OPTIONS})
)
_DAY = st.sampled_from(["2026-03-28", "2026-03-29", "2026-06-12", "2026-10-25"])
_GRANT = st.fixed_dictionaries(
    {"to": st.sampled_from(_PRINCIPALS[1:]), "actions": _ACTIONS, "starts": _DAY},
    optional={"purpose": st.sampled_from(_PURPOSES), "fields": st.just(["email"])},
)
_USE = st.builds(
    AccessUse,
    log=st.just("log"),
    actor=st.sampled_from(["user:ana@example.org", "user:bo@example.org", "service:etl", "?"]),
    action=st.sampled_from(["read", "export", "write", "other"]),
    dataset=st.just("sales.orders"),
    declared=st.just(True),
    purpose=st.sampled_from([None, "billing", "analytics.product", "marketing.ads", "unknown"]),
    network=st.sampled_from([None, "elsewhere", "10.1.2.3", "10.0.0.0/8", "2001:db8::1"]),
    region=st.sampled_from([None, "DE", "US"]),
    # The clocks of Berlin change within these days.
    minute=st.builds(
        lambda day, minute: datetime.fromisoformat(f"{day}T00:00Z") + timedelta(minutes=minute),
        _DAY, st.integers(-120, 1500),
    ),
    count=st.just(1),
    lines=st.just((1,)),
)  # fmt: skip


@settings(max_examples=150)
@given(
    rules=st.lists(_RULE, max_size=6),
    grants=st.lists(_GRANT, max_size=2),
    uses=st.lists(_USE, min_size=1, max_size=8),
    default=st.sampled_from(["allow", "deny"]),
)
def test_an_index_changes_no_answer(rules, grants, uses, default):
    policies = [
        {"kind": "Policy", "id": f"p{n}", "owner": "team:sales", "rules": {"r": rule},
         "applies_to": {"dataset": ["sales.*", "sales.orders"][n % 2]}}
        for n, rule in enumerate(rules)
    ]  # fmt: skip
    given_away = [
        {"kind": "Grant", "id": f"g{n}", "dataset": "sales.orders", "ends": "2026-10-25",
         "approved_by": ["user:cy@example.org"], **grant}
        for n, grant in enumerate(grants)
    ]  # fmt: skip
    project = {"timezone": "Europe/Berlin", "defaults": {"access": default}}
    documents = [*policies, *given_away]
    _, world = _BUILDERS.build({"documents": documents, "project": project})
    dataset = world.policy.datasets["sales.orders"]
    permits = Permits(world.policy, dataset)
    for use in uses:
        answer = permits.decide(use).answer.name
        assert answer == naive_answer(world.policy, dataset, use)
        _, backwards = _BUILDERS.build({"documents": documents[::-1], "project": project})
        assert answer == Permits(backwards.policy, dataset).decide(use).answer.name


def test_naive_and_indexed_agree_on_what_is_open():
    """Both say UNDECIDED where neither may guess: the oracle is no stand-in that always agrees."""
    deny = {"deny": ["read"], "for": "marketing.ads"}
    rules = {"no-ads": deny, "all": {"allow": ["read"], "to": "anyone"}}
    case = {"documents": [{"kind": "Policy", "id": "p", "owner": "team:sales", "rules": rules}]}
    _, world = _BUILDERS.build(case)
    dataset = world.policy.datasets["sales.orders"]
    use = AccessUse("log", "service:etl", "read", "sales.orders", True, None, None, None,
                    datetime(2026, 6, 1, tzinfo=UTC), 1, (1,))  # fmt: skip
    assert naive_answer(world.policy, dataset, use) == "UNDECIDED"
    assert Permits(world.policy, dataset).decide(use).answer.name == "UNDECIDED"
