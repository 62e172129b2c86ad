"""What a rule of the policy language is made of: selectors, access, states, patterns."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from governance.model.ladders import Form, Severity, State, Technique
from governance.model.parts import Country, Region, Slug, Strict, Text

_WILD = frozenset("*?[")


class Action(StrEnum):
    """What a principal does with an asset."""

    READ = "read"
    WRITE = "write"
    EXPORT = "export"
    DELETE = "delete"
    TRAIN = "train"


class Choice(Strict):
    """A value set of a selector; the keys given are ANDed."""

    any_of: tuple[str, ...] | None = None
    all_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None


Selected = str | Choice


class Selector(Strict):
    """Which assets, fields and places a policy applies to; all keys are ANDed.

    A value is a scalar (a glob, or an ordered comparison such as ``">= confidential"``) or a
    ``Choice``. ``category`` includes its children. ``model`` and ``risk_class`` select models,
    and then nothing else.
    """

    dataset: Selected | None = None
    field: Selected | None = None
    category: Selected | None = None
    classification: Selected | None = None
    state: Selected | None = None
    owner: Selected | None = None
    subject: Selected | None = None
    location: Selected | None = None
    environment: Selected | None = None
    tag: Selected | None = None
    region: Selected | None = None
    model: Selected | None = None
    risk_class: Selected | None = None
    may_be_empty: bool = False

    @property
    def of_models(self) -> bool:
        """Whether it selects models; otherwise it selects datasets, their fields and places."""
        return self.model is not None or self.risk_class is not None


class Window(Strict):
    """When access is allowed: ``mon-fri`` and ``07:00-20:00`` in the project's time zone."""

    days: Text | None = None
    hours: Annotated[str, Field(pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$")] | None = None

    @property
    def edges(self) -> tuple[int, ...]:
        """The minutes of a day at which its answer can change, beside midnight."""
        if self.hours is None:
            return ()
        start, end = (int(part[:2]) * 60 + int(part[3:]) for part in self.hours.split("-"))
        return (start, end)


class Origins(Strict):
    """Where access may come from: CIDR networks and regions."""

    network: tuple[str, ...] = ()
    region: tuple[Region, ...] = ()


class SensitiveLimits(Strict):
    """What must hold of a sensitive field among persons who look alike; ``l`` and ``t`` in a file.

    Args:
        diversity: The fewest well-represented values (l-diversity). closeness: The farthest
            that their distribution may lie from that of everybody (t-closeness), 0 to 1.
    """

    model_config = ConfigDict(populate_by_name=True)
    diversity: float | None = Field(default=None, alias="l", gt=1)
    closeness: float | None = Field(default=None, alias="t", ge=0, le=1)


class Anonymity(Strict):
    """Thresholds on quasi-identifiers.

    Args:
        k: The fewest persons who look alike by the quasi-identifiers.
        sensitive: By field, what must hold of it among them.
    """

    k: int | None = Field(default=None, ge=2)
    quasi_identifiers: tuple[Text, ...] = ()
    sensitive: dict[str, SensitiveLimits] = {}


class Verify(Strict):
    """How strictly a required state is verified in the data."""

    max_hits: int = Field(default=0, ge=0)
    technique_check: bool = True


Shape = tuple[Form, tuple[str, ...]]
"""A form, and beginnings that no value may have."""


def shape_name(shape: Shape) -> str:
    """Return the words under which facts hold how many values lack a shape."""
    form, never = shape
    return " ".join((form.value, *(("but", *never) if never else ())))


class Rule(Strict):
    """One rule of a policy: exactly one of ``require``, ``require_state``,
    ``require_anonymity``, ``allow`` and ``deny``.
    """

    model_config = ConfigDict(populate_by_name=True)
    require: tuple[str, ...] | None = None
    require_state: State | None = None
    require_anonymity: Anonymity | None = None
    allow: tuple[Action, ...] | None = None
    deny: tuple[Action, ...] | None = None
    accept: tuple[Technique, ...] = ()
    form: Form | None = None
    never: tuple[Text, ...] = ()
    within: tuple[str, ...] = Field(default=(), alias="in")
    verify: Verify = Verify()
    to: Selected | None = None
    purpose: Selected | None = Field(default=None, alias="for")
    when: Window | None = None
    origin: Origins | None = Field(default=None, alias="from")
    severity: Severity | None = None
    references: tuple[str, ...] = ()
    why: Text | None = None
    fix: Text | None = None

    @property
    def shape(self) -> Shape | None:
        """The form that the values must have, and how they must not begin."""
        return (self.form, tuple(sorted(self.never))) if self.form else None

    @property
    def principals(self) -> tuple[str, ...]:
        """The users, services and teams that ``to`` names, without globs."""
        words = (self.to,) if isinstance(self.to, str) else _words(self.to)
        return tuple(
            word
            for word in words
            if word.startswith(("user:", "service:", "team:")) and not _WILD & set(word)
        )


def _words(choice: Choice | None) -> tuple[str, ...]:
    if choice is None:
        return ()
    return (*(choice.any_of or ()), *(choice.all_of or ()), *(choice.none_of or ()))


class Target(Strict):
    """What a waiver covers: an asset, and optionally one field or location of it."""

    dataset: Text
    field: Text | None = None
    location: Text | None = None


class Pattern(Strict):
    """One regular expression of a detector and how much a bare hit is worth, 0 to 1."""

    regex: Text
    score: float = Field(default=0.5, ge=0, le=1)


class PatternDetector(Strict):
    """A detector written in YAML.

    Args:
        entity: What a hit is, as ``EMPLOYEE_NUMBER``.
        deterministic: A single hit leaves no doubt (a prefix, separators, a strong checksum).
        context: Whole header tokens or words nearby that corroborate.
        checksum: A check the match must pass: ``luhn``, ``mod97`` or ``stdnum:<module>``.
        allow: Values that are never hits. deny: values that always are.
        countries: Only looked for where the project names one of them; empty means always.
        secret: The kind of secret when the entity is ``SECRET``.
        why: What a hit means to a reader.
    """

    entity: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    patterns: dict[Slug, Pattern] = {}
    deterministic: bool = False
    context: tuple[str, ...] = ()
    checksum: Text | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    countries: tuple[Country, ...] = ()
    secret: Text | None = None
    why: Text | None = None
