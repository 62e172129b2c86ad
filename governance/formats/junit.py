"""JUnit XML: a case for every control and asset, those that passed included.

Valid against both schemas in use: that of Jenkins' xUnit plugin and that of Ant's reports
(windyroad/JUnit-Schema), which GitLab and most readers of reports follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC
from itertools import groupby
from typing import ClassVar
from xml.etree import ElementTree as ET

from governance.formats.cleaning import clean, count
from governance.formats.contract import View
from governance.formats.verdict import baseline_told, facts_age, tally, verdict
from governance.model.coverage import CoverageStatus
from governance.model.outcome import Finding, FindingState, Outcome, Status
from governance.model.run import Run

MAX_CASES = 20_000
"""GitLab takes 30 MB and 250,000 objects of a report; beyond this, cases are rolled up."""
_LONGEST = 300
_FAILS, _ERRS, _SKIPS, _PASSES = "failure", "error", "skipped", ""
_KEPT_FIRST = (_FAILS, _ERRS, _SKIPS, _PASSES)
_WORDS = {_FAILS: "failed", _ERRS: "not evaluated", _SKIPS: "skipped", _PASSES: "passed"}


class JunitFormat:
    """A suite for each control, one for what was read, and one for the verdict.

    What was not evaluated, or not read to its end, is an error: no reader counts an error as
    passed. A waived or baselined finding, and a control that asks nothing, is skipped.
    """

    name: ClassVar[str] = "junit"

    def render(self, run: Run, view: View) -> str:  # noqa: ARG002 (a program needs no width)
        root = ET.Element("testsuites")
        shown, rest = _split(run.outcomes)
        left = Counter((outcome.control, _ended(outcome)) for outcome in rest)
        controls = groupby(sorted(run.outcomes, key=_order), key=lambda each: each.control)
        for control, group in controls:
            cases = [_case(outcome) for outcome in group if id(outcome) in shown]
            cases += [
                _rolled_up(control, ended, left[control, ended])
                for ended in _KEPT_FIRST
                if left[control, ended]
            ]
            _suite(root, run, control, cases)
        _suite(root, run, "coverage", _coverage(run))
        _suite(root, run, "verdict", [_verdict(run)], said=_said(run))
        ET.indent(root)
        return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _split(outcomes: Iterable[Outcome]) -> tuple[frozenset[int], list[Outcome]]:
    """Return which outcomes have a case of their own, and the others; what fails comes first."""
    ranked = sorted(outcomes, key=lambda each: (_KEPT_FIRST.index(_ended(each)), _order(each)))
    return frozenset(map(id, ranked[:MAX_CASES])), ranked[MAX_CASES:]


def _order(outcome: Outcome) -> tuple[str, ...]:
    parts = (outcome.asset, outcome.place, outcome.field, outcome.subject, outcome.reason)
    return (outcome.control, *(part or "" for part in parts))


def _ended(outcome: Outcome) -> str:
    if outcome.status is Status.NOT_EVALUATED:
        return _ERRS
    if outcome.status in (Status.WAIVED, Status.NOT_APPLICABLE) or _is_baselined(outcome):
        return _SKIPS
    return _FAILS if outcome.status is Status.FAIL else _PASSES


def _is_baselined(outcome: Outcome) -> bool:
    return outcome.finding is not None and outcome.finding.state is FindingState.BASELINED


def _suite(
    root: ET.Element, run: Run, name: str, cases: list[ET.Element], *, said: str = ""
) -> None:
    if not cases:
        return
    ended = Counter(child.tag for case in cases for child in case)
    suite = ET.SubElement(
        root,
        "testsuite",
        name=name,
        package="governance",
        id=str(len(root)),
        timestamp=f"{run.started.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        hostname="localhost",
        tests=str(len(cases)),
        failures=str(ended[_FAILS]),
        errors=str(ended[_ERRS]),
        skipped=str(ended[_SKIPS]),
        time="0",
    )
    ET.SubElement(suite, "properties")
    _distinguish(cases)
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = said
    ET.SubElement(suite, "system-err")


def _distinguish(cases: Iterable[ET.Element]) -> None:
    """Number the cases of one name: GitLab keeps the first of them alone."""
    met: Counter[str] = Counter()
    for case in cases:
        name = case.get("name", "")
        met[name] += 1
        if met[name] > 1:
            case.set("name", f"{name} ({met[name]})")


def _new_case(control: str, name: str) -> ET.Element:
    told = clean(name.strip(), 4 * _LONGEST) or "-"
    return ET.Element("testcase", classname=f"governance.{control}", name=told, time="0")


def _case(outcome: Outcome) -> ET.Element:
    parts = (outcome.asset, outcome.place, outcome.field, outcome.subject)
    case = _new_case(outcome.control, " · ".join(clean(p, _LONGEST) for p in parts if p))
    finding, ended = outcome.finding, _ended(outcome)
    if ended == _ERRS:
        _end(case, _ERRS, "not_evaluated", outcome.reason)
    elif finding is None:
        if ended == _SKIPS:
            _end(case, _SKIPS, "not_applicable", outcome.reason)
    elif outcome.status is Status.WAIVED:
        _end(case, _SKIPS, "waived", f"waived by {finding.waiver}: {finding.title}")
    elif ended == _SKIPS:
        _end(case, _SKIPS, "baselined", f"baselined, {finding.severity.value}: {finding.title}")
    else:
        failure = _end(case, _FAILS, finding.severity.value, finding.title)
        failure.text = "\n".join(_details(finding))
    return case


def _details(finding: Finding) -> list[str]:
    # NOTE: each line begins with a word of ours, so that none can begin with a command.
    told = {
        "found": finding.message,
        "fix": finding.remedy,
        "owner": finding.owner or "none",
        "state": finding.state.value,
        "finding": finding.id,
    }
    return [f"{name}: {clean(each, _LONGEST)}" for name, each in told.items()]


def _end(case: ET.Element, tag: str, kind: str, message: str) -> ET.Element:
    return ET.SubElement(case, tag, type=kind, message=clean(message, _LONGEST))


def _rolled_up(control: str, ended: str, number: int) -> ET.Element:
    case = _new_case(control, f"{number:,} more {_WORDS[ended]}")
    if ended:
        _end(case, ended, "more", f"{count(number, 'case')} {_WORDS[ended]} not listed here")
    return case


def _coverage(run: Run) -> list[ET.Element]:
    cases = []
    for facts in sorted(run.assets, key=lambda each: each.asset.id):
        for place in facts.places:
            case = _new_case("coverage", clean(f"{facts.asset.id} · {place.uri}", _LONGEST))
            if place.coverage.status is not CoverageStatus.COMPLETE:
                _end(case, _ERRS, place.coverage.status.value, place.coverage.reason or "")
            cases.append(case)
    return cases


def _verdict(run: Run) -> ET.Element:
    case = _new_case("verdict", f"governance {run.command}")
    if run.exit_code:
        tag = _FAILS if run.exit_code == 1 else _ERRS
        _end(case, tag, f"exit_{run.exit_code}", verdict(run))
    return case


def _said(run: Run) -> str:
    told = [verdict(run), tally(run), baseline_told(run), facts_age(run)]
    return "\n".join(line for line in told if line)
