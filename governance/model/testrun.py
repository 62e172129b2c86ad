"""What a run of policy tests came to: cases, rules and how they were exercised, mutants."""

from __future__ import annotations

from dataclasses import dataclass

from governance.model.position import Position


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of an explanation, and the lines below it.

    Args:
        text: A sentence. position: The line that says so, None where nobody does.
    """

    text: str
    position: Position | None = None
    below: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case ended: it passed when nothing failed.

    Args:
        test: The id of the test. case: The key path, as ``access.at-night.nobody``.
        position: The line of the case.
        checks: How many accesses or expectations were held against the policy.
        failures: What came out otherwise, each with everything that was considered.
    """

    test: str
    case: str
    position: Position | None
    checks: int
    failures: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleUse:
    """How often the tests saw a rule on each of its sides.

    Args:
        rule: ``policy.rule``. verb: ``allow``, ``deny``, ``require`` …
        position: The line of the rule.
        acted: Checks in which it allowed, denied, or was broken.
        rested: Checks that concerned it in which it did not.
    """

    rule: str
    verb: str
    position: Position | None
    acted: int
    rested: int

    @property
    def is_exercised(self) -> bool:
        """Whether some check shows each side."""
        return self.acted > 0 and self.rested > 0


@dataclass(frozen=True, slots=True)
class Survivor:
    """A loosening of the policies that no test notices.

    Args:
        subject: The rule or document, as ``access-shop.people``. sentence: What was loosened.
        position: The line that would be changed.
    """

    subject: str
    sentence: str
    position: Position | None


@dataclass(frozen=True, slots=True)
class TestRun:
    """A run of the tests of one workspace.

    Args:
        source: What was tested: the project's id, or ``pack:NAME``.
        left_out: How many cases were left out on purpose.
        coverage: Of every rule that tests can exercise; None when nobody asked.
        mutants: How many loosenings were tried; None when nobody asked.
        of: How many there are; more than were tried where ``seed`` chose some of them.
        equal: How many of them decide nothing otherwise, and so cannot be noticed.
    """

    __test__ = False  # pytest collects classes called Test…

    source: str
    cases: tuple[CaseResult, ...]
    left_out: int = 0
    coverage: tuple[RuleUse, ...] | None = None
    mutants: int | None = None
    of: int = 0
    seed: int | None = None
    equal: int = 0
    survivors: tuple[Survivor, ...] = ()

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that failed."""
        return tuple(case for case in self.cases if case.failures)

    @property
    def unexercised(self) -> tuple[RuleUse, ...]:
        """The rules of which no check shows both sides."""
        return tuple(use for use in self.coverage or () if not use.is_exercised)

    @property
    def exit_code(self) -> int:
        """3 where nothing was tested, 1 where something was found, else 0."""
        if not self.cases:
            return 3
        return int(bool(self.failed or self.unexercised or self.survivors))
