"""The straight line of ``policy diff``: two versions, their changes, the facts, the gate."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from governance.engine.approvals import Approvals, Circumstances, Decided, decide
from governance.errors import FactsError, NothingToDoError
from governance.model.clock import local_day
from governance.model.policy import EffectivePolicy
from governance.model.trail import Event, Person
from governance.policy.commits import Fork, find_fork
from governance.policy.committed import Work, load_at, work_since
from governance.policy.comparison.change import Change, Direction, Versions
from governance.policy.corpus import Memory
from governance.policy.diff import compare, digest_of

if TYPE_CHECKING:
    from governance.engine.ledger import Ledger
    from governance.engine.measurements import Measurements

_LISTED = 100
_PARTIES_LISTED = 10
_SENTENCE = 300  # characters of a change in words; policy diff has the whole
_PERSON = re.compile(r"\buser:[^\s,;()]+")
_ADDRESS = re.compile(r"[^\s,;()]+@[^\s,;()]+")
_WRITTEN = frozenset({
    "title", "description", "why", "fix", "reason", "compensating", "basis", "notice", "from",
    "special_ground", "intended_use", "out_of_scope", "instructions", "contacts", "ticket",
    "organisation", "representative", "data_protection_officer", "joint_controllers", "name",
    "contact", "address",
})  # fmt: skip
"""Keys under which people write in words of their own."""


@dataclass(frozen=True)
class DiffRequest:
    """What a comparison needs from outside.

    Args:
        policy: The policies of the checkout at ``root``. base: The branch to compare with.
        measure: Returns what earlier scans left, as the policies at a fork let it count; asked only
            where something changed.
        is_named: Whether a person named the facts; what cannot be read is an error then.
        memory: What the files of the checkout hold, so that unchanged ones are read once.
    """

    root: Path
    policy: EffectivePolicy
    base: str
    clock: Callable[[], datetime]
    measure: Callable[[EffectivePolicy, Fork], Measurements]
    memory: Memory = field(default_factory=Memory)
    is_named: bool = False


@dataclass(frozen=True)
class Comparison:
    """What a branch changes, worst first.

    Args:
        notes: What holds for all changes together, and what could not be told.
    """

    fork: Fork
    base: EffectivePolicy
    head: EffectivePolicy
    changes: tuple[Change, ...]
    now: datetime
    notes: tuple[str, ...] = ()

    @property
    def held(self) -> tuple[Change, ...]:
        """The changes that a gate holds up."""
        return tuple(change for change in self.changes if change.direction.is_held)

    @property
    def id(self) -> str:
        """One id for all held changes together; an approval may name it."""
        return digest_of(self.held)


@dataclass(frozen=True)
class Gate:
    """What the gate says of a comparison.

    Args:
        strict: Whether a change that nobody can judge is held up as a weaker one is.
        work: The commits that make up the change. decided: Who approved what.
    """

    strict: bool
    work: Work
    decided: Decided = field(default_factory=lambda: Decided({}))
    approvals: Approvals = field(default_factory=Approvals)

    def open(self, comparison: Comparison) -> tuple[Change, ...]:
        """Return the changes that are held up and not approved."""
        return tuple(
            change
            for change in comparison.held
            if not self.decided.is_approved(change)
            and (self.strict or change.direction is Direction.WEAKER)
        )


def compare_with_base(request: DiffRequest) -> Comparison:
    """Compare a checkout's policies with those where its branch left another one.

    Raises:
        UsageError: If git cannot tell, or the base's policy files do not load.
        NothingToDoError: If there was no workspace at the base, so that nothing is compared.
        FactsError: If the facts that a person named cannot be read.
    """
    fork, now = find_fork(request.root, request.base), request.clock()
    base = load_at(request.root, fork, memory=request.memory)
    if base is None:
        raise NothingToDoError(
            where="--base",
            problem=f"{fork} holds no governance.yaml, so nothing was compared",
            remedy="compare with a commit that does",
        )
    day = local_day(now, base.project.timezone)
    changes = compare(base, request.policy, day=day)
    notes: list[str] = []
    # NOTE: reading facts takes longer than all the rest; where nothing changed nobody needs them.
    known = _measurements(request, base, fork, notes) if changes else None
    if known is not None:
        from governance.engine.replay import replayed

        versions = Versions(base, request.policy, day, known.columns())
        changes = compare(base, request.policy, day=day, measured=versions.measured)
        changes, told = replayed(changes, versions, known)
        notes += told
        if not known.proves:
            notes.append(
                f"the change brings its own facts ({known.source}): they prove no column gone"
            )
    return Comparison(fork, base, request.policy, changes, now, tuple(notes))


def judge(comparison: Comparison, root: Path, approvals: Approvals | None, *, strict: bool) -> Gate:
    """Return what the gate says, with approvals held against the base and its branch today.

    Raises:
        UsageError: If git cannot tell, or the policies of the base's branch do not load today.
    """
    work = work_since(root, comparison.fork)
    if approvals is None:
        return Gate(strict, work)
    tip = comparison.base
    if comparison.fork.tip and comparison.fork.tip != comparison.fork.commit:
        now = replace(comparison.fork, commit=comparison.fork.tip)
        tip = load_at(root, now) or comparison.base
    commits = {work.head} if not work.is_dirty else set()
    if approvals.commits:
        commits = set(approvals.commits) if not work.is_dirty else set()
    under = Circumstances(
        base=comparison.base, tip=tip, head=comparison.head, now=comparison.now,
        addresses=work.addresses, commits=frozenset(commits),
    )  # fmt: skip
    return Gate(strict, work, decide(comparison.held, approvals, under), approvals)


def record(ledger: Ledger, comparison: Comparison, gate: Gate, *, exit_code: int) -> None:
    """Write the gate's decision into the trail, durably, and seal it.

    Raises:
        TrailError: If it cannot be written; there is no verdict then.
    """
    with ledger:
        ledger.append([gate_decided(comparison, gate, exit_code=exit_code)])
        ledger.seal()


def gate_decided(comparison: Comparison, gate: Gate, *, exit_code: int) -> Event:
    """Return the event of a decision: which changes, who must approve, who did, the verdict."""
    counts = {
        direction.value: sum(each.direction is direction for each in comparison.changes)
        for direction in Direction
    }
    held = comparison.held
    waits = bool(gate.open(comparison))
    return Event(
        "gate.decided",
        {
            "gate": "policy diff",
            "verdict": "refused" if waits else ("approved" if held else "passed"),
            "exit_code": exit_code,
            "base": {
                "ref": _plain(comparison.fork.ref),
                "commit": comparison.fork.commit,
                "digest": comparison.base.digest,
            },
            "head": {
                "commit": gate.work.head,
                "digest": comparison.head.digest,
                "uncommitted": gate.work.is_dirty,
            },
            "pull_request": _plain(gate.approvals.pull_request or "") or None,
            "approvals": _plain(gate.approvals.source) or None,
            "counts": counts,
            "unknown_passes": not gate.strict,
            "id": comparison.id,
            "changes": [_recorded(change, gate) for change in held[:_LISTED]],
            "more": max(0, len(held) - _LISTED),
        },
    )


def _recorded(change: Change, gate: Gate) -> dict[str, object]:
    return {
        "id": change.id,
        "direction": change.direction.value,
        "kind": change.kind,
        "document": _plain(change.document),
        "sentence": without_persons(change),
        "approvers": [_plain(each) for each in change.approvers[:_PARTIES_LISTED]],
        "approved_by": [
            Person(_plain(each)) for each in gate.decided.approvers(change)[:_PARTIES_LISTED]
        ],
        "approved": gate.decided.is_approved(change),
    }


def without_persons(change: Change) -> str | None:
    """Return the change in words that may stand in the trail for good; None where it has none.

    Persons and addresses are left out, and so is what somebody wrote in words of their own: an
    entry cannot be changed, and what it names could never be erased.
    """
    if change.path.rpartition(".")[2] in _WRITTEN:
        return None
    told = _ADDRESS.sub("an address", _PERSON.sub("a person", change.sentence))
    return _plain(told, _SENTENCE)


def _plain(text: str, most: int = 120) -> str:
    """Return text as the trail's canonical form takes it, cut to a size that bounds an entry."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", whole)[:most]


def _measurements(
    request: DiffRequest, base: EffectivePolicy, fork: Fork, notes: list[str]
) -> Measurements | None:
    try:
        known = request.measure(base, fork)
    except FactsError as cause:
        if request.is_named:
            raise
        # NOTE: a comparison stands without measurements; that they are missing is said.
        notes.append(f"nothing was replayed: {cause.problem}")
        return None
    if known.taken is None:
        notes.append("nothing was replayed: no scan has left facts here")
        return None
    return known


def unapproved(changes: Sequence[Change], gate: Gate) -> tuple[str, ...]:
    """Return the parties whose approval is missing for some changes, sorted."""
    return tuple(sorted({party for each in changes for party in gate.decided.missing(each)}))
