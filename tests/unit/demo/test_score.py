"""The score counts what was planted, and refuses to look away from anything else."""

from __future__ import annotations

from governance.assets import asset_folder
from governance.engine.demo.score import Expected, load_key, score
from governance.model.ladders import Severity
from governance.model.outcome import Finding, FindingKind, Outcome, Status
from governance.policy.workspace import load_workspace


def _outcome(expected: Expected, **changed: str) -> Outcome:
    finding = Finding(
        id="0" * 16,
        kind=FindingKind.FINDING,
        severity=Severity.HIGH,
        confidence=1.0,
        title="A title",
        message="a message",
        remedy="A remedy.",
        owner=None,
        location=None,
    )
    parts = {
        "place": expected.place,
        "field": expected.field,
        "subject": expected.subject and expected.subject.replace("*", "v1:00"),
    }
    return Outcome(
        control=expected.control,
        asset=expected.asset,
        status=expected.status,
        reason="a reason",
        finding=finding,
        **{**parts, **changed},
    )


def _everything() -> list[Outcome]:
    return [_outcome(each) for problem in load_key().planted for each in problem.findings]


def test_all_planted_findings_give_the_full_score() -> None:
    result = score(_everything())
    assert (result.found, result.missing, result.unexpected) == (result.planted, (), ())
    assert result.planted >= 30


def test_an_empty_scan_finds_nothing() -> None:
    result = score([])
    assert result.found == 0
    assert len(result.missing) == result.planted


def test_a_problem_counts_only_when_all_its_findings_are_there() -> None:
    problem = next(each for each in load_key().planted if len(each.findings) > 1)
    outcomes = [o for o in _everything() if not problem.findings[0].matches(o)]
    result = score(outcomes)
    assert result.found == result.planted - 1
    assert [each.startswith(f"{problem.id}: ") for each in result.missing] == [True]


def test_a_finding_outside_the_key_is_unexpected_even_on_a_planted_asset() -> None:
    planted = next(e for p in load_key().planted for e in p.findings if e.field)
    stranger = _outcome(planted, field="another_column")
    assert len(score([*_everything(), stranger]).unexpected) == 1


def test_a_finding_about_more_than_expected_is_not_the_expected_one() -> None:
    whole = Expected("reviewed-in-time", "marketing.survey")
    assert whole.matches(_outcome(whole))
    assert not whole.matches(_outcome(whole, field="comment"))


def test_an_open_finding_does_not_count_where_a_waiver_must_cover_it() -> None:
    waived = next(e for p in load_key().planted for e in p.findings if e.status is Status.WAIVED)
    is_open = Expected(waived.control, waived.asset, Status.FAIL, waived.place)
    outcomes = [o for o in _everything() if not waived.matches(o)]
    result = score([*outcomes, _outcome(is_open)])
    assert (len(result.missing), len(result.unexpected)) == (1, 1)


def test_the_key_names_only_controls_and_assets_that_exist() -> None:
    from governance.controls.registry import CONTROLS

    policy = load_workspace(asset_folder("policies") / "demo")
    logs = {f"{p.id}/{log}" for p in policy.pipelines.values() for log in p.logs}
    assets = {*policy.datasets, *policy.models, *logs, "trail"}
    controls = {control.id for control in CONTROLS}
    for problem in load_key().planted:
        assert problem.findings, problem.id
        for each in problem.findings:
            assert each.control in controls
            assert each.asset in assets or each.asset.startswith("data/")


def test_every_control_has_a_planted_problem_but_those_that_need_a_history() -> None:
    from governance.controls.registry import CONTROLS

    planted = {each.control for problem in load_key().planted for each in problem.findings}
    # Over a broken trail there is no report; and one is made again after it was signed and issued.
    history = {"trail-unbroken", "report-reproducible"}
    # What nobody measures here is never found; where a rule asks for it, it is an open question.
    unmeasured = {"anonymity-thresholds"}
    assert {control.id for control in CONTROLS} - planted == history | unmeasured
