"""Adding a pack never turns a failure into a pass, and never opens an access."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.controls.decisions import Answer
from governance.controls.evaluate import evaluate
from governance.controls.permits import Permits
from governance.engine.declared import declared_assets
from governance.model.facts import AccessUse, TrailFacts
from governance.model.outcome import Status
from governance.model.policy import EffectivePolicy
from governance.model.rules import Action
from governance.model.world import World
from governance.policy.workspace import load_workspace

POLICIES = Path(__file__).resolve().parents[2] / "policies"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PACKS = ("gdpr", "hipaa", "pci-dss", "eu-ai-act")
# How strict an outcome is: what fails may become nothing else, what is open may only fail.
STRICT = {
    Status.NOT_APPLICABLE: 0,
    Status.PASS: 0,
    Status.WAIVED: 1,
    Status.NOT_EVALUATED: 2,
    Status.FAIL: 3,
}
Worst = dict[tuple[str, str], tuple[int, int]]


def _with(workspace: str, packs: tuple[str, ...], folder: Path) -> EffectivePolicy:
    root = folder / "-".join((workspace, *packs))
    shutil.copytree(POLICIES / workspace, root)
    project = (root / "governance.yaml").read_text(encoding="utf-8")
    (line,) = [each for each in project.splitlines() if each.startswith("packs:")]
    listed = ", ".join(("baseline", *packs))
    (root / "governance.yaml").write_text(project.replace(line, f"packs: [{listed}]"))
    return load_workspace(root)


def _worst(policy: EffectivePolicy) -> Worst:
    """Return how strict the worst outcome of each control on each asset is, and how severe."""
    found: Worst = {}
    world = World(policy=policy, now=NOW, facts={}, trail=TrailFacts(0, "", None, enabled=False))
    for outcome in evaluate(declared_assets(policy), world):
        severity = outcome.finding.severity.rank if outcome.finding else -1
        key = (outcome.asset, outcome.control)
        found[key] = max(found.get(key, (0, -1)), (STRICT[outcome.status], severity))
    return found


def _uses(policy: EffectivePolicy) -> Iterator[AccessUse]:
    purposes = [*sorted({each for d in policy.datasets.values() for each in d.purposes or ()})]
    for actor in sorted(policy.principals()):
        for dataset in policy.datasets:
            for action in (Action.READ, Action.EXPORT):
                for purpose in (*purposes, None):
                    yield AccessUse(
                        log="etl.orders/access",
                        actor=actor,
                        action=action.value,
                        dataset=dataset,
                        declared=True,
                        purpose=purpose,
                        network="10.20.0.5",
                        region="DE",
                        minute=NOW,
                        count=1,
                        lines=(1,),
                    )


@pytest.mark.parametrize("workspace", ["demo", "starter"])
def test_packs_only_tighten(workspace: str, tmp_path: Path) -> None:
    before = _worst(_with(workspace, (), tmp_path))
    for packs in (*((pack,) for pack in PACKS), PACKS):
        after = _worst(_with(workspace, packs, tmp_path))
        loosened = [key for key, strict in before.items() if after.get(key, (0, -1)) < strict]
        assert not loosened, (packs, loosened)


def test_packs_open_no_access(tmp_path: Path) -> None:
    """An answer is a number: denied, undecided, late, allowed."""
    without, policy = (_with("demo", packs, tmp_path) for packs in ((), PACKS))
    before = {name: Permits(without, dataset) for name, dataset in without.datasets.items()}
    after = {name: Permits(policy, dataset) for name, dataset in policy.datasets.items()}
    answers = set()
    for use in _uses(without):
        was, now = (each[use.dataset].decide(use).answer for each in (before, after))
        assert now <= was, use
        answers.add(was)
    assert {Answer.ALLOWED, Answer.DENIED} <= answers


def test_the_packs_do_tighten_something(tmp_path: Path) -> None:
    """Otherwise the test above would hold for packs that do nothing."""
    before, after = (_worst(_with("demo", packs, tmp_path)) for packs in ((), PACKS))
    assert sum(after[key] > strict for key, strict in before.items()) > 3
