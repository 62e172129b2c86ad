"""Grants and waivers: dated, approved by others, and within the project's limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from governance.model.documents import Grant, Waiver
from governance.model.ladders import Duration, Severity
from governance.model.placeholders import is_blank
from governance.policy.approvers import check_approvers
from governance.policy.faults import Fault, quoted
from governance.policy.known import Known, is_wild
from governance.policy.nodes import Path
from governance.policy.references import recertified
from governance.policy.sense import check_interval
from governance.policy.validation import Written


def check_exceptions(known: Known) -> Iterator[Fault]:
    """Yield a fault for each grant or waiver that nobody may give."""
    for written in known.corpus.valid("Grant"):
        yield from _grant(known, written, written.model)
    for written in known.corpus.valid("Waiver"):
        yield from _waiver(known, written, written.model)


def _grant(known: Known, written: Written, grant: Grant) -> Iterator[Fault]:
    yield from known.refer(written, ("dataset",), "dataset", known.datasets)(grant.dataset)
    dataset = known.dataset(grant.dataset)
    for index, name in enumerate(grant.fields):
        if dataset and not is_wild(name):
            yield from known.refer(written, ("fields", index), "field", dataset.fields)(name)
    yield from known.principal(written, ("to",), grant.to)
    if grant.purpose:
        yield from known.purpose(written, ("purpose",), grant.purpose)
    yield from recertified(known, written, grant.recertifications)
    if not grant.actions:
        yield Fault(written.at("actions"), "the grant allows no action", "name one, as [read]")
    yield from _approved(known, written, grant.approved_by)
    for index, approver in enumerate(grant.approved_by):
        if approver == grant.to and not known.policy.project.approval.author_may_approve:
            problem = f"{quoted(approver)} approves a grant to itself"
            yield Fault(written.at("approved_by", index), problem, "let somebody else approve it")
    yield from check_interval(written, (), ("starts", grant.starts), ("ends", grant.ends))
    yield from check_interval(written, (), ("starts", grant.starts), ("review_by", grant.review_by))
    yield from check_interval(written, (), ("review_by", grant.review_by), ("ends", grant.ends))
    longest = known.policy.project.limits.grant_max
    yield from _too_long(written, "ends", (grant.starts, grant.ends), longest, "limits.grant_max")


def _waiver(known: Known, written: Written, waiver: Waiver) -> Iterator[Fault]:
    yield from _waived(known, written, waiver)
    yield from _target(known, written, waiver)
    yield from _approved(known, written, waiver.approved_by)
    approval = known.policy.project.approval
    for index, approver in enumerate(waiver.approved_by):
        if approver == waiver.author and not approval.author_may_approve:
            problem = f"the author {quoted(approver)} approves the waiver"
            yield Fault(written.at("approved_by", index), problem, "let somebody else approve it")
    yield from check_approvers(known, written, waiver)
    yield from known.principal(written, ("author",), waiver.author)
    if is_blank(waiver.reason):
        problem = "a placeholder stands for the reason"
        yield Fault(written.at("reason"), problem, "write why it may stay open until then")
    yield from check_interval(written, (), ("opened", waiver.opened), ("expires", waiver.expires))
    longest, name = _waiver_limit(known, waiver)
    yield from _too_long(written, "expires", (waiver.opened, waiver.expires), longest, name)


def _waived(known: Known, written: Written, waiver: Waiver) -> Iterator[Fault]:
    if (waiver.control is None) == (waiver.rule is None):
        both = waiver.control is not None
        problem = "names both a control and a rule" if both else "names no control and no rule"
        position = written.key("rule") if both else written.at("id")
        yield Fault(position, f"the waiver {problem}", "name one of the two")
        return
    if waiver.control and known.controls is not None:
        yield from known.refer(written, ("control",), "control", known.controls)(waiver.control)
    if waiver.rule and known.trusts("Policy"):
        yield from known.refer(written, ("rule",), "rule", known.rules)(waiver.rule)


def _target(known: Known, written: Written, waiver: Waiver) -> Iterator[Fault]:
    target = waiver.target
    if known.trusts("Pipeline"):
        check = known.refer(written, ("target", "dataset"), "asset", known.assets)
        yield from check(target.dataset)
    dataset = known.dataset(target.dataset)
    if dataset is None:
        return
    # NOTE: a control may find something in a column that nobody declared; a rule cannot.
    if target.field is not None and waiver.rule:
        check = known.refer(written, ("target", "field"), "field", dataset.fields)
        yield from check(target.field)
    if target.location is not None:
        check = known.refer(written, ("target", "location"), "location", dataset.locations)
        yield from check(target.location)


def _approved(known: Known, written: Written, approvers: tuple[str, ...]) -> Iterator[Fault]:
    if not approvers:
        problem = f"nobody approved the {written.kind.lower()}"
        yield Fault(written.at("approved_by"), problem, "name who did, as [user:ana@example.org]")
    for index, approver in enumerate(approvers):
        path: Path = ("approved_by", index)
        yield from known.principal(written, path, approver)
        yield from _nobody(known, written, path, approver)


def _nobody(known: Known, written: Written, path: Path, approver: str) -> Iterator[Fault]:
    """Refuse an approver behind whom no person stands that the policy files know."""
    if is_wild(approver) or approver.startswith("service:"):
        problem = f"{quoted(approver)} is no person who could approve"
        yield Fault(written.at(*path), problem, "name who did, as user:ana@example.org")
    elif approver.startswith("user:") and known.trusts("Team"):
        teams = known.policy.teams.values()
        people = {name for team in teams for name in (*team.members, team.lead)}
        yield from known.refer(written, path, "person", people)(approver)


def _waiver_limit(known: Known, waiver: Waiver) -> tuple[Duration | None, str]:
    """Return the longest life of a waiver; a control's severity is not known here.

    For a control the longest of all limits holds, so that nothing allowed is refused.
    """
    limits = known.policy.project.limits.waiver_max
    if waiver.rule is not None:
        severities = [known.rules[waiver.rule].severity] if waiver.rule in known.rules else []
    else:
        severities = list(Severity) if set(limits) == set(Severity) else []
    allowed = [(limits[one], one) for one in severities if one in limits]
    if not allowed:
        return None, ""
    longest, severity = max(allowed, key=lambda limit: limit[0].approximate_days)
    return longest, f"limits.waiver_max.{severity}"


def _too_long(
    written: Written, key: str, days: tuple[date, date], longest: Duration | None, limit: str
) -> Iterator[Fault]:
    if longest is None:
        return
    last = longest.after(days[0])
    if days[1] > last:
        problem = f"{key} {days[1]} is later than {limit} of {longest} allows"
        yield Fault(written.at(key), problem, f"let it end by {last}")
