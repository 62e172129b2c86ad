"""A governed thing, and the places where it lives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from governance.model.position import Position


class AssetKind(StrEnum):
    """What a governed thing is. The audit trail governs itself too."""

    DATASET = "dataset"
    MODEL = "model"
    LOG = "log"
    TRAIL = "trail"


class PlaceType(StrEnum):
    """How a place is read. ``auto`` is found out from the content."""

    AUTO = "auto"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"
    FEATHER = "feather"
    ORC = "orc"
    AVRO = "avro"
    EXCEL = "excel"
    SQLITE = "sqlite"
    DUCKDB = "duckdb"
    TEXT = "text"
    ACCESS = "access"
    OPENLINEAGE = "openlineage"
    BIGQUERY = "bigquery"
    CLOUDTRAIL = "cloudtrail"
    PGAUDIT = "pgaudit"


ACCESS_LOGS = frozenset(
    {PlaceType.ACCESS, PlaceType.BIGQUERY, PlaceType.CLOUDTRAIL, PlaceType.PGAUDIT}
)
"""The types of log that tell who used what."""


@dataclass(frozen=True, slots=True)
class Place:
    """One location of an asset.

    Args:
        name: The location's name in the policy file; ``"here"`` for an undeclared file.
        uri: As a person would write it: ``data/orders.csv``, ``data/shop.db#orders``, a glob
            or a folder. Relative to the workspace (or to the current folder, ad hoc).
        type: How to read it.
        region: Where it is stored, as ``DE`` or ``EU``; None when not declared.
        environment: ``production``, ``export``, ``vault`` …; None when not declared.
        log_fields: For access logs, our name (``at``, ``who``, ``action``, ``asset``,
            ``purpose``, ``network``, ``region``, ``fields``) to the log's field.
        confined: Whether it must lie inside the workspace; False for what a person named on
            the command line.
        withheld: The URI that opens it, where a name in it is itself data, so that ``uri`` holds
            a stand-in. Stays in the process: neither printed nor stored.
    """

    name: str
    uri: str
    type: PlaceType = PlaceType.AUTO
    region: str | None = None
    environment: str | None = None
    log_fields: tuple[tuple[str, str], ...] = ()
    confined: bool = True
    withheld: Annotated[str | None, Field(exclude=True)] = field(default=None, repr=False)

    @property
    def opened_as(self) -> str:
        """The URI by which the place is found on disk; for opening, never for telling."""
        return self.uri if self.withheld is None else self.withheld


@dataclass(frozen=True, slots=True)
class Asset:
    """A governed thing.

    Args:
        id: ``sales.orders``, a log ``etl.orders/app``, ``trail``; an undeclared file's URI.
        kind: Dataset, model, log or the trail.
        places: Where its data lives; empty for models and the trail.
        owner: ``team:…`` or ``user:…``; None when nobody owns it.
        declared: Whether a policy file declares it.
        position: The line that declares it.
    """

    id: str
    kind: AssetKind
    places: tuple[Place, ...] = ()
    owner: str | None = None
    declared: bool = True
    position: Position | None = None
