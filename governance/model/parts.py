"""The building blocks of policy documents: words with a shape, and small nested objects."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from governance.model.asset import PlaceType
from governance.model.ladders import (
    Classification,
    Duration,
    RiskClass,
    Severity,
    State,
    Technique,
)


def as_duration(value: object) -> Duration:
    """Return a length read from text such as ``3y``; a ``Duration`` passes through.

    Raises:
        ValueError: If the value is neither.
    """
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise ValueError("expected a length such as 30d, 6m or 3y")
    return Duration.parse(value)


Length = Annotated[
    Duration,
    PlainValidator(as_duration),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "description": "a length such as 30d, 6m or 3y"}),
]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=120)]
Principal = Annotated[str, Field(pattern=r"^(user|team|role|service):\S+$", max_length=200)]
Owner = Annotated[str, Field(pattern=r"^(none|(user|team):\S+)$", max_length=200)]
Category = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", max_length=120)]
Region = Annotated[str, Field(pattern=r"^[A-Z]{2,4}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Text = Annotated[str, Field(min_length=1, max_length=4000)]


class Strict(BaseModel):
    """A frozen object that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=False)


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
    ``Choice``. ``category`` includes its children.
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
    may_be_empty: bool = False


class Retention(Strict):
    """How long rows are kept, measured by a date column, and what happens then."""

    max_age: Length
    measured_by: Text | None = None
    then: Literal["delete", "anonymise", "archive"] = "delete"
    basis: Text | None = None


class Defaults(Strict):
    """Values that a dataset has unless it or its folder tightens them."""

    owner: Owner | None = None
    steward: Principal | None = None
    classification: Classification | None = None
    residency: tuple[Region, ...] | None = None
    purposes: tuple[Category, ...] | None = None
    retention: Retention | None = None


class ProjectDefaults(Strict):
    """What every asset of the project has unless something tightens it."""

    dataset: Defaults = Defaults()
    access: Literal["deny", "allow"] = "deny"


class Limits(Strict):
    """The longest life of a waiver per severity, and of a grant."""

    waiver_max: dict[Severity, Length] = {}
    grant_max: Length | None = None


class Approval(Strict):
    """Who must approve; the words are ``asset_owner`` and ``policy_owner``."""

    weakening: tuple[Literal["asset_owner", "policy_owner"], ...] = ()
    waiver: tuple[Literal["asset_owner", "policy_owner"], ...] = ()
    author_may_approve: bool = False


class ReviewCadence(Strict):
    """How often an asset is reviewed; ``high_risk`` for high-risk models and special categories."""

    cadence: Length = Duration.parse("365d")
    high_risk: Length = Duration.parse("180d")


class TestCadence(Strict):
    """How often a model of each risk class is tested."""

    cadence: dict[RiskClass, Length] = {}


class Schedule(Strict):
    """A recurring run."""

    cron: Text
    run: Text
    fail_on: Literal["low", "medium", "high", "critical", "never", "gap", "new"] | None = None
    notify: tuple[str, ...] = ()


class TrailPin(Strict):
    """The key that the audit trail must be signed with, pinned outside the trail."""

    public_key: Text


class CategorySpec(Strict):
    """A data category: what it is, and what follows from it."""

    description: Text
    personal: bool | None = None
    special: bool | None = None


class Membership(Strict):
    """When somebody belongs to a team, and in which roles."""

    since: date
    until: date | None = None
    roles: tuple[Slug, ...] = ()


class Collection(Strict):
    """How the data came to be collected; ``from`` in the file."""

    model_config = ConfigDict(populate_by_name=True)
    source: Text | None = Field(default=None, alias="from")
    since: date | None = None
    until: date | None = None
    notice: Text | None = None


class Location(Strict):
    """Where a dataset lives. ``table`` names a table or view of a database file."""

    type: PlaceType = PlaceType.AUTO
    path: Text | None = None
    url: Text | None = None
    table: Text | None = None
    region: Region | None = None
    environment: Slug | None = None


class FieldSpec(Strict):
    """One column. ``state`` is one state for everywhere, or one per location or environment."""

    category: Category | None = None
    classification: Classification | None = None
    state: State | dict[str, State] | None = None
    type: Text | None = None
    description: Text | None = None
    tags: tuple[Slug, ...] = ()


class Filter(Strict):
    """Rows that a pipeline removes, and why."""

    reason: Text
    owner: Owner
    review_by: date | None = None


class Tenure(Strict):
    """An interval in which somebody was the accountable owner."""

    since: date
    until: date | None = None


class Review(Strict):
    """A recorded review of an asset."""

    on: date
    by: tuple[Principal, ...]
    report: Text | None = None


class Assessment(Strict):
    """A data protection impact assessment."""

    id: Text
    on: date


class LogSpec(Strict):
    """A log of a pipeline. ``fields`` maps our names to an access log's own."""

    type: PlaceType = PlaceType.TEXT
    path: Text
    region: Region | None = None
    fields: dict[Literal["at", "who", "action", "asset", "purpose", "network", "region"], Text] = {}


class ModelTest(Strict):
    """A test of a model. ``kind`` as accuracy, slice, stability, robustness, fairness."""

    kind: Slug
    on: date
    result: Literal["passed", "failed", "skipped"]
    report: Text | None = None


class Window(Strict):
    """When access is allowed: ``mon-fri`` and ``07:00-20:00`` in the project's time zone."""

    days: Text | None = None
    hours: Annotated[str, Field(pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$")] | None = None


class Origins(Strict):
    """Where access may come from: CIDR networks and regions."""

    network: tuple[str, ...] = ()
    region: tuple[Region, ...] = ()


class Anonymity(Strict):
    """Thresholds on quasi-identifiers (read here, measured by the anonymity controls)."""

    k: int | None = Field(default=None, ge=2)
    quasi_identifiers: tuple[str, ...] = ()
    sensitive: dict[str, dict[str, float]] = {}


class Verify(Strict):
    """How strictly a required state is verified in the data."""

    max_hits: int = Field(default=0, ge=0)
    technique_check: bool = True


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
