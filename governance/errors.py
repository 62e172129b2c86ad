"""What can go wrong, said the same way everywhere: ``where: problem. remedy.``

Every room raises its own subclass; the command line catches the base, prints one
line per error and exits with the subclass's code. No message carries a scanned value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class GovernanceError(Exception):
    """A failure that a person can act on.

    Args:
        where: The file, position, asset or option concerned.
        problem: What is wrong, lower case, without a full stop.
        remedy: What to do about it, lower case, without a full stop.
    """

    exit_code = 2

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(f"{where}: {problem}. {remedy}.")
        self.where = where
        self.problem = problem
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[GovernanceError], tuple[Any, ...]]:
        """Let an error come back from a worker process as what it was."""
        return type(self), (self.where, self.problem, self.remedy)


class UsageError(GovernanceError):
    """The command line asks for something that does not exist or does not fit."""


class PolicyError(GovernanceError):
    """One fault in one policy file.

    Args:
        line: The offending line as written, where there is one.
    """

    def __init__(self, where: str, problem: str, remedy: str, *, line: str | None = None) -> None:
        super().__init__(where, problem, remedy)
        self.line = line


class InvalidPolicyError(GovernanceError):
    """All the faults of a workspace's policy files, never only the first."""

    def __init__(self, errors: Sequence[PolicyError]) -> None:
        self.errors = tuple(errors)
        count = len(self.errors)
        super().__init__(
            where="policy",
            problem=f"{count} error{'s' if count != 1 else ''} in the policy files",
            remedy="mend each line above and run 'governance policy lint' again",
        )

    def __reduce__(self) -> tuple[type[GovernanceError], tuple[Any, ...]]:
        return type(self), (self.errors,)


class NothingToDoError(GovernanceError):
    """The command found nothing to examine; green would be a lie."""

    exit_code = 3


class SourceError(GovernanceError):
    """A source cannot be opened at all; readers turn it into skipped coverage."""

    exit_code = 3


class DetectionError(GovernanceError):
    """A detector is defined wrongly or cannot be loaded."""


class TrailError(GovernanceError):
    """The audit trail could not be written durably, or does not verify."""

    exit_code = 4


class FactsError(GovernanceError):
    """The stored facts are missing or unreadable."""

    exit_code = 3


class ReportError(GovernanceError):
    """A report cannot be made from what the trail and the facts hold."""

    exit_code = 3
