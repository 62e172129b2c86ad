"""Why a rule or a grant applies to an access or does not, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from governance.controls.decisions import DEFAULT, Answer, Aspect, Decision, Weighed
from governance.model.facts import AccessUse
from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.model.rules import Selected


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule or grant says.

    Args:
        kind: ``rule`` or ``grant``. effect: ``denies``, ``allows``, ``open`` or ``not applying``.
        why: In plain words.
    """

    kind: str
    id: str
    effect: str
    why: str
    position: Position | None


@dataclass(frozen=True)
class Words:
    """Says why a rule or a grant applies to an access or does not."""

    policy: EffectivePolicy
    use: AccessUse
    local: datetime

    def line(self, weighed: Weighed) -> Line:
        unmet = [
            self._why(weighed, aspect, fit) for aspect, fit in weighed.tests if fit is not True
        ]
        refused = weighed.fits is False or weighed.on_time is False
        effect = "denies" if weighed.denies else "allows"
        why = "everything that it asks for holds"
        if unmet:
            effect = "not applying" if refused else "open"
            why = "; ".join(unmet)
        kind = "rule" if weighed.rule else "grant"
        return Line(kind, weighed.id, effect, why, self._position(weighed))

    def because(self, decision: Decision) -> str:
        """Say what the decision rests on."""
        if decision.answer is Answer.ALLOWED:
            return "no rule forbids it, and the project allows by default" if (
                decision.by == DEFAULT
            ) else f"{decision.by} allows it"  # fmt: skip
        if decision.answer is Answer.LATE:
            return f"{decision.by} allows it, but not at that time"
        if decision.answer is Answer.UNDECIDED:
            told = decision.reason.replace("the log does not name", "nobody told")
            return f"it hangs on {decision.by}: {told}"
        if decision.rule:
            return f"{decision.by} denies it"
        return "no rule and no grant allows it: what nothing allows is denied"

    def _position(self, weighed: Weighed) -> Position | None:
        if weighed.rule:
            path = f"rules.{weighed.rule.name}"
            return self.policy.position("Policy", weighed.rule.policy.id, path)
        return self.policy.position("Grant", weighed.id)

    def _why(self, weighed: Weighed, aspect: Aspect, fit: bool | None) -> str:
        tell = {
            Aspect.ACTION: self._action,
            Aspect.WHO: self._who,
            Aspect.WHAT: self._what,
            Aspect.PURPOSE: self._purpose,
            Aspect.NETWORK: self._network,
            Aspect.REGION: self._region,
            Aspect.WHEN: self._when,
        }[aspect]
        return tell(weighed, fit)

    def _action(self, weighed: Weighed, _: bool | None) -> str:
        rule, grant = weighed.rule, weighed.grant
        known = (rule.rule.deny or rule.rule.allow) if rule else grant.actions if grant else ()
        return f"it is about {', '.join(known or ())}"

    def _who(self, weighed: Weighed, _: bool | None) -> str:
        rule, grant = weighed.rule, weighed.grant
        meant = _said(rule.rule.to) if rule else grant.to if grant else ""
        return f"it is meant for {meant or 'nobody'}"

    def _what(self, weighed: Weighed, fit: bool | None) -> str:
        if weighed.grant is None:
            return "its policy does not select that field or location"
        covered = f"it covers {', '.join(weighed.grant.fields)} alone"
        return covered if fit is False else f"{covered}, and no field was given"

    def _purpose(self, weighed: Weighed, fit: bool | None) -> str:
        rule, grant = weighed.rule, weighed.grant
        own = grant.purpose if grant else None
        wanted = _said(rule.rule.purpose) if rule else own or "the dataset's purposes"
        if fit is None:
            return f"no purpose was given, and it wants {wanted}"
        return f"the purpose {self.use.purpose} is not within {wanted}"

    def _network(self, weighed: Weighed, fit: bool | None) -> str:
        origin = weighed.rule.rule.origin if weighed.rule else None
        wanted, told = ", ".join(origin.network if origin else ()), self.use.network
        if fit is None and told:
            return f"only a part of {told} lies within {wanted}"
        return f"{told} lies outside {wanted}" if told else f"no network was given, wanted {wanted}"

    def _region(self, weighed: Weighed, _: bool | None) -> str:
        origin = weighed.rule.rule.origin if weighed.rule else None
        wanted, told = ", ".join(origin.region if origin else ()), self.use.region
        return f"{told} lies outside {wanted}" if told else f"no region was given, wanted {wanted}"

    def _when(self, weighed: Weighed, _: bool | None) -> str:
        if weighed.grant:
            runs = f"it runs from {weighed.grant.starts} to {weighed.grant.ends}"
            return f"{runs}, and that day is {self.local.date()}"
        window = weighed.rule.rule.when if weighed.rule else None
        parts = (window.days, window.hours) if window else ()
        shown = f"{self.local:%a %Y-%m-%d %H:%M} {self.policy.project.timezone}"
        return f"{shown} is outside {' '.join(part for part in parts if part)}"


def _said(selected: Selected | None) -> str:
    if selected is None or isinstance(selected, str):
        return selected or ""
    parts = {
        "any of": selected.any_of, "all of": selected.all_of, "none of": selected.none_of,
    }  # fmt: skip
    return ", ".join(f"{word} {', '.join(names)}" for word, names in parts.items() if names)
