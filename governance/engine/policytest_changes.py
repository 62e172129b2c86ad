"""The change cases of policy tests: what ``policy diff`` says of a change that is supposed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from governance.model.cases import ChangeCase, instant_of
from governance.model.clock import local_day
from governance.model.documents import PolicyTest
from governance.model.policy import EffectivePolicy
from governance.model.testrun import Branch, CaseResult
from governance.policy.comparison.change import Change
from governance.policy.diff import compare
from governance.policy.patching import PatchError, patched

_WORST_FIRST = ("weaker", "unknown", "stronger", "neutral")


def judge_changes(policy: EffectivePolicy, test: PolicyTest) -> Iterator[CaseResult]:
    """Yield the result of every change case of a test."""
    zone = policy.project.timezone
    for name, case in sorted(test.changes.items()):
        path = f"changes.{name}"
        position = policy.position("PolicyTest", test.id, path)
        day = local_day(instant_of(test.now, zone), zone)
        try:
            changes = compare(policy, patched(policy, case), day=day)
            failures = list(_failures(case, changes))
        except PatchError as cause:
            failures = [Branch(f"cannot be made: {cause.problem}", position)]
        checks = 1 + (case.approvers is not None)
        yield CaseResult(test.id, path, position, checks, tuple(failures))


def _failures(case: ChangeCase, changes: Sequence[Change]) -> Iterator[Branch]:
    below = tuple(map(_branch, changes))
    found = _worst(changes)
    if found != case.direction:
        yield Branch(f"the change is {found}, expected {case.direction}", None, below)
    if case.approvers is None:
        return
    asked = sorted({approver for change in changes for approver in change.approvers})
    if asked != sorted(set(case.approvers)):
        wanted = ", ".join(sorted(case.approvers)) or "nobody"
        said = f"to approve: {', '.join(asked) or 'nobody'}, expected {wanted}"
        yield Branch(said, None, below)


def _worst(changes: Sequence[Change]) -> str:
    directions = {change.direction.value for change in changes}
    return next((each for each in _WORST_FIRST if each in directions), "none")


def _branch(change: Change) -> Branch:
    return Branch(f"{change.direction.value}: {change.sentence}", change.base or change.head)
