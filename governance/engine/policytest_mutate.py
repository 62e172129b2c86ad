"""Loosened policies against the tests: which loosening does nobody notice?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from governance.controls.equivalence import decide_alike
from governance.controls.matrices import judge_matrices
from governance.engine.policytest_changes import judge_changes
from governance.engine.policytest_data import Laboratory, judge_data
from governance.model.documents import PolicyTest
from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.model.testrun import CaseResult, Survivor
from governance.policy.mutants import Mutant, mutants_of

_NAMED = 3


@dataclass(frozen=True)
class Tried:
    """How many mutants were tried, how many decide nothing otherwise, which survived."""

    count: int
    equal: int
    survivors: tuple[Survivor, ...]


@dataclass(frozen=True)
class Trials:
    """The tests of a policy that passes them all."""

    laboratory: Laboratory
    policy: EffectivePolicy
    tests: Sequence[PolicyTest]

    def try_all(self, *, is_meant: Callable[[Position | None], bool]) -> Tried:
        """Try every loosening of what stands where it is meant."""
        count, equal = 0, 0
        unnoticed: list[Mutant] = []
        for mutant in mutants_of(self.policy, is_meant=is_meant):
            count += 1
            if self._is_noticed(mutant):
                continue
            is_policy = mutant.kind == "Policy"
            if is_policy and decide_alike(self.policy, mutant.policy, mutant.document):
                equal += 1
            else:
                unnoticed.append(mutant)
        return Tried(count, equal, tuple(_joined(unnoticed)))

    def _is_noticed(self, mutant: Mutant) -> bool:
        return any(result.failures for test in self.tests for result in self._results(mutant, test))

    def _results(self, mutant: Mutant, test: PolicyTest) -> Iterator[CaseResult]:
        """Yield the results of what the loosened document can decide, the quickest first."""
        if self._decides_access(mutant, test):
            yield from judge_matrices(mutant.policy, test)
        changes = {
            name: case
            for name, case in test.changes.items()
            if mutant.kind == "Project" or (case.kind, case.document) == _key(mutant)
        }
        if changes:
            yield from judge_changes(mutant.policy, test.model_copy(update={"changes": changes}))
        data = {name: case for name, case in test.data.items() if self._shows(mutant, case.dataset)}
        if data:
            only = test.model_copy(update={"data": data})
            yield from judge_data(self.laboratory, mutant.policy, only)

    def _decides_access(self, mutant: Mutant, test: PolicyTest) -> bool:
        if not test.access:
            return False
        if mutant.kind == "Policy":
            rules = self.policy.policies[mutant.document].rules.values()
            return any(rule.allow or rule.deny for rule in rules)
        assets = {cell[2] for cell in test.cells()}
        if mutant.kind == "Grant":
            return self.policy.grants[mutant.document].dataset in assets
        return mutant.kind == "Project" or mutant.document in assets

    def _shows(self, mutant: Mutant, dataset: str) -> bool:
        if mutant.kind == "Policy":
            rules = self.policy.policies[mutant.document].rules.values()
            return not all(rule.allow or rule.deny for rule in rules)
        if mutant.kind == "Grant":
            return self.policy.grants[mutant.document].dataset == dataset
        return mutant.kind == "Dataset" and mutant.document == dataset


def _key(mutant: Mutant) -> tuple[str, str]:
    return mutant.kind, mutant.document


def _joined(mutants: Sequence[Mutant]) -> Iterator[Survivor]:
    """Yield a survivor for each kind of loosening, with its variants in one sentence."""
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in mutants:
        groups.setdefault((mutant.subject, mutant.sentence), []).append(mutant)
    for (subject, sentence), group in groups.items():
        variants = [mutant.variant for mutant in group if mutant.variant]
        more = len(variants) - _NAMED
        named = ", ".join(variants[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        told = f"{sentence}: {named}" if named else sentence
        yield Survivor(subject, told, group[0].position)
