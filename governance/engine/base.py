"""What a branch changes: its findings beside those of the policies that it left.

Both are evaluated over the same facts, so that what differs comes from the policy files. The
gate's own settings are those of the base: a branch cannot grant itself a waiver, raise a limit, or
set the clock of its promises back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from governance.controls.registry import CONTROLS
from governance.engine.vanished import Side, is_unasked
from governance.engine.yardsticks import held_to
from governance.model.outcome import FindingState, Outcome, Status
from governance.model.policy import EffectivePolicy
from governance.model.run import Comparison, Run
from governance.policy.commits import Fork, find_fork
from governance.policy.committed import load_at
from governance.policy.corpus import Memory

_NAMED = 20


@dataclass(frozen=True)
class Base:
    """The policies that a branch left; None where there was no workspace yet."""

    fork: Fork
    policy: EffectivePolicy | None


def load_base(root: Path, ref: str, memory: Memory | None = None) -> Base:
    """Return the policies at the merge base with ``ref``, read from git alone.

    Raises:
        UsageError: If git cannot tell, or the policy files of the base do not load.
    """
    fork = find_fork(root, ref)
    known = frozenset(control.id for control in CONTROLS)
    return Base(fork, load_at(root, fork, known_controls=known, memory=memory))


def under_base(policy: EffectivePolicy, base: Base) -> EffectivePolicy:
    """Return a branch's policy under the yardsticks of its base; its own where there was none."""
    return policy if base.policy is None else held_to(policy, base.policy)


def compare(
    policy: EffectivePolicy, head: Run, was: Run | None, extra: Sequence[Run], base: Base
) -> Run:
    """Return the branch's run with each finding as new or existing, and what it ends.

    Args:
        policy: What the branch was judged by.
        was: The run of the base; None where it held no workspace.
        extra: Runs of the branch over other evidence, which only add what they find.
    """
    before = _open(was) if was else {}
    shown = _open(head)
    for run in extra:
        for known, outcome in _open(run).items():
            if known not in shown:
                shown[known] = outcome
                head = replace(head, outcomes=(*head.outcomes, outcome))
    outcomes = tuple(_marked(outcome, before) for outcome in head.outcomes)
    gone = [before[known] for known in sorted(before.keys() - _known(head))]
    unknown = {(each.control, each.asset) for each in head.outcomes
               if each.status is Status.NOT_EVALUATED}  # fmt: skip
    unclear = tuple(each for each in gone if (each.control, each.asset) in unknown)
    told = [each for each in gone if each not in unclear]
    unasked: tuple[Outcome, ...] = ()
    if was is not None and base.policy is not None:
        old, new = Side(base.policy, was), Side(policy, head)
        unasked = tuple(each for each in told if is_unasked(each, old, new))
    compared = Comparison(
        base=str(base.fork),
        resolved=tuple(each for each in told if each not in unasked),
        unclear=unclear,
        unasked=unasked,
    )
    head = replace(head, outcomes=outcomes, comparison=compared)
    return replace(head, notes=(*head.notes, *_notes(head, was, compared, base)))


def _notes(run: Run, was: Run | None, compared: Comparison, base: Base) -> Iterator[str]:
    if base.policy is None:
        yield f"the base {base.fork} holds no workspace, so that every finding is new"
        return
    told = ", ".join(f"{count} {state.value}" for state, count in run.count_states().items())
    unclear = f", {len(compared.unclear)} not evaluated any more" if compared.unclear else ""
    unasked = f", {len(compared.unasked)} no longer asked for" if compared.unasked else ""
    yield (
        f"beside the base {base.fork}: {told}{unclear}{unasked} and {len(compared.resolved)} "
        "resolved findings; gate settings, waivers, baseline, limits and approvals are the base's"
    )
    if compared.unasked:
        ref = base.fork.ref
        yield f"what is no longer asked for was not mended: 'governance policy diff --base {ref}'"
    yield from _questions(run, was)
    for word, gone in (
        ("resolved", compared.resolved),
        ("unclear", compared.unclear),
        ("no longer asked for", compared.unasked),
    ):
        yield from (f"{word}: {_told(outcome)}" for outcome in gone[:_NAMED])
        if len(gone) > _NAMED:
            yield f"{word}: {len(gone) - _NAMED} more"


def _questions(run: Run, was: Run | None) -> Iterator[str]:
    """Say whether what was not evaluated is the branch's doing; the exit code is the same."""
    open_now = [each for each in run.outcomes if each.status is Status.NOT_EVALUATED]
    if was is None or not open_now:
        return
    before = {_question(each) for each in was.outcomes if each.status is Status.NOT_EVALUATED}
    added = [each for each in open_now if _question(each) not in before]
    if added:
        yield f"{len(added)} of {len(open_now)} outcomes not evaluated are not so at the base"
        return
    yield (
        f"all {len(open_now)} outcomes not evaluated are so at the base as well, for the same "
        "reasons: the branch adds none, and exit code 3 stays until the workspace has what the "
        "reasons name, as an access log that is declared and scanned"
    )


def _question(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.control, outcome.asset, outcome.reason


def _told(outcome: Outcome) -> str:
    parts = (outcome.control, outcome.asset, outcome.place, outcome.field)
    return " ".join(part for part in parts if part)


def _open(run: Run) -> dict[str, Outcome]:
    return {
        each.finding.id: each
        for each in run.outcomes
        if each.status is Status.FAIL and each.finding
    }


def _known(run: Run) -> set[str]:
    return {each.finding.id for each in run.outcomes if each.finding}


def _marked(outcome: Outcome, before: dict[str, Outcome]) -> Outcome:
    finding = outcome.finding
    if outcome.status is not Status.FAIL or finding is None:
        return outcome
    if finding.state is FindingState.BASELINED:
        return outcome
    # NOTE: what a branch makes more severe is new: the same finding weighed less before.
    known = before.get(finding.id)
    weight = known.finding.severity.rank if known and known.finding else -1
    state = FindingState.EXISTING if finding.severity.rank <= weight else FindingState.NEW
    return replace(outcome, finding=replace(finding, state=state))
