"""The kinds of the policy language, as a person writes them (see docs/policy-language.md).

These models validate one document by itself. What needs other documents (references,
inheritance, selectors that match nothing) is the policy room's work.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from governance.model.cases import Cell, ChangeCase, DataCase, Instant, Matrix, Persona
from governance.model.ladders import Classification, RiskClass, Severity, State
from governance.model.parts import (
    Approval,
    Assessment,
    Category,
    CategorySpec,
    Collection,
    Country,
    Defaults,
    FieldSpec,
    Filter,
    Gate,
    LegalBasis,
    Limits,
    Location,
    LogSpec,
    Membership,
    ModelTest,
    Nlp,
    Organisation,
    Oversight,
    Owner,
    Principal,
    ProjectDefaults,
    Region,
    Retention,
    Review,
    Slug,
    Strict,
    Tenure,
    Text,
)
from governance.model.recurring import ReviewCadence, Schedule, Signing, Skills, TestCadence
from governance.model.rules import Action, PatternDetector, Rule, Selector, Target
from governance.model.vouching import TrailPin


class Document(Strict):
    """The flat header that every policy file starts with."""

    apiVersion: Literal["governance/v1"]  # noqa: N815 (the language's own spelling)
    id: Slug


class Project(Document):
    """One workspace: what it includes, its defaults, limits and cadences."""

    kind: Literal["Project"]
    title: Text | None = None
    organisation: Organisation | None = None
    include: tuple[str, ...] = ("policies/**/*.yaml",)
    packs: tuple[Slug, ...] = ("baseline",)
    timezone: str = "UTC"
    countries: tuple[Country, ...] = ()
    watch: tuple[str, ...] = ()
    defaults: ProjectDefaults = ProjectDefaults()
    limits: Limits = Limits()
    approval: Approval = Approval()
    gate: Gate = Gate()
    review: ReviewCadence = ReviewCadence()
    signing: Signing = Signing()
    skills: Skills = {}
    tests: TestCadence = TestCadence()
    schedules: dict[Slug, Schedule] = {}
    trail: TrailPin | None = None
    clearances: dict[Principal, Classification] = {}
    nlp: Nlp = Nlp()


class Taxonomy(Document):
    """Data categories, the entities that prove them, purposes, data subjects and region groups.

    Args:
        source, checked_on, checked_how: Whose keys these are, and how that was compared.
    """

    kind: Literal["Taxonomy"]
    source: Text | None = None
    checked_on: date | None = None
    checked_how: Text | None = None
    categories: dict[Category, CategorySpec] = {}
    entities: dict[str, Category] = {}
    purposes: dict[Category, Text] = {}
    subjects: dict[Slug, Text] = {}
    regions: dict[Region, tuple[Country, ...]] = {}


class Team(Document):
    """People who share work, and how to reach them.

    ``accounts`` maps a role, a team or a service to the accounts that several people share.
    """

    kind: Literal["Team"]
    title: Text | None = None
    lead: Principal
    members: dict[Principal, Membership] = {}
    accounts: dict[Principal, tuple[Text, ...]] = {}
    contacts: dict[Slug, Text] = {}


class Dataset(Document):
    """A dataset: whose it is, what it may be used for, where and how long it may live.

    ``aliases`` are further names under which logs know it, as ``shop.public.orders``.
    """

    kind: Literal["Dataset"]
    title: Text | None = None
    description: Text | None = None
    owner: Owner | None = None
    steward: Principal | None = None
    ownership: dict[Owner, Tenure] = {}
    classification: Classification | None = None
    state: State | None = None
    subjects: tuple[Slug, ...] = ()
    purposes: tuple[Category, ...] | None = None
    legal_basis: LegalBasis | None = None
    special_ground: Text | None = None
    dpia: Assessment | None = None
    collected: Collection | None = None
    locations: dict[Slug, Location] = {}
    retention: Retention | None = None
    residency: tuple[Region, ...] | None = None
    person_key: Text | None = None
    fields: dict[str, FieldSpec] = {}
    filters: dict[Slug, Filter] = {}
    reviews: tuple[Review, ...] = ()
    recertifications: tuple[Review, ...] = ()
    tags: tuple[Slug, ...] = ()
    aliases: tuple[Text, ...] = ()


class FolderDefaults(Strict):
    """``_defaults.yaml``: tightens every dataset of its folder and below."""

    apiVersion: Literal["governance/v1"]  # noqa: N815
    kind: Literal["Defaults"]
    dataset: Defaults = Defaults()


class Pipeline(Document):
    """A job that reads and writes datasets for a purpose, and its logs."""

    kind: Literal["Pipeline"]
    title: Text | None = None
    owner: Owner
    steward: Principal | None = None
    purpose: Category
    jobs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    logs: dict[Slug, LogSpec] = {}


class ModelRecord(Document):
    """A machine-learning model (``kind: Model``)."""

    kind: Literal["Model"]
    title: Text | None = None
    owner: Owner
    steward: Principal | None = None
    risk_class: RiskClass
    intended_use: Text
    out_of_scope: Text | None = None
    risk_assessment: Assessment | None = None
    oversight: Oversight | None = None
    instructions: Text | None = None
    notice: Text | None = None
    logs: tuple[Text, ...] = ()
    version: Text | None = None
    training: dict[str, Text] = {}
    trained_on: date | None = None
    deployed_on: date | None = None
    retired_on: date | None = None
    tests: dict[Slug, ModelTest] = {}
    reviews: tuple[Review, ...] = ()
    ownership: dict[Owner, Tenure] = {}


class Policy(Document):
    """Rules for whatever its selector matches. Deny overrides allow; order never matters."""

    kind: Literal["Policy"]
    title: Text | None = None
    owner: Owner
    severity: Severity = Severity.MEDIUM
    references: tuple[str, ...] = ()
    applies_to: Selector = Selector()
    rules: dict[Slug, Rule]


class Grant(Document):
    """A dated permission to use a dataset."""

    kind: Literal["Grant"]
    dataset: Text
    fields: tuple[str, ...] = ()
    to: Principal
    actions: tuple[Action, ...]
    purpose: Category | None = None
    starts: date
    ends: date
    review_by: date | None = None
    approved_by: tuple[Principal, ...]
    recertifications: tuple[Review, ...] = ()
    ticket: Text | None = None


class Waiver(Document):
    """A person's dated exception from one control or rule."""

    kind: Literal["Waiver"]
    control: Slug | None = None
    rule: Text | None = None
    target: Target
    reason: Text
    compensating: Text | None = None
    author: Principal
    approved_by: tuple[Principal, ...]
    opened: date
    expires: date
    ticket: Text | None = None


