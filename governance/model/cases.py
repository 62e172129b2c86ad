"""What a policy test is made of: who asks for what, rows of data, changes, and what must follow.

Every expectation has a name, so that two versions of a test can be compared name by name.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_serializer

from governance.model.ladders import Severity
from governance.model.parts import Category, Principal, Region, Slug, Strict, Text
from governance.model.rules import Action

Cell = tuple[str, str, str, str | None]
"""One access: who, action, asset, and the purpose, None where none is stated."""

Instant = Annotated[
    str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?$")
]
"""ISO 8601; without an offset it is meant in the project's time zone."""


def instant_of(text: str, timezone: str) -> datetime:
    """Return the aware instant that a test names.

    Raises:
        ValueError: If the calendar or the clock has no such instant.
    """
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(timezone))


class Persona(Strict):
    """What a principal is supposed to be, beside what the policy files say of it.

    Args:
        teams: Ids of teams that it belongs to, whatever their files say.
        roles: Roles that it holds in some team.
        as_of: The day whose memberships count, instead of the day of the access.
    """

    teams: tuple[Slug, ...] = ()
    roles: tuple[Slug, ...] = ()
    as_of: date | None = None


class AccessCase(Strict):
    """Accesses that are expected to end alike: each who, action, asset and purpose together.

    Args:
        purposes: None named is an access that states no purpose.
        by: The rule or grant that must decide so, as ``policy.rule``.
    """

    who: tuple[Principal, ...]
    actions: tuple[Action, ...]
    assets: tuple[Slug, ...]
    purposes: tuple[Category, ...] = ()
    by: Text | None = None

    def cells(self) -> tuple[Cell, ...]:
        """Return each access that the case lists."""
        return tuple(
            (who, action.value, asset, purpose)
            for who in self.who
            for action in self.actions
            for asset in self.assets
            for purpose in self.purposes or (None,)
        )


class Matrix(Strict):
    """What may happen at one instant from one origin; what is not listed must be denied.

    Args:
        at: The instant; the test's ``now`` if unsaid.
        network: The address or network that accesses come from, as a log would tell.
        allowed, denied: By name. undecided: What the log leaves open, as without a purpose.
    """

    at: Instant | None = None
    network: Text | None = None
    region: Region | None = None
    allowed: dict[Slug, AccessCase] = {}
    denied: dict[Slug, AccessCase] = {}
    undecided: dict[Slug, AccessCase] = {}

    def listed(self) -> tuple[tuple[str, str, AccessCase], ...]:
        """Return each case with what it expects (as the keys say) and its name, sorted."""
        kinds = {"allowed": self.allowed, "denied": self.denied, "undecided": self.undecided}
        return tuple(
            (expected, name, case)
            for expected, cases in kinds.items()
            for name, case in sorted(cases.items())
        )


class Expected(Strict):
    """A finding that must be there, or must not. What is unsaid may be anything."""

    control: Slug | None = None
    field: Text | None = None
    rule: Text | None = None
    severity: Severity | None = None


class DataCase(Strict):
    """Rows of a declared dataset, and what a scan of them must find and must not.

    Args:
        dataset, model: What the case is about, one of the two. A model has no rows.
        location: Where the rows lie; may stay unsaid for a dataset with one location.
        set, remove: What its file is supposed to say otherwise, as in ``ChangeCase``.
        rows: By column; a column that is left out is empty in that row. Synthetic values only.
            None at all asks about the policy files alone.
        findings: What must be found. absent: What must not.
        nothing_else: Whether anything found beyond ``findings`` fails the case.
    """

    dataset: Slug | None = None
    model: Slug | None = None
    location: Slug | None = None
    set: dict[str, Any] = {}
    remove: tuple[Text, ...] = ()
    rows: tuple[dict[str, str], ...] = ()
    findings: dict[Slug, Expected] = {}
    absent: dict[Slug, Expected] = {}
    nothing_else: bool = False

    @property
    def about(self) -> tuple[str, str]:
        """The kind and id of the document that the case is about."""
        return ("Dataset", self.dataset) if self.dataset else ("Model", self.model or "")

    @field_serializer("rows")
    def _rows_untold(self, rows: tuple[dict[str, str], ...]) -> dict[str, Any]:
        """Leave the values out of everything that is made from a document."""
        said = json.dumps(rows, sort_keys=True).encode()
        return {"count": len(rows), "digest": hashlib.sha256(said).hexdigest()[:16]}


ChangedKind = Literal[
    "Dataset", "Grant", "Model", "Pipeline", "Policy", "Project", "Team", "Waiver"
]


class ChangeCase(Strict):
    """A change of one document, and what ``policy diff`` must say of it.

    Args:
        document: The id of the document; the Project needs none.
        set: Key, as ``retention.max_age``, to its new value. remove: Keys that go.
        head: The whole document after the change, without its header; it may be new.
        deleted: The document itself goes.
        direction: The worst of all that changes; ``none`` when nothing does.
        approvers: Exactly who must approve; unsaid may be anybody.
    """

    kind: ChangedKind
    document: Slug | None = None
    set: dict[str, Any] = {}
    remove: tuple[Text, ...] = ()
    head: dict[str, Any] | None = None
    deleted: bool = False
    direction: Literal["weaker", "unknown", "stronger", "neutral", "none"]
    approvers: tuple[Principal, ...] | None = None
