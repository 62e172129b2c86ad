"""How an access stands, and what each rule or grant says about it alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from governance.model.documents import Grant
from governance.model.policy import RuleRef

NO_RULE = "no rule"
DEFAULT = "the project's default"


class Answer(IntEnum):
    """How an access stands, worst first."""

    DENIED = 0
    UNDECIDED = 1
    LATE = 2
    ALLOWED = 3


class Aspect(StrEnum):
    """What a rule or a grant asks of an access."""

    ACTION = "action"
    WHO = "who"
    WHAT = "what"
    PURPOSE = "purpose"
    NETWORK = "network"
    REGION = "region"
    WHEN = "when"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the rule or grant that gave it.

    Args:
        rule: The deny rule that refused, the allow rule that allowed or whose window was missed.
        grant: The grant that allowed, had not begun or was over.
        by: The id of either, ``no rule``, or the project's default.
        reason: For an undecided one, what is not told.
        field: The column that decided, where the access names columns.
    """

    answer: Answer
    by: str
    rule: RuleRef | None = None
    grant: Grant | None = None
    reason: str = ""
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """One rule or grant against one access.

    Args:
        tests: Each aspect that it asks for, and whether the access fits; None where the access
            does not tell.
    """

    rule: RuleRef | None
    grant: Grant | None
    tests: tuple[tuple[Aspect, bool | None], ...]

    @property
    def id(self) -> str:
        return self.rule.id if self.rule else self.grant.id if self.grant else ""

    @property
    def denies(self) -> bool:
        return self.rule is not None and self.rule.rule.deny is not None

    @property
    def fits(self) -> bool | None:
        """Whether it concerns the access, at some time; None where the access does not tell."""
        answers = [fit for aspect, fit in self.tests if aspect is not Aspect.WHEN]
        return False if False in answers else None if None in answers else True

    @property
    def on_time(self) -> bool | None:
        return dict(self.tests).get(Aspect.WHEN, True)

    @property
    def untold(self) -> tuple[Aspect, ...]:
        """What the access would have to tell."""
        return tuple(aspect for aspect, fit in self.tests if fit is None)


UNTOLD_TIME = "a long log was counted by hours, over an edge of the allowed time: scan again"
_UNTOLD = {
    Aspect.PURPOSE: "a purpose",
    Aspect.NETWORK: "where the access came from",
    Aspect.REGION: "where the access came from",
    Aspect.WHAT: "the columns",
}


def permission(weighed: Weighed) -> Decision:
    """Return what an allow rule or a grant alone would say."""
    if weighed.fits is False:
        return Decision(Answer.DENIED, NO_RULE)
    if weighed.fits is None or weighed.on_time is None:
        return undecided(weighed)
    answer = Answer.ALLOWED if weighed.on_time else Answer.LATE
    return Decision(answer, weighed.id, rule=weighed.rule, grant=weighed.grant)


def undecided(weighed: Weighed) -> Decision:
    """Return that an access does not tell what a rule or a grant asks for."""
    aspect = weighed.untold[0]
    reason = UNTOLD_TIME if aspect is Aspect.WHEN else f"the log does not name {_UNTOLD[aspect]}"
    return Decision(Answer.UNDECIDED, weighed.id, weighed.rule, weighed.grant, reason)
