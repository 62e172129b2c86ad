"""The straight line of ``can``: one access that nobody has made yet, rule by rule.

Decides nothing itself: it asks the function that judges the accesses of a log, and puts into words
what that function says of each rule and each grant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from zoneinfo import ZoneInfo

from governance.controls.decisions import Answer, Decision
from governance.controls.permits import Permits
from governance.engine.canwords import Line, Words
from governance.engine.naming import read_address
from governance.errors import UsageError
from governance.model.documents import Dataset
from governance.model.facts import AccessUse
from governance.model.policy import EffectivePolicy
from governance.model.rules import Action
from governance.policy.faults import quoted, suggest
from governance.policy.vocabulary import known_regions, with_parents


@dataclass(frozen=True, slots=True)
class Question:
    """May this principal do this with this dataset?

    Args:
        at: When, aware. origin: An address or a network, or None when it is not told.
        location: A location of the dataset; ``environment``: one in which it lies.
    """

    principal: str
    action: str
    asset: str
    at: datetime
    field: str | None = None
    purpose: str | None = None
    origin: str | None = None
    region: str | None = None
    location: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The decision, and everything that was asked for it.

    Args:
        acts_as: The principal with its teams and roles of that day. local: When, in the zone of
            the project.
    """

    question: Question
    decision: Decision
    because: str
    lines: tuple[Line, ...]
    acts_as: tuple[str, ...]
    local: datetime

    @property
    def is_allowed(self) -> bool:
        return self.decision.answer is Answer.ALLOWED


def ask(policy: EffectivePolicy, question: Question) -> Reply:
    """Return the decision on an access, with what each rule and grant of the dataset says.

    Raises:
        UsageError: If a name is not declared; it names the nearest that is.
    """
    dataset = _dataset(policy, question.asset)
    principal = _principal(policy, question.principal)
    use = AccessUse(
        log="", actor=principal, action=_action(question.action), dataset=dataset.id,
        declared=True, purpose=_purpose(policy, question.purpose),
        network=_origin(question.origin), region=_region(policy, question.region),
        minute=question.at, count=1, lines=(), fields=_fields(dataset, question.field),
        place=_place(dataset, question),
    )  # fmt: skip
    permits = Permits(policy, dataset)
    local = question.at.astimezone(ZoneInfo(policy.project.timezone))
    words = Words(policy, use, local)
    decision = permits.decide(use)
    lines = tuple(words.line(each) for each in permits.weigh(use, question.field))
    acts_as = tuple(sorted(policy.identities(principal, local.date())))
    return Reply(question, decision, words.because(decision), lines, acts_as, local)


def _dataset(policy: EffectivePolicy, name: str) -> Dataset:
    known = name.removeprefix("dataset:")
    if known in policy.datasets:
        return policy.datasets[known]
    remedy = suggest(known, policy.datasets, otherwise="declare one with 'kind: Dataset'")
    raise UsageError("can", f"no dataset is called {quoted(name)}", remedy)


def _principal(policy: EffectivePolicy, name: str) -> str:
    roles = {f"role:{role}" for team in policy.teams.values()
             for member in team.members.values() for role in member.roles}  # fmt: skip
    known = policy.principals() | roles
    for written in (name, f"user:{name}", f"service:{name}", f"team:{name}"):
        if written in known:
            return written
    account = policy.accounts().get(name)
    if account:
        return account
    raise UsageError("can", f"no principal is called {quoted(name)}", suggest(name, known))


def _action(name: str) -> str:
    return _one_of("can", "action", name, [action.value for action in Action])


def _purpose(policy: EffectivePolicy, name: str | None) -> str | None:
    declared = (each for one in policy.datasets.values() for each in one.purposes or ())
    known = with_parents([*policy.taxonomy.purposes, *declared])
    return name and _one_of("--purpose", "purpose", name, known)


def _region(policy: EffectivePolicy, name: str | None) -> str | None:
    return name and _one_of("--region", "region", name, known_regions(policy.taxonomy))


def _fields(dataset: Dataset, name: str | None) -> tuple[str, ...]:
    return (_one_of("--field", f"field of {dataset.id}", name, dataset.fields),) if name else ()


def _origin(written: str | None) -> str | None:
    if written is None:
        return None
    address = read_address(written)
    if address is not None:
        return str(address)
    try:
        return str(ip_network(written, strict=False))
    except ValueError:
        problem = "neither an address nor a network"
        raise UsageError("--from", problem, "write it as 10.1.2.3 or 10.0.0.0/8") from None


def _place(dataset: Dataset, question: Question) -> str | None:
    known, wanted = dataset.locations, question.environment
    if question.location is not None:
        return _one_of("--location", f"location of {dataset.id}", question.location, known)
    if wanted is None:
        return None
    places = [name for name, spec in sorted(known.items()) if spec.environment == wanted]
    environments = {spec.environment for spec in known.values() if spec.environment}
    _one_of("--environment", f"environment of {dataset.id}", wanted, environments)
    if len(places) > 1:
        problem = f"{len(places)} locations lie in {quoted(wanted)}"
        raise UsageError("--environment", problem, f"name one by --location: {', '.join(places)}")
    return places[0]


def _one_of(where: str, noun: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    if name in names:
        return name
    raise UsageError(where, f"unknown {noun} {quoted(name)}", suggest(name, names))
