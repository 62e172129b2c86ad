"""What an entry commits to and does not hold: a file beside the trail from which rows can go.

The entry holds SHA-256(salt || details). Salt and details, encrypted under the key of whom they
concern, are here. Without the salt nobody can find the details by trying; the entry stays as it is,
and so does every proof about it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Column, LargeBinary, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from governance.trail.canonical import canonical_bytes, storable
from governance.trail.erasable import ErasableFile
from governance.trail.sealing import seal, unseal
from governance.trail.subjects import Subject

SALT_BYTES = 16


class DetailTable(SQLModel, registry=registry()):
    """The base of the tables of this file; their metadata is theirs alone."""


class Detail(DetailTable, table=True):
    """The details of one entry, found by what the entry commits to."""

    __tablename__ = "detail"
    commitment: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    subject: str = Field(index=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


_TABLE = DetailTable.metadata.tables["detail"]


def commit(salt: bytes, details: Mapping[str, Any]) -> bytes:
    """Return SHA-256(salt || canonical details): what an entry says instead of them."""
    return hashlib.sha256(salt + canonical_bytes(storable(details))).digest()


class Details:
    """The file of details. Every method raises ``TrailError``."""

    def __init__(self, path: Path) -> None:
        self._file = ErasableFile(path, DetailTable.metadata)

    def keep(self, details: Mapping[str, Any], subject: Subject) -> bytes:
        """Store details durably under a person's key and return the commitment.

        Raises:
            ValueError: If they do not fit the trail's format.
        """
        salt = secrets.token_bytes(SALT_BYTES)
        plain = salt + canonical_bytes(storable(details))
        commitment = hashlib.sha256(plain).digest()
        row = {
            "commitment": commitment,
            "subject": subject.ref,
            "sealed": seal(subject.key, plain, commitment),
        }
        with self._file.transaction() as connection:
            connection.execute(_TABLE.insert(), row)
        return commitment

    def read(self, commitment: bytes, keys: Mapping[str, bytes]) -> dict[str, Any] | None:
        """Return details; None if they are gone, or the key is."""
        if not self._file.exists:
            return None
        wanted = select(_TABLE.c.subject, _TABLE.c.sealed).where(_TABLE.c.commitment == commitment)
        with self._file.transaction() as connection:
            row = connection.execute(wanted).first()
        key = keys.get(row.subject) if row else None
        plain = unseal(key, row.sealed, commitment) if row and key else None
        if plain is None or hashlib.sha256(plain).digest() != commitment:
            return None
        found = json.loads(plain[SALT_BYTES:])
        return found if isinstance(found, dict) else None

    def count(self, ref: str) -> int:
        """Return how many entries have details about a person."""
        if not self._file.exists:
            return 0
        with self._file.transaction() as connection:
            return len(
                connection.execute(select(_TABLE.c.subject).where(_TABLE.c.subject == ref)).all()
            )

    def erase(self, ref: str) -> None:
        """Remove all details about a person, and their bytes from the file."""
        self._remove(_TABLE.c.subject == ref)

    def drop(self, commitments: Collection[bytes]) -> None:
        """Remove the details of entries that were pruned."""
        self._remove(_TABLE.c.commitment.in_(list(commitments)))

    def _remove(self, chosen: Any) -> None:  # noqa: ANN401
        if not self._file.exists:
            return
        with self._file.transaction() as connection:
            connection.execute(_TABLE.delete().where(chosen))
        self._file.compact()
