"""A long log counted by hours and windows: each event counts once, and decides as if alone."""

from __future__ import annotations

import pickle
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from governance.controls.permits import Permits
from governance.engine import spans, uses
from governance.engine.naming import Names
from governance.engine.uses import UseCollector
from governance.model.facts import AccessUse
from governance.model.policy import EffectivePolicy
from governance.policy.workspace import load_workspace
from governance.sources.events import AccessEvent

POLICY = """\
apiVersion: governance/v1
kind: Project
id: acme
timezone: Europe/Berlin
---
apiVersion: governance/v1
kind: Team
id: sales
lead: user:p0
members: {user:p0: {since: 2020-01-01}, user:p1: {since: 2026-10-20, until: 2026-10-26}}
---
apiVersion: governance/v1
kind: Dataset
id: orders
owner: team:sales
purposes: [essential]
---
apiVersion: governance/v1
kind: Policy
id: access
owner: team:sales
severity: high
rules:
  office: {allow: [read], to: team:sales, when: {days: mon-fri, hours: "07:30-18:10"}}
  night: {allow: [read], to: user:p1, when: {hours: "22:00-02:30"}, from: {network: [10.0.0.0/8]}}
  never: {deny: [export], to: anyone, when: {days: sun}}
---
apiVersion: governance/v1
kind: Grant
id: audit
dataset: orders
to: user:p2
actions: [read, export]
starts: 2026-10-22
ends: 2026-10-25
approved_by: [user:p0]
"""
EVENTS = 2_000


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> EffectivePolicy:
    folder = tmp_path_factory.mktemp("acme")
    (folder / "governance.yaml").write_text(POLICY, encoding="utf-8")
    return load_workspace(folder)


def _events() -> list[AccessEvent]:
    """Return events over the week in which clocks go back, in the order of the log, not of time."""
    dice = random.Random(5)
    first = datetime(2026, 10, 19, 22, 0, tzinfo=UTC)
    return [
        AccessEvent(
            at=first + timedelta(seconds=dice.randrange(8 * 86_400)),
            who=f"p{dice.randrange(4)}", action=dice.choice(("read", "export")), asset="orders",
            purpose="essential", network=dice.choice(("10.1.2.3", "192.0.2.7", None)), region=None,
            line=number + 1,
        )
        for number in range(EVENTS)
    ]  # fmt: skip


def _counted(policy: EffectivePolicy, events: list[AccessEvent]) -> tuple[AccessUse, ...]:
    collector = UseCollector("etl/access", Names(policy, b"k" * 32))
    collector.add_accesses(events)
    assert collector.dropped == 0
    return pickle.loads(pickle.dumps(collector.counted())).uses()  # as a worker sends them


@pytest.fixture(scope="module")
def alone(policy: EffectivePolicy) -> Counter[str]:
    """Return how each event stands that is counted by itself."""
    permits = Permits(policy, policy.datasets["orders"])
    return Counter(
        f"{use.actor} {permits.decide(use).answer.name} {permits.decide(use).by}"
        for event in _events()
        for use in _counted(policy, [event])
    )


@pytest.mark.parametrize("limit", [EVENTS, 800, 60])
def test_however_coarsely_a_log_is_counted_its_accesses_stand_as_they_did(
    policy: EffectivePolicy, alone: Counter[str], monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(uses, "COARSER_FROM", limit)
    events, permits = _events(), Permits(policy, policy.datasets["orders"])
    together: Counter[str] = Counter()
    found = _counted(policy, events)
    for use in found:
        decision = permits.decide(use)
        assert decision.reason != "a long log was counted by hours"
        together[f"{use.actor} {decision.answer.name} {decision.by}"] += use.count
    assert together == alone
    assert len(alone) > 8
    minutes = {event.line: event.at.replace(second=0, microsecond=0) for event in events}
    for use in found:
        assert list(use.lines) == sorted(use.lines)
        assert len(use.lines) == min(use.count, spans.LINES_KEPT)
        assert all(use.minute <= minutes[line] <= use.until for line in use.lines)
    assert min(use.minute for use in found) == min(minutes.values())
    assert max(use.until for use in found) == max(minutes.values())


def test_what_is_beyond_the_limit_is_counted_as_lost(
    policy: EffectivePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "MAX_USES", 100)
    collector = UseCollector("etl/access", Names(policy, b"k" * 32))
    events = _events()
    collector.add_accesses(events)
    kept = sum(use.count for use in collector.accesses())
    assert len(collector.accesses()) == 100
    assert collector.dropped == len(events) - kept > 0
