"""A run of policy tests, as text for people, and as JSON and JUnit for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from governance.formats.cleaning import clean, count
from governance.model.testrun import Branch, CaseResult, RuleUse, TestRun

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SHOWN = 20
_LONGEST = 1_000
_INDENT = "  "


def as_text(run: TestRun) -> str:
    """Return every failure as a tree, what was asked about rules and mutants, and the verdict."""
    lines = [line for case in run.failed for line in _failed(case)]
    lines += _coverage(run)
    lines += _mutants(run)
    checks = sum(case.checks for case in run.cases)
    tests = len({case.test for case in run.cases})
    passed = len(run.cases) - len(run.failed)
    told = f"{run.source}: {count(tests, 'test')}, {count(len(run.cases), 'case')} "
    left = f"; {count(run.left_out, 'case')} with rows left out" if run.left_out else ""
    verdict = f"{passed:,} passed, {len(run.failed):,} failed{left}"
    lines.append(f"{told}({count(checks, 'check')}): {verdict}")
    return "\n".join(clean(line) for line in lines) + "\n"


def as_json(run: TestRun) -> str:
    """Return the run as one JSON object (``governance/policy-test/v1``), keys sorted."""
    told: dict[str, Any] = {
        "schema": "governance/policy-test/v1",
        "source": run.source,
        "exit_code": run.exit_code,
        "left_out": run.left_out,
        "cases": [
            {
                "test": case.test,
                "case": case.case,
                "position": _place(case),
                "checks": case.checks,
                "passed": not case.failures,
                "failures": [_tree(failure) for failure in case.failures],
            }
            for case in run.cases
        ],
        "coverage": None if run.coverage is None else [_use(use) for use in run.coverage],
        "mutants": None
        if run.mutants is None
        else {
            "tried": run.mutants,
            "of": run.of,
            "seed": run.seed,
            "equal": run.equal,
            "survivors": [
                {"subject": each.subject, "sentence": each.sentence, "position": _place(each)}
                for each in run.survivors
            ],
        },
    }
    return json.dumps(told, indent=2, sort_keys=True) + "\n"


def as_junit(run: TestRun) -> str:
    """Return the run as JUnit XML: a suite for each test, for the rules and for the mutants."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", name="governance policy test")
    for test, cases in groupby(run.cases, key=lambda each: each.test):
        _suite(root, test, {each.case: _reasons(each) for each in cases})
    if run.coverage is not None:
        _suite(root, "rules", {use.rule: _unseen(use) for use in run.coverage})
    if run.mutants is not None:
        told = {f"{each.subject} {each.sentence}": ["no test notices"] for each in run.survivors}
        _suite(root, "mutants", told or {"every loosening is noticed": []})
    for key in ("tests", "failures"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


TEST_FORMATS: Mapping[str, Callable[[TestRun], str]] = {
    "json": as_json,
    "junit": as_junit,
    "text": as_text,
}
"""Name to what renders a run of policy tests."""


def _failed(case: CaseResult) -> Iterator[str]:
    yield f"FAILED {case.test}: {case.case}{_at(case)}"
    for failure in case.failures[:_SHOWN]:
        yield from _branches(failure, 1)
    more = len(case.failures) - _SHOWN
    if more > 0:
        yield f"{_INDENT}and {more:,} more of {len(case.failures):,}"
    yield ""


def _branches(branch: Branch, depth: int) -> Iterator[str]:
    yield f"{_INDENT * depth}{branch.text}{_at(branch)}"
    for each in branch.below:
        yield from _branches(each, depth + 1)


def _coverage(run: TestRun) -> Iterator[str]:
    if run.coverage is None:
        return
    seen = len(run.coverage) - len(run.unexercised)
    yield f"rules seen on both sides: {seen} of {len(run.coverage)}"
    for use in run.coverage:
        mark = "" if use.is_exercised else f": {'; '.join(_unseen(use))}"
        counted = f"{use.acted} {_acted(use)}, {use.rested} not"
        yield f"{_INDENT}{use.verb} {use.rule} ({counted}){mark}{_at(use)}"
    yield ""


def _mutants(run: TestRun) -> Iterator[str]:
    if run.mutants is None:
        return
    survived = f"{len(run.survivors)} that no test notices"
    equal = f", {run.equal} that change no decision" if run.equal else ""
    sampled = "" if run.seed is None else f" of {run.of:,}, chosen by seed {run.seed}"
    yield f"loosenings tried: {run.mutants}{sampled}{equal}; kinds of loosening: {survived}"
    for each in run.survivors:
        yield f"{_INDENT}{each.subject} {each.sentence}{_at(each)}"
    yield ""


def _unseen(use: RuleUse) -> list[str]:
    if use.verb in _UNMEASURED:
        return ["this version does not measure it: neither broken nor kept can be seen"]
    words = _SIDES.get(use.verb, ("broken", "kept"))
    missing = [word for word, seen in zip(words, (use.acted, use.rested), strict=True) if not seen]
    return [f"never seen {word}" for word in missing]


_SIDES = {"allow": ("allowing", "not allowing"), "deny": ("denying", "not denying")}
_UNMEASURED = frozenset({"require_anonymity"})
_ACTED = {"allow": "allowed", "deny": "denied"}


def _acted(use: RuleUse) -> str:
    return _ACTED.get(use.verb, "broken")


def _reasons(case: CaseResult) -> list[str]:
    return [line for failure in case.failures[:_SHOWN] for line in _branches(failure, 0)]


def _suite(root: Element, name: str, cases: Mapping[str, list[str]]) -> None:
    from xml.etree import ElementTree as ET

    suite = ET.SubElement(root, "testsuite", name=clean(name, _LONGEST), tests=str(len(cases)))
    suite.set("failures", str(sum(map(bool, cases.values()))))
    for case, reasons in cases.items():
        element = ET.SubElement(suite, "testcase", name=clean(case, _LONGEST))
        element.set("classname", f"governance.policy.{clean(name, _LONGEST)}")
        if reasons:
            failure = ET.SubElement(element, "failure", message=clean(reasons[0], _LONGEST))
            failure.text = "\n".join(clean(each, _LONGEST) for each in reasons)


def _use(use: RuleUse) -> dict[str, Any]:
    return {
        "rule": use.rule,
        "verb": use.verb,
        "position": _place(use),
        "acted": use.acted,
        "rested": use.rested,
        "exercised": use.is_exercised,
    }


def _tree(branch: Branch) -> dict[str, Any]:
    return {
        "text": branch.text,
        "position": _place(branch),
        "below": [_tree(each) for each in branch.below],
    }


def _place(holder: Any) -> str | None:  # noqa: ANN401 (whatever has a position)
    return str(holder.position) if holder.position else None


def _at(holder: Any) -> str:  # noqa: ANN401
    return f"  {holder.position}" if holder.position else ""
