"""Loosened policies against the tests: which loosening does nobody notice?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from governance.controls.equivalence import decide_alike
from governance.controls.matrices import matrices_hold, suppose
from governance.engine.policytest_changes import judge_changes
from governance.engine.policytest_data import Laboratory, judge_data
from governance.model.cases import Cell, DataCase, instant_of
from governance.model.clock import local_day
from governance.model.documents import Dataset, PolicyTest
from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.model.taxonomy import is_within
from governance.model.testrun import CaseResult, Survivor
from governance.policy.mutants import Mutant, made, sample_of

_NAMED = 3


@dataclass(frozen=True)
class Tried:
    """How many of all mutants were tried, how many decide nothing otherwise, which survived."""

    count: int
    of: int
    equal: int
    survivors: tuple[Survivor, ...]


@dataclass(frozen=True)
class Trials:
    """The tests of a policy that passes them all."""

    laboratory: Laboratory
    policy: EffectivePolicy
    tests: Sequence[PolicyTest]

    @cached_property
    def _cells(self) -> list[tuple[PolicyTest, tuple[Cell, ...]]]:
        return [(test, test.cells()) for test in self.tests if test.access]

    def try_some(
        self, *, is_meant: Callable[[Position | None], bool], most: int, seed: int
    ) -> Tried:
        """Try the loosenings of what stands where it is meant: all, or so many of them."""
        sample = sample_of(self.policy, is_meant=is_meant, most=most, seed=seed)
        count, equal = 0, 0
        unnoticed: list[Mutant] = []
        for mutant in filter(None, (made(self.policy, each) for each in sample.chosen)):
            count += 1
            if self._is_noticed(mutant):
                continue
            is_policy = mutant.kind == "Policy"
            if is_policy and decide_alike(self.policy, mutant.policy, mutant.document):
                equal += 1
            else:
                unnoticed.append(mutant)
        of = count if len(sample.chosen) == sample.of else sample.of
        return Tried(count, of, equal, tuple(_joined(unnoticed)))

    def _is_noticed(self, mutant: Mutant) -> bool:
        """Ask what the loosened document can decide, the quickest tests first."""
        assets = self._concerned(mutant)
        for test, cells in self._cells:
            chosen: Sequence[Cell] = [cell for cell in cells if cell[2] in assets]
            chosen = self._within(mutant.limit, test, chosen)
            if chosen and not matrices_hold(mutant.policy, test, chosen):
                return True
        results = (self._changes(mutant, test) for test in self.tests)
        if any(map(_failed, results)):
            return True
        return any(map(_failed, (self._data(mutant, test) for test in self.tests)))

    def _within(
        self, limit: tuple[str, str] | None, test: PolicyTest, cells: Sequence[Cell]
    ) -> Sequence[Cell]:
        """Return the accesses that a loosening can decide, where it says which."""
        if limit is None:
            return cells
        key, word = limit
        if key == "who":
            meant = self._acting_as(word, test)
            return [cell for cell in cells if cell[0] in meant]
        if key == "action":
            return [cell for cell in cells if cell[1] == word]
        return [cell for cell in cells if cell[3] is not None and is_within(cell[3], word)]

    def _acting_as(self, word: str, test: PolicyTest) -> frozenset[str]:
        """Return the principals of a test that are a team or hold a role at some of its times."""
        supposed = suppose(self.policy, test.principals)
        zone = self.policy.project.timezone
        texts = {test.now, *(matrix.at or test.now for matrix in test.access.values())}
        days = {local_day(instant_of(text, zone), zone) for text in texts}
        return frozenset(
            who
            for who in test.principals
            if any(word in supposed.identities(who, day) for day in days)
        )

    @cached_property
    def _asked(self) -> tuple[Dataset, ...]:
        names = {cell[2] for _, cells in self._cells for cell in cells}
        return tuple(self.policy.datasets[name] for name in sorted(names))

    def _concerned(self, mutant: Mutant) -> frozenset[str]:
        """Return the datasets of the tests to which the loosened document may decide an access."""
        policy, name = self.policy, mutant.document
        match mutant.kind:
            case "Grant":
                return frozenset({policy.grants[name].dataset})
            case "Project":
                return frozenset(policy.datasets)
            case "Dataset":
                before, after = policy.datasets[name], mutant.policy.datasets[name]
                is_judged_alike = before.purposes == after.purposes and (
                    policy.access_rules(before) == mutant.policy.access_rules(after)
                )
                return frozenset() if is_judged_alike else frozenset({name})
            case "Policy":
                return frozenset(
                    dataset.id
                    for dataset in self._asked
                    for version in (policy, mutant.policy)
                    if any(ref.policy.id == name for ref in version.access_rules(dataset))
                )
        return frozenset()

    def _changes(self, mutant: Mutant, test: PolicyTest) -> Iterator[CaseResult]:
        changes = {
            name: case
            for name, case in test.changes.items()
            if mutant.kind == "Project" or (case.kind, case.document) == _key(mutant)
        }
        yield from judge_changes(mutant.policy, test.model_copy(update={"changes": changes}))

    def _data(self, mutant: Mutant, test: PolicyTest) -> Iterator[CaseResult]:
        data = {name: case for name, case in test.data.items() if self._shows(mutant, case)}
        only = test.model_copy(update={"data": data})
        yield from judge_data(self.laboratory, mutant.policy, only)

    def _shows(self, mutant: Mutant, case: DataCase) -> bool:
        if mutant.kind == "Policy":
            rules = self.policy.policies[mutant.document].rules.values()
            return not all(rule.allow or rule.deny for rule in rules)
        if mutant.kind == "Grant":
            return self.policy.grants[mutant.document].dataset == case.dataset
        return case.about == _key(mutant)


def _failed(results: Iterator[CaseResult]) -> bool:
    return any(result.failures for result in results)


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
