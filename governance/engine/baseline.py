"""The baseline: a machine's list of findings that were there already, kept in a file to commit.

One finding a line, sorted by its id. A line says what a finding is and how severe it was when it
was accepted, and nothing that changes by itself: no message, no line, no count, no value.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from governance.engine.workspace import Workspace
from governance.errors import UsageError
from governance.model.ladders import Severity
from governance.model.outcome import FindingState, Outcome, Status, finding_id
from governance.model.policy import EffectivePolicy
from governance.model.run import BaselineUse
from governance.policy.commits import Fork, read_file

SCHEMA = "governance/baseline/v1"
DEFAULT_PATH = "governance-baseline.jsonl"
MAX_BYTES = 64_000_000
_HEADER = f'{{"schema": "{SCHEMA}"}}'
_REQUIRED = ("id", "severity", "control", "asset")
_OPTIONAL = ("place", "field", "subject")
_CONFLICTS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


@dataclass(frozen=True, slots=True)
class Entry:
    """One known finding; ``severity`` is that of the day it was accepted."""

    id: str
    severity: Severity
    control: str
    asset: str
    place: str | None = None
    field: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Baseline:
    """A baseline that was read.

    Args:
        path: The file as people know it. sha256: Of its bytes. entries: By the finding's id.
    """

    path: str
    sha256: str
    entries: Mapping[str, Entry]


def entry_of(outcome: Outcome) -> Entry:
    """Return the entry of a failed outcome.

    Raises:
        ValueError: If it carries no finding.
    """
    finding = outcome.finding
    if finding is None:
        raise ValueError(f"{outcome.control}: no finding")
    where = (outcome.control, outcome.asset, outcome.place, outcome.field, outcome.subject)
    return Entry(finding.id, finding.severity, *where)


def open_entries(outcomes: Iterable[Outcome]) -> dict[str, Entry]:
    """Return an entry for every finding that is open; of two with one id the less severe."""
    return _by_id(entry_of(each) for each in outcomes if each.status is Status.FAIL)


def apply_baseline(
    outcomes: Iterable[Outcome], baseline: Baseline | None
) -> tuple[tuple[Outcome, ...], BaselineUse | None]:
    """Return the outcomes with the findings that the baseline lists as ``baselined``.

    Such a finding stays in every output. One that became more severe is left as it was: new.
    """
    if baseline is None:
        return tuple(outcomes), None
    met: dict[str, bool] = {}
    triaged = []
    for outcome in outcomes:
        entry = baseline.entries.get(outcome.finding.id) if outcome.finding else None
        if entry and outcome.finding and outcome.status is Status.FAIL:
            is_worse = outcome.finding.severity.rank > entry.severity.rank
            met[entry.id] = met.get(entry.id, False) or is_worse
            if not is_worse:
                finding = replace(outcome.finding, state=FindingState.BASELINED)
                outcome = replace(outcome, finding=finding)
        triaged.append(outcome)
    total, worse = len(baseline.entries), sum(met.values())
    use = BaselineUse(
        baseline.path, baseline.sha256, total, len(met) - worse, worse, total - len(met)
    )
    return tuple(triaged), use


def read_baseline(workspace: Workspace) -> Baseline | None:
    """Return the baseline of a workspace; None where there is none.

    ``gate.baseline`` names the file; ``governance-baseline.jsonl`` is read where it does not.

    Raises:
        UsageError: If the file leaves the workspace, is named and missing, or does not parse.
    """
    if not workspace.declared:
        return None
    file, shown = baseline_file(workspace)
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise UsageError(shown, "the baseline is no regular file", "name a file")
        with file.open("rb") as stream:
            return parse_baseline(shown, stream.read(MAX_BYTES + 1))
    except FileNotFoundError:
        if workspace.policy.project.gate.baseline is None:
            return None
        raise _missing(shown) from None
    except OSError as cause:
        problem = f"cannot read the baseline: {(cause.strerror or 'unknown reason').lower()}"
        raise UsageError(shown, problem, "check its permissions") from cause


def committed_baseline(root: Path, fork: Fork, policy: EffectivePolicy) -> Baseline | None:
    """Return the baseline as a commit holds it: a branch cannot write its own.

    Args:
        policy: That of the same commit.

    Raises:
        UsageError: If it names one that the commit does not hold, or it does not parse.
    """
    named = policy.project.gate.baseline
    shown = f"{fork}:{named or DEFAULT_PATH}"
    data = read_file(root, fork, named or DEFAULT_PATH, at_most=MAX_BYTES)
    if data is not None:
        return parse_baseline(shown, data)
    if named is None:
        return None
    raise _missing(shown)


def baseline_file(workspace: Workspace) -> tuple[Path, str]:
    """Return where the baseline is, whether it exists or not, and the path as people know it.

    Raises:
        UsageError: If that is outside of the workspace.
    """
    shown = workspace.policy.project.gate.baseline or DEFAULT_PATH
    file = workspace.root / shown
    if not file.resolve().is_relative_to(workspace.root.resolve()):
        problem = "the baseline is outside of the workspace"
        raise UsageError(shown, problem, "name a file of the workspace")
    return file, shown


def parse_baseline(shown: str, data: bytes) -> Baseline:
    """Read a baseline's bytes. Order does not matter, nor do doubles: two branches may have met.

    Of two lines for one finding the less severe counts, for it hides less.

    Args:
        shown: The file as people know it.

    Raises:
        UsageError: If a line is no entry, or its id is not that of what it says.
    """
    if len(data) > MAX_BYTES:
        problem = f"the baseline is larger than {MAX_BYTES // 1_000_000} MB"
        raise UsageError(shown, problem, "mend some of what it lists")
    header, *lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if header.strip() != _HEADER:
        problem = f"the first line is not {_HEADER}"
        raise UsageError(f"{shown}:1", problem, "write it with 'governance baseline create'")
    entries = [
        _parsed(f"{shown}:{number}", line)
        for number, line in enumerate(lines, start=2)
        if line.strip() and line.strip() != _HEADER
    ]
    return Baseline(shown, hashlib.sha256(data).hexdigest(), _by_id(entries))


def dump_baseline(entries: Iterable[Entry]) -> str:
    """Return the file: its header, then one entry a line, sorted by id, in ASCII."""
    lines = [_line(entry) for entry in sorted(entries, key=lambda entry: entry.id)]
    return "\n".join([_HEADER, *lines]) + "\n"


def _missing(shown: str) -> UsageError:
    problem = "gate.baseline names this file, and it is not there"
    return UsageError(shown, problem, "run 'governance baseline create' and commit the file")


def _line(entry: Entry) -> str:
    told = {name: getattr(entry, name) for name in (*_REQUIRED, *_OPTIONAL)}
    return json.dumps({name: value for name, value in told.items() if value is not None})


def _parsed(where: str, line: str) -> Entry:
    if line.startswith(_CONFLICTS):
        remedy = "keep the lines of both sides and delete the markers"
        raise UsageError(where, "two versions of the baseline were not merged", remedy)
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        told = None
    allowed = {*_REQUIRED, *_OPTIONAL}
    if (
        not isinstance(told, dict)
        or not all(isinstance(value, str) for value in told.values())
        or not set(_REQUIRED) <= set(told) <= allowed
        or told["severity"] not in {each.value for each in Severity}
    ):
        raise UsageError(where, "this is no entry of a baseline", "delete the line")
    entry = Entry(**told | {"severity": Severity(told["severity"])})
    # NOTE: else a line could say one thing and hide another.
    at = {"place": entry.place, "field": entry.field, "subject": entry.subject}
    if entry.id != finding_id(entry.control, entry.asset, **at):
        problem = "the id is not that of the control, asset, place, field and subject beside it"
        raise UsageError(where, problem, "delete the line, and run 'governance baseline update'")
    return entry


def _by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    known: dict[str, Entry] = {}
    for entry in entries:
        other = known.get(entry.id)
        if other is None or entry.severity.rank < other.severity.rank:
            known[entry.id] = entry
    return known
