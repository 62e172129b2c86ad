"""What the gate asks for: the base's settings, which a change may meet but never loosen."""

from __future__ import annotations

from dataclasses import dataclass

from governance.engine.triage import FailOn
from governance.model.ladders import Duration
from governance.model.parts import Gate


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for; None where it says nothing."""

    fail_on: tuple[FailOn, ...] | None = None
    max_facts_age: Duration | None = None


@dataclass(frozen=True)
class Asked:
    """What a run is held to."""

    fail_on: tuple[FailOn, ...]
    max_facts_age: Duration | None


def asked_of(gate: Gate, wishes: Wishes, *, beside_base: bool) -> Asked:
    """Return what counts: the command line before the policy files, but beside a base the
    stricter of both, because the command stands in a file that a change may edit.
    """
    written = tuple(FailOn(each) for each in gate.fail_on)
    if not beside_base:
        return Asked(wishes.fail_on or written, wishes.max_facts_age or gate.max_facts_age)
    both = dict.fromkeys((*written, *(wishes.fail_on or ())))
    fail_on = tuple(each for each in both if each is not FailOn.NEVER) or (FailOn.NEVER,)
    ages = [age for age in (gate.max_facts_age, wishes.max_facts_age) if age is not None]
    return Asked(fail_on, min(ages, key=lambda age: age.approximate_days) if ages else None)
