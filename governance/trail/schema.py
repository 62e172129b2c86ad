"""The tables of a trail, in SQLite and in PostgreSQL.

Everything here is the stored format (docs/adr/0001-trail-format.md): add, never change.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


class TrailTable(SQLModel, registry=registry()):
    """The base of the tables of a trail; their metadata is theirs alone."""


class TrailEntry(TrailTable, table=True):
    """One event. ``seq`` counts from 0 without a gap; ``body`` is the truth, ``leaf`` its hash."""

    __tablename__ = "trail_entry"
    seq: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    leaf: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class TrailIndex(TrailTable, table=True):
    """What a person searches by; derived from ``body``, which alone is believed."""

    __tablename__ = "trail_index"
    seq: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    type: str
    ts: str
    asset: str | None = None
    severity: str | None = None
    writer: int = Field(sa_column=Column(_SEQUENCE, nullable=False))


class TrailWriter(TrailTable, table=True):
    """Who wrote, in which run: told once for all that one opening wrote; derived like the index."""

    __tablename__ = "trail_writer"
    id: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    run: str | None = None
    actor: str


class TrailTile(TrailTable, table=True):
    """A tile of C2SP tlog-tiles: up to 256 hashes of 32 bytes; derived from the leaves."""

    __tablename__ = "trail_tile"
    level: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    idx: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class TrailCheckpoint(TrailTable, table=True):
    """A signed note, verbatim; the other columns repeat it, ``created`` is not signed."""

    __tablename__ = "trail_checkpoint"
    size: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    key_id: str = Field(primary_key=True)
    root: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    note: str
    created: str


class TrailAnchor(TrailTable, table=True):
    """Proof from outside (a time stamp, a witness) that a checkpoint existed."""

    __tablename__ = "trail_anchor"
    id: int | None = Field(
        default=None, sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=True)
    )
    checkpoint_size: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str
    receipt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    status: str
    anchored_at: str