class Detectors(Document):
    """Detectors written in YAML, keyed by their id."""

    kind: Literal["Detectors"]
    detectors: dict[Slug, PatternDetector]


class References(Document):
    """Which articles of a law or standard each control serves, as of the day somebody looked.

    Args:
        source: The text, with its version.
        checked_on, checked_how: When the numbers were compared, with which copy, and how far.
        controls: Control slug to references such as ``gdpr:art30``; ``articles`` names each.
    """

    kind: Literal["References"]
    source: Text
    checked_on: date
    checked_how: Text
    controls: dict[Slug, tuple[str, ...]]
    articles: dict[Text, Text] = {}


class PolicyTest(Document):
    """What the policy files must answer, at a fixed instant.

    Args:
        now: The instant at which everything is asked.
        principals: Who asks, and what each is supposed to be.
        actions, assets, purposes: What is asked for beside what the cases name. Every matrix
            covers every principal, action, asset and purpose that the test names anywhere.
    """

    kind: Literal["PolicyTest"]
    title: Text | None = None
    now: Instant
    principals: dict[Principal, Persona] = {}
    actions: tuple[Action, ...] = ()
    assets: tuple[Slug, ...] = ()
    purposes: tuple[Category, ...] = ()
    access: dict[Slug, Matrix] = {}
    data: dict[Slug, DataCase] = {}
    changes: dict[Slug, ChangeCase] = {}

    def cells(self) -> tuple[Cell, ...]:
        """Return every access that the test's words make, sorted; None for an unnamed purpose."""
        cases = [case for matrix in self.access.values() for _, _, case in matrix.listed()]
        actions = {*self.actions, *(action for case in cases for action in case.actions)}
        assets = {*self.assets, *(asset for case in cases for asset in case.assets)}
        stated = {*self.purposes, *(purpose for case in cases for purpose in case.purposes)}
        purposes: list[str | None] = [*sorted(stated)]
        if not stated or any(not case.purposes for case in cases):
            purposes.append(None)
        return tuple(
            (who, action.value, asset, purpose)
            for who in sorted(self.principals)
            for action in sorted(actions)
            for asset in sorted(assets)
            for purpose in purposes
        )
