"""The data cases of policy tests: rows through the real detectors, what they show through the
real controls.

What was measured of a case is kept: a loosened policy is held against the same measurement.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from governance.controls.evaluate import evaluate
from governance.engine.workspace import Workspace
from governance.model.asset import Asset, Place, PlaceType
from governance.model.cases import DataCase, Expected, instant_of
from governance.model.documents import PolicyTest
from governance.model.facts import AssetFacts, TrailFacts
from governance.model.outcome import Finding, Outcome, Status
from governance.model.policy import EffectivePolicy
from governance.model.testrun import Branch, CaseResult
from governance.model.world import World
from governance.policy.patching import PatchError, supposed

_KEY = b"policy-test"  # of fingerprints that go nowhere
_ROWS = "rows.jsonl"
_UNREAD = TrailFacts(0, "", None, enabled=False)


@dataclass
class Laboratory:
    """Runs data cases, and remembers what it measured of each."""

    workspace: Workspace
    _measured: dict[tuple[str, str], AssetFacts] = field(default_factory=dict)

    def outcomes(
        self, policy: EffectivePolicy, test: PolicyTest, name: str
    ) -> tuple[EffectivePolicy, Asset, tuple[Outcome, ...]]:
        """Return what every control says of a case, the dataset's asset and what was supposed.

        Raises:
            PatchError: If the policy does not hold what the case supposes otherwise.
        """
        case = test.data[name]
        policy = supposed(policy, case)
        asset = _asset(policy, case)
        facts = {asset.id: self._facts(policy, asset, (test.id, name), case)} if case.rows else {}
        now = instant_of(test.now, policy.project.timezone)
        return policy, asset, evaluate((asset,), _world(policy, now, facts))

    def _facts(
        self, policy: EffectivePolicy, asset: Asset, key: tuple[str, str], case: DataCase
    ) -> AssetFacts:
        if key not in self._measured:
            self._measured[key] = _measure(replace(self.workspace, policy=policy), asset, case)
        return replace(self._measured[key], asset=asset)


def judge_data(
    laboratory: Laboratory, policy: EffectivePolicy, test: PolicyTest
) -> Iterator[CaseResult]:
    """Yield the result of every data case of a test."""
    for name, case in sorted(test.data.items()):
        path = f"data.{name}"
        position = policy.position("PolicyTest", test.id, path)
        checks = len(case.findings) + len(case.absent) + case.nothing_else
        try:
            _, _, outcomes = laboratory.outcomes(policy, test, name)
            failures = list(_failures(policy, (test.id, path), case, outcomes))
        except PatchError as cause:
            failures = [Branch(f"cannot be supposed: {cause.problem}", position)]
        yield CaseResult(test.id, path, position, checks, tuple(failures))


def _asset(policy: EffectivePolicy, case: DataCase) -> Asset:
    """Return the dataset as an asset; with rows it has one place, that which they lie in."""
    # NOTE: what lists assets also reads them, and loads what access tests do without.
    from governance.engine.declared import declared_assets

    found = next(asset for asset in declared_assets(policy) if asset.id == case.about[1])
    if not case.rows:
        return found
    return replace(found, places=(_place(found, case),))


def _place(asset: Asset, case: DataCase) -> Place:
    name = case.location or asset.places[0].name
    return next(place for place in asset.places if place.name == name)


def _measure(workspace: Workspace, asset: Asset, case: DataCase) -> AssetFacts:
    from governance.engine.examine import examine_asset
    from governance.engine.lens import Lens
    from governance.engine.naming import Names
    from governance.sources.limits import ReadLimits

    (place,) = asset.places
    with TemporaryDirectory(prefix="governance-test-") as folder:
        text = "".join(f"{json.dumps(row, sort_keys=True)}\n" for row in case.rows)
        (Path(folder) / _ROWS).write_text(text, encoding="utf-8")
        laid = replace(place, uri=_ROWS, type=PlaceType.JSONL)
        lens = Lens(
            replace(workspace, root=Path(folder)),
            _KEY,
            Names(workspace.policy, _KEY),
            ReadLimits(),
        )
        found = examine_asset(replace(asset, places=(laid,)), lens)
    places = tuple(replace(each, uri=place.uri) for each in found.facts.places)
    return AssetFacts(asset, places)


def _world(policy: EffectivePolicy, now: datetime, facts: dict[str, AssetFacts]) -> World:
    return World(policy=policy, now=now, facts=facts, trail=_UNREAD)


def _failures(
    policy: EffectivePolicy,
    at: tuple[str, str],
    case: DataCase,
    outcomes: Sequence[Outcome],
) -> Iterator[Branch]:
    test, path = at
    found = [(each, each.finding) for each in outcomes if each.finding]
    wanted: set[str] = set()
    for name, expected in sorted(case.findings.items()):
        hits = [finding.id for outcome, finding in found if _is_meant(expected, outcome, finding)]
        wanted |= set(hits)
        if not hits:
            position = policy.position("PolicyTest", test, f"{path}.findings.{name}")
            said = f"{name}: expected {_told(expected)}, and it was not found"
            yield Branch(said, position, tuple(_considered(policy, expected, outcomes)))
    for name, expected in sorted(case.absent.items()):
        position = policy.position("PolicyTest", test, f"{path}.absent.{name}")
        hits = [finding.id for outcome, finding in found if _is_meant(expected, outcome, finding)]
        if hits:
            said = f"{name}: expected no {_told(expected)}, and it was found"
            yield Branch(said, position, tuple(_considered(policy, expected, outcomes)))
        elif unknown := _unevaluated(expected, outcomes):
            said = f"{name}: whether there is {_told(expected)} could not be told"
            yield Branch(said, position, tuple(map(_branch, unknown)))
    rest = [outcome for outcome, finding in found if finding.id not in wanted]
    if case.nothing_else and rest:
        position = policy.position("PolicyTest", test, f"{path}.nothing_else")
        said = f"expected nothing else, found {len(rest)} more"
        yield Branch(said, position, tuple(map(_branch, rest)))


def _is_meant(expected: Expected, outcome: Outcome, finding: Finding) -> bool:
    return (
        expected.control in (None, outcome.control)
        and expected.field in (None, outcome.field)
        and expected.rule in (None, finding.rule)
        and expected.severity in (None, finding.severity)
    )


def _unevaluated(expected: Expected, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes that leave open whether a finding is there."""
    about = [each for each in outcomes if each.control == expected.control]
    return [each for each in about if each.status is Status.NOT_EVALUATED]


