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
    Severity,
    State,
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
# The six grounds of GDPR Article 6(1), in the words of its headings.
LegalBasis = Literal[
    "consent",
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interests",
]


# What makes a run end with exit code 1.
Threshold = Literal["low", "medium", "high", "critical", "never", "gap", "new"]


class Strict(BaseModel):
    """A frozen object that refuses keys it does not know."""

    # NOTE: built when first used; building each part's validator would cost every command 0.1 s.
    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=False, defer_build=True)


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
    state: State | None = None


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


class Gate(Strict):
    """What the pre-merge gate asks for; beside a base, the base's section counts.

    Args:
        fail_on: What fails the gate. max_facts_age: How old what was measured may be.
        facts: The exported facts, read where no scan has left any; relative to the workspace.
        baseline: The list of known findings, relative to the workspace.
    """

    fail_on: Annotated[tuple[Threshold, ...], Field(min_length=1)] = ("high",)
    max_facts_age: Length | None = None
    facts: Text | None = None
    baseline: Text | None = None


class NlpEngine(StrEnum):
    """What runs the model that looks for names."""

    BUNDLED = "bundled"
    NONE = "none"
    SPACY = "spacy"
    STANZA = "stanza"
    TRANSFORMERS = "transformers"
    GLINER = "gliner"


class Nlp(Strict):
    """The model that looks for names in text.

    Args:
        engine: The library that runs it; ``bundled`` ships with the tool, ``none`` looks for none.
        model: Its name or the path of its folder. language: ISO 639 code of what it reads.
    """

    engine: NlpEngine = NlpEngine.BUNDLED
    model: Text | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"


class CategorySpec(Strict):
    """A data category: what it is, and what follows from it."""

    description: Text
    personal: bool | None = None
    special: bool | None = None


class Membership(Strict):
    """When somebody belongs to a team, in which roles, and under which names logs know them."""

    since: date
    until: date | None = None
    roles: tuple[Slug, ...] = ()
    accounts: tuple[Text, ...] = ()
    clearance: Classification | None = None


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
    """A recorded review of an asset, or of who may use it."""

    on: date
    by: tuple[Principal, ...]
    report: Text | None = None


class Assessment(Strict):
    """A dated assessment: of data protection for a dataset, of risks for a model."""

    id: Text
    on: date


class Contact(Strict):
    """Somebody whom persons and authorities can reach."""

    name: Text
    contact: Text


class Organisation(Strict):
    """Who answers for the processing: the controller that GDPR Article 30(1)(a) names."""

    name: Text
    address: Text | None = None
    contact: Text | None = None
    representative: Contact | None = None
    data_protection_officer: Contact | None = None
    joint_controllers: tuple[Contact, ...] = ()


LogField = Literal[
    "at", "who", "action", "asset", "purpose", "network", "region", "fields", "prefix"
]


class Oversight(Strict):
    """Who watches over a model, and how they may step in."""

    by: tuple[Principal, ...]
    how: Text


class LogSpec(Strict):
    """A log. ``fields`` maps our names to its own; ``prefix`` is pgaudit's log_line_prefix."""

    type: PlaceType = PlaceType.TEXT
    path: Text
    region: Region | None = None
    fields: dict[LogField, Text] = {}


class ModelTest(Strict):
    """A test of a model. ``kind`` as accuracy, slice, stability, robustness, fairness."""

    kind: Slug
    on: date
    result: Literal["passed", "failed", "skipped"]
    report: Text | None = None
