"""JUnit XML: a case for every control and asset, those that passed included."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar
from xml.etree import ElementTree as ET

from governance.formats.cleaning import clean
from governance.formats.contract import View
from governance.model.coverage import CoverageStatus
from governance.model.outcome import Outcome, Status
from governance.model.run import Run

_LONGEST = 1_000


class JunitFormat:
    """A suite for each control, and one for what was read.

    What was not evaluated, or not read to its end, is an error: it must not count as passed.
    """

    name: ClassVar[str] = "junit"

    def render(self, run: Run, view: View) -> str:  # noqa: ARG002 (a program needs no width)
        root = ET.Element("testsuites", name="governance")
        outcomes = sorted(run.outcomes, key=_order)
        for control, group in groupby(outcomes, key=lambda each: each.control):
            _suite(root, control, [_case(outcome) for outcome in group])
        _suite(root, "coverage", _coverage(run))
        for key in ("tests", "failures", "errors", "skipped"):
            root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
        ET.indent(root)
        return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _order(outcome: Outcome) -> tuple[str, ...]:
    parts = (outcome.asset, outcome.place, outcome.field, outcome.subject, outcome.reason)
    return (outcome.control, *(part or "" for part in parts))


def _suite(root: ET.Element, name: str, cases: list[ET.Element]) -> None:
    if not cases:
        return
    suite = ET.SubElement(root, "testsuite", name=name, tests=str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)


def _case(outcome: Outcome) -> ET.Element:
    parts = (outcome.place, outcome.field, outcome.subject)
    name = " · ".join(clean(part, _LONGEST) for part in (outcome.asset, *parts) if part)
    case = ET.Element("testcase", classname=f"governance.{outcome.control}", name=name)
    finding, reason = outcome.finding, clean(outcome.reason, _LONGEST)
    if outcome.status is Status.FAIL and finding:
        failure = ET.SubElement(case, "failure", type=finding.severity.value)
        failure.set("message", clean(finding.title, _LONGEST))
        owner = clean(finding.owner or "none", _LONGEST)
        told = (finding.message, finding.remedy, f"owner: {owner}", f"finding: {finding.id}")
        failure.text = "\n".join(clean(each, _LONGEST) for each in told)
    elif outcome.status is Status.NOT_EVALUATED:
        ET.SubElement(case, "error", type="not_evaluated", message=reason)
    elif outcome.status is Status.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message=reason)
    elif outcome.status is Status.WAIVED and finding:
        ET.SubElement(case, "skipped", message=clean(f"waived by {finding.waiver}", _LONGEST))
    return case


def _coverage(run: Run) -> list[ET.Element]:
    cases = []
    for facts in sorted(run.assets, key=lambda each: each.asset.id):
        for place in facts.places:
            name = clean(f"{facts.asset.id} · {place.uri}", _LONGEST)
            case = ET.Element("testcase", classname="governance.coverage", name=name)
            if place.coverage.status is not CoverageStatus.COMPLETE:
                told = clean(place.coverage.reason or "", _LONGEST)
                ET.SubElement(case, "error", type=place.coverage.status.value, message=told)
            cases.append(case)
    return cases