def _considered(
    policy: EffectivePolicy, expected: Expected, outcomes: Sequence[Outcome]
) -> Iterator[Branch]:
    """Yield the rule that was expected and what the controls said in its place."""
    if expected.rule is not None:
        ref = next((each for each in policy.rules() if each.id == expected.rule), None)
        if ref is None:
            yield Branch(f"rule {expected.rule} is gone")
        else:
            position = policy.position("Policy", ref.policy.id, f"rules.{ref.name}")
            yield Branch(f"rule {expected.rule}", position)
    for outcome in outcomes:
        is_asked = outcome.control == expected.control
        if is_asked or (expected.control is None and outcome.finding):
            yield _branch(outcome)


def _branch(outcome: Outcome) -> Branch:
    where = ".".join(each for each in (outcome.asset, outcome.field) if each)
    finding = outcome.finding
    detail = f" ({finding.severity}, {finding.rule or 'no rule'})" if finding else ""
    text = f"{outcome.control} on {where}: {outcome.status.value}{detail}: {outcome.reason}"
    return Branch(text, finding.location if finding else None)


def _told(expected: Expected) -> str:
    parts = (
        f"a finding of {expected.control}" if expected.control else "a finding",
        f"on {expected.field}" if expected.field else "",
        f"by rule {expected.rule}" if expected.rule else "",
        f"of severity {expected.severity}" if expected.severity else "",
    )
    return " ".join(part for part in parts if part)
