"""The tables of the facts: the runs as they were concluded, and what is derived from them.

Only ``run`` is kept. ``reading`` saves work and nothing else; every other table can be filled
again from the documents of the runs.
"""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class FactsTable(SQLModel, registry=registry()):
    """The base of the tables of the facts; their metadata is theirs alone."""


class FormatRow(FactsTable, table=True):
    """The format of the tables, for databases that have no ``user_version`` as SQLite has."""

    __tablename__ = "facts_format"
    format: int = Field(primary_key=True)


class RunRow(FactsTable, table=True):
    """One run: its document and its measurements, each compressed with zlib."""

    __tablename__ = "run"
    id: str = Field(primary_key=True)
    command: str
    started: str
    finished: str = Field(index=True)
    policy_digest: str
    exit_code: int
    sha256: str
    document: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    snapshot: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AssetFact(FactsTable, table=True):
    """One place of one asset in one run; ``n`` counts the rows of the document from 0."""

    __tablename__ = "asset_fact"
    run: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    asset: str = Field(index=True)
    kind: str
    owner: str | None = None
    declared: bool
    place: str | None = None
    uri: str | None = None
    status: str | None = None
    reason: str | None = None
    rows: int | None = None
    bytes: int | None = None
    sampled: bool | None = None


class FieldFact(FactsTable, table=True):
    """One field of such a place and what it is."""

    __tablename__ = "field_fact"
    run: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    field_n: int = Field(primary_key=True)
    asset: str = Field(index=True)
    field: str
    type: str
    rows: int
    nulls: int
    distinct: int
    free_text: bool
    entity: str | None = None
    confidence: float | None = None


class EntityFact(FactsTable, table=True):
    """One entity that a field contains."""

    __tablename__ = "entity_fact"
    run: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    field_n: int = Field(primary_key=True)
    entity_n: int = Field(primary_key=True)
    entity: str = Field(index=True)
    rows: int
    distinct: int
    share: float
    checksum_rate: float | None = None
    deterministic: bool
    fingerprint: str


class FindingFact(FactsTable, table=True):
    """One finding over all runs: when it was first and last seen, and as what."""

    __tablename__ = "finding_fact"
    id: str = Field(primary_key=True)
    control: str
    asset: str = Field(index=True)
    place: str | None = None
    field: str | None = None
    kind: str
    severity: str
    owner: str | None = None
    first_seen: str = Field(index=True)
    last_seen: str
    last_run: str


class Reading(FactsTable, table=True):
    """What was measured of a place's content, for runs that find the same bytes again."""

    __tablename__ = "reading"
    key: str = Field(primary_key=True)
    used: str = Field(index=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


DERIVED = ("asset_fact", "field_fact", "entity_fact", "finding_fact")
