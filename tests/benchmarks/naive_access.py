"""The peer of the access decision: every rule asked for every event, nothing kept, nothing indexed.

Written from docs/policy-language.md and not from the code that it is compared with.
"""

from __future__ import annotations

import ipaddress
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from governance.model.documents import Dataset, Grant
from governance.model.facts import AccessUse
from governance.model.policy import EffectivePolicy
from governance.model.rules import Choice, Rule, Selected, Window
from governance.model.selectors import Selectable, matches

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def naive_answer(policy: EffectivePolicy, dataset: Dataset, use: AccessUse) -> str:
    """Return ALLOWED, LATE, UNDECIDED or DENIED for an access that names no column."""
    local = use.minute.astimezone(ZoneInfo(policy.project.timezone))
    who = {use.actor, "anyone"}
    for team in policy.teams.values():
        member = team.members.get(use.actor)
        if member and member.since <= local.date() <= (member.until or date.max):
            who |= {f"team:{team.id}", *(f"role:{role}" for role in member.roles)}
    found, open_deny = ["DENIED"], False
    for each in policy.policies.values():
        if not matches(each.applies_to, Selectable(dataset)):
            continue
        for rule in each.rules.values():
            fit = _fits(policy, dataset, rule, use, who)
            on_time = rule.when is None or _is_open(rule.when, local)
            if rule.deny and on_time and fit:
                return "DENIED"
            if rule.deny:
                open_deny = open_deny or (fit is None and on_time)
            elif rule.allow and fit is not False:
                found.append("UNDECIDED" if fit is None else "ALLOWED" if on_time else "LATE")
    found += [_granted(dataset, each, use, who, local.date()) for each in policy.grants.values()]
    best = max(found, key=["DENIED", "UNDECIDED", "LATE", "ALLOWED"].index)
    if best == "DENIED" and policy.project.defaults.access == "allow":
        best = "ALLOWED"
    return "UNDECIDED" if open_deny and best in ("LATE", "ALLOWED") else best


def _fits(
    policy: EffectivePolicy, dataset: Dataset, rule: Rule, use: AccessUse, who: set[str]
) -> bool | None:
    """Return whether a rule concerns an access, its time aside."""
    if use.action not in (rule.allow or rule.deny or ()):
        return False
    if (rule.to is None and rule.allow) or (rule.to is not None and not _accepts(rule.to, who)):
        return False
    answers: list[bool | None] = []
    if rule.purpose is not None:
        purposes = set()
        for purpose in [use.purpose] if use.purpose else []:
            purposes = {purpose}
            while "." in purpose:
                purpose = purpose.rpartition(".")[0]
                purposes.add(purpose)
            if purposes & set(dataset.purposes or ()):
                purposes.add("dataset.purposes")
        answers.append(_accepts(rule.purpose, purposes) if use.purpose else None)
    if rule.origin and rule.origin.network:
        answers.append(_comes_from(use.network, rule.origin.network))
    if rule.origin and rule.origin.region:
        groups = policy.taxonomy.regions
        inside = {each for name in rule.origin.region for each in (name, *groups.get(name, ()))}
        answers.append(use.region in inside if use.region else None)
    return False if False in answers else None if None in answers else True


def _granted(dataset: Dataset, grant: Grant, use: AccessUse, who: set[str], day: date) -> str:
    if grant.dataset != dataset.id or grant.to not in who or use.action not in grant.actions:
        return "DENIED"
    wanted = [grant.purpose] if grant.purpose else list(dataset.purposes or ())
    if use.purpose and wanted and not any(f"{use.purpose}.".startswith(f"{w}.") for w in wanted):
        return "DENIED"
    if grant.fields or (grant.purpose and not use.purpose):
        return "UNDECIDED"
    return "ALLOWED" if grant.starts <= day <= grant.ends else "LATE"


def _accepts(wanted: Selected, names: set[str]) -> bool:
    def some(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

    if not isinstance(wanted, Choice):
        return some((wanted,))
    if wanted.any_of is not None and not some(wanted.any_of):
        return False
    if not all(some((pattern,)) for pattern in wanted.all_of or ()):
        return False
    return not some(wanted.none_of or ())


def _comes_from(origin: str | None, networks: tuple[str, ...]) -> bool | None:
    if origin is None or origin == "elsewhere":
        return None if origin is None else False
    came = ipaddress.ip_network(origin, strict=False)
    known = [ipaddress.ip_network(each) for each in networks]
    same = [each for each in known if each.version == came.version]
    if any(came.subnet_of(each) for each in same):
        return True
    return None if any(each.subnet_of(came) for each in same) else False


def _is_open(window: Window, local: datetime) -> bool:
    day = local
    if window.hours:
        start, end = window.hours.split("-")
        now = f"{local:%H:%M}"
        if start <= end and not start <= now < end:
            return False
        if start > end and end <= now < start:
            return False
        if start > end and now < end:
            day = local - timedelta(days=1)
    if not window.days:
        return True
    for part in window.days.split(","):
        first, _, last = part.strip().partition("-")
        begin, stop = DAYS.index(first), DAYS.index(last or first)
        if (day.weekday() - begin) % 7 <= (stop - begin) % 7:
            return True
    return False
