"""What a run comes to, in words; every format that people read says it the same way."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from governance.formats.cleaning import clean, count
from governance.model.facts import AssetFacts
from governance.model.outcome import Finding, FindingKind, FindingState, Outcome, Status
from governance.model.run import Run

EXIT_MEANINGS = {
    0: "complete, and nothing at or above the threshold",
    1: "findings at or above the threshold",
    2: "wrong usage, or policy files that do not load",
    3: "not evaluated: nothing was checked, coverage was incomplete, or a control had no evidence",
    4: "the audit trail could not be written or does not verify",
}
NOT_EVALUATED = 3
GAP = "gap"


def verdict(run: Run) -> str:
    """Return the verdict as ``exit 1: 3 findings at or above high``."""
    said = clean(run.verdict)
    if run.exit_code == NOT_EVALUATED:
        said = said or _what_is_open(run)
        said += f"; would be 1 otherwise: {clean(run.otherwise)}" if run.otherwise else ""
    baselined = run.count_states()[FindingState.BASELINED]
    beside = f", beside {count(baselined, 'baselined finding')}" if baselined else ""
    meaning = EXIT_MEANINGS.get(run.exit_code, "unknown")
    return f"exit {run.exit_code}: {said or meaning}{'' if run.exit_code else beside}"


def tally(run: Run) -> str:
    """Return the open findings and how the controls ended, in one line."""
    found = run.count_findings()
    parts = [f"{number:,} {name}" for name, number in found.items() if number and name != GAP]
    if found[GAP]:
        parts.append(count(found[GAP], GAP))
    total = sum(found.values())
    listed = f" ({', '.join(parts)}; {_by_state(run)})" if parts else ""
    ended = run.count_outcomes()
    controls = ", ".join(
        f"{ended[status]:,} {word}" for status, word in _STATUS_WORDS.items() if ended[status]
    )
    return f"{count(total, 'open finding')}{listed}; outcomes: {controls or 'none'}"


def baseline_told(run: Run) -> str | None:
    """Return what the baseline did to this run, in one sentence; None where there is none."""
    use = run.baseline
    if use is None:
        return None
    listed = count(use.entries, "known finding")
    parts = [f"{use.matched:,} open and not counted"]
    parts += [f"{use.worse:,} more severe than accepted and counted as new"] if use.worse else []
    if use.unmatched:
        parts.append(f"{use.unmatched:,} not open now ('governance baseline prune' removes what")
        parts[-1] += " is resolved)"
    return f"baseline {clean(use.path, 200)} lists {listed}: {', '.join(parts)}"


def open_findings(run: Run) -> list[tuple[Outcome, Finding]]:
    """Return failed outcomes with their findings: the worst first, gaps last.

    Of those of one severity the baselined come last.
    """
    pairs = [(o, o.finding) for o in run.outcomes if o.status is Status.FAIL and o.finding]
    return sorted(pairs, key=lambda pair: _finding_order(*pair))


def waived_findings(run: Run) -> list[tuple[Outcome, Finding]]:
    """Return waived outcomes with their findings, the worst first."""
    pairs = [(o, o.finding) for o in run.outcomes if o.status is Status.WAIVED and o.finding]
    return sorted(pairs, key=lambda pair: _finding_order(*pair))


def group_of(finding: Finding) -> str:
    """Return the heading a finding is counted under: its severity, or ``gap``."""
    return GAP if finding.kind is FindingKind.GAP else finding.severity.value


def place_of(outcome: Outcome) -> str:
    """Return where it is: asset, place, field and subject, those that are there."""
    parts = (outcome.asset, outcome.place, outcome.field, outcome.subject)
    return " · ".join(clean(part) for part in parts if part)


def incomplete_places(run: Run) -> list[tuple[str, str, str, str]]:
    """Return asset, URI, status and reason of every place that was not read completely."""
    return [
        (facts.asset.id, place.uri, place.coverage.status.value, place.coverage.reason)
        for facts in _by_id(run)
        for place in facts.places
        if place.coverage.reason is not None
    ]


def not_evaluated(run: Run) -> list[tuple[str, str, list[str]]]:
    """Return control, reason and the assets concerned, for everything left unevaluated."""
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for outcome in sorted(run.outcomes, key=lambda o: (o.control, o.reason, o.asset)):
        if outcome.status is Status.NOT_EVALUATED:
            groups.setdefault((outcome.control, outcome.reason), {})[outcome.asset] = None
    return [(control, reason, list(assets)) for (control, reason), assets in groups.items()]


def facts_age(run: Run) -> str:
    """Return how old the facts are that a run answered from; empty where it read the data."""
    times = [read.taken for facts in run.assets for read in facts.places if read.taken]
    if not times:
        return ""
    return f"facts of {min(times):%Y-%m-%d %H:%M} UTC and later, {_days(run, min(times))}"


def beside_base(run: Run) -> list[tuple[str, dict[str, int]]]:
    """Return what is new, existing, waived, resolved …, each by severity and ``gap``."""
    comparison = run.comparison
    if comparison is None:
        return []
    found: dict[str, list[Outcome]] = {state.value: [] for state in FindingState}
    for outcome in run.outcomes:
        if outcome.finding is not None:
            found[outcome.finding.state.value].append(outcome)
    found |= {"resolved": list(comparison.resolved), "unclear": list(comparison.unclear)}
    found["no longer asked"] = list(comparison.unasked)
    return [
        (state, Counter(group_of(each.finding) for each in outcomes if each.finding))
        for state, outcomes in found.items()
    ]


_STATUS_WORDS = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.NOT_EVALUATED: "not evaluated",
    Status.WAIVED: "waived",
    Status.NOT_APPLICABLE: "not applicable",
}


def _by_state(run: Run) -> str:
    states = run.count_states()
    shown = (FindingState.NEW, FindingState.EXISTING, FindingState.BASELINED)
    return ", ".join(f"{states[state]:,} {state.value}" for state in shown if states[state])


def _what_is_open(run: Run) -> str:
    ended = run.count_outcomes()
    if not ended[Status.PASS] + ended[Status.FAIL] + ended[Status.WAIVED]:
        return "nothing was checked"
    unread, unknown = len(incomplete_places(run)), ended[Status.NOT_EVALUATED]
    parts = [f"{count(unread, 'place')} not read completely"] if unread else []
    parts += [f"{count(unknown, 'outcome')} not evaluated"] if unknown else []
    return ", ".join(parts)


def _days(run: Run, taken: datetime) -> str:
    return f"{count(max((run.started - taken).days, 0), 'day')} old"


def _finding_order(outcome: Outcome, finding: Finding) -> tuple[bool, int, bool, str, str, str]:
    is_gap = finding.kind is FindingKind.GAP
    where = (outcome.asset, outcome.control, place_of(outcome))
    return is_gap, -finding.severity.rank, finding.state is FindingState.BASELINED, *where


def _by_id(run: Run) -> list[AssetFacts]:
    return sorted(run.assets, key=lambda facts: facts.asset.id)
