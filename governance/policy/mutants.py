"""Every rule and promise of the policies, loosened by one step, in memory.

A loosening is what a careless or hostile change would do: one principal more, an hour longer, one
rung lower. A test that is worth its name notices.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.policy.laxer_rules import policy_steps
from governance.policy.loosening import Step, dataset_steps, grant_steps, model_steps, project_steps
from governance.policy.patching import PatchError, documents_of, laid_over, with_document

_KINDS = ("Policy", "Dataset", "Model", "Grant", "Project")


@dataclass(frozen=True)
class Mutant:
    """One loosened policy.

    Args:
        kind, document: Which document is loosened.
        subject: The rule or document, as a person calls it.
        sentence: What it does now, the same for its variants. variant: As ``team:sales``.
        position: The line that would be changed.
        policy: The effective policy with the loosening.
        limit: Which accesses alone it can decide, as in ``Step``.
    """

    kind: str
    document: str
    subject: str
    sentence: str
    variant: str
    position: Position | None
    policy: EffectivePolicy
    limit: tuple[str, str] | None = None


@dataclass(frozen=True)
class Sample:
    """Some loosenings of all there are, the same ones for the same seed.

    Args:
        of: How many there are. chosen: Those that are made, in a stable order.
    """

    of: int
    chosen: tuple[Loosening, ...]


@dataclass(frozen=True)
class Loosening:
    """One step of one document that is not made yet."""

    number: int
    kind: str
    document: str
    subject: str
    step: Step


def mutants_of(
    policy: EffectivePolicy, *, is_meant: Callable[[Position | None], bool]
) -> Iterator[Mutant]:
    """Yield every loosening of the documents that stand where it is meant, in a stable order.

    Args:
        is_meant: Whether a document at a position is loosened; those of packs are nobody's here.
    """
    for each in _loosenings(policy, is_meant):
        mutant = made(policy, each)
        if mutant is not None:
            yield mutant


def sample_of(
    policy: EffectivePolicy, *, is_meant: Callable[[Position | None], bool], most: int, seed: int
) -> Sample:
    """Return at most so many loosenings, chosen by nothing but the seed and what they are."""
    count = 0

    def counted() -> Iterator[Loosening]:
        nonlocal count
        for each in _loosenings(policy, is_meant):
            count += 1
            yield each

    chosen = heapq.nsmallest(most, counted(), key=lambda each: _lot(each, seed))
    return Sample(count, tuple(sorted(chosen, key=lambda each: each.number)))


def made(policy: EffectivePolicy, loosening: Loosening) -> Mutant | None:
    """Return the policy one step looser; None where the language takes no such document."""
    kind, name, step = loosening.kind, loosening.document, loosening.step
    loosened = _loosened(documents_of(policy, kind)[name], step)
    if loosened is None:
        return None
    return Mutant(
        kind=kind,
        document=name,
        subject=loosening.subject,
        sentence=step.sentence,
        variant=step.variant,
        position=policy.position(kind, name, step.path),
        policy=with_document(policy, loosened),
        limit=step.limit,
    )


def _loosenings(
    policy: EffectivePolicy, is_meant: Callable[[Position | None], bool]
) -> Iterator[Loosening]:
    number = 0
    for kind in _KINDS:
        for name, document in sorted(documents_of(policy, kind).items()):
            if not is_meant(policy.position(kind, name)):
                continue
            for subject, step in _steps(policy, kind, document):
                yield Loosening(number, kind, name, subject, step)
                number += 1


def _lot(loosening: Loosening, seed: int) -> bytes:
    step = loosening.step
    told = (seed, loosening.kind, loosening.subject, step.path, step.sentence, step.variant)
    return hashlib.blake2b(repr(told).encode("utf-8", "replace"), digest_size=8).digest()


def _steps(
    policy: EffectivePolicy,
    kind: str,
    document: Any,  # noqa: ANN401 (one of the kinds)
) -> Iterator[tuple[str, Step]]:
    if kind == "Policy":
        yield from policy_steps(policy, document)
        return
    steps = {
        "Dataset": lambda: dataset_steps(policy, document),
        "Model": lambda: model_steps(document),
        "Grant": lambda: grant_steps(policy, document),
        "Project": lambda: project_steps(document),
    }
    for step in steps[kind]():
        yield f"{kind} {document.id}", step


def _loosened(document: Any, step: Step) -> Any:  # noqa: ANN401
    """Return the document one step looser; None where the language takes no such document."""
    try:
        changed = laid_over(document, step.values, step.gone)
    except PatchError:
        return None
    return None if changed == document else changed
