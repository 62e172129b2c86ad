"""Who the people are that the trail refers to, each under a key that can be destroyed.

The trail itself holds random references. This file, among the keys and never copied with the trail,
holds each person's name and the key of what concerns them. When its row is gone, the references
lead nowhere, and every copy of the details, however old, is unreadable.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, LargeBinary, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from governance.trail.erasable import ErasableFile
from governance.trail.keys import load_or_create_secret
from governance.trail.references import SUBJECTS_FILE, WRAPPING_FILE, wrapping_key
from governance.trail.sealing import KEY_BYTES, seal, unseal


class SubjectTable(SQLModel, registry=registry()):
    """The base of the tables of this file; their metadata is theirs alone."""


class SubjectKey(SubjectTable, table=True):
    """One person: a random reference, how to find it by name, and a key under the file's own."""

    __tablename__ = "subject_key"
    ref: str = Field(primary_key=True)
    lookup: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))
    wrapped: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    name: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


_TABLE = SubjectTable.metadata.tables["subject_key"]


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """A person's reference and key."""

    ref: str
    key: bytes


class Subjects:
    """The file of subjects in a folder of keys. Every method raises ``TrailError``.

    Args:
        folder: Where it lives; nothing is made there before somebody is added.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = ErasableFile(folder / SUBJECTS_FILE, SubjectTable.metadata)

    def add(self, name: str) -> Subject:
        """Return the subject of that name, made if it is new; safe for several processes."""
        secret = load_or_create_secret(self._folder, WRAPPING_FILE)
        with self._file.transaction() as connection:
            found = _find(connection, secret, name)
            if found is not None:
                return found
            subject = Subject(f"subject:{secrets.token_hex(6)}", secrets.token_bytes(KEY_BYTES))
            context = subject.ref.encode()
            row = {
                "ref": subject.ref,
                "lookup": _lookup(secret, name),
                "wrapped": seal(wrapping_key(secret), subject.key, context),
                "name": seal(subject.key, _plain(name), context),
            }
            connection.execute(_TABLE.insert(), row)
            return subject

    def find(self, name: str) -> Subject | None:
        """Return the subject of that name; None if there is none, or it was erased."""
        if not self._file.exists:
            return None
        secret = load_or_create_secret(self._folder, WRAPPING_FILE)
        with self._file.transaction() as connection:
            return _find(connection, secret, name)

    def destroy(self, ref: str) -> None:
        """Remove a person's name and key, and their bytes from the file."""
        with self._file.transaction() as connection:
            connection.execute(_TABLE.delete().where(_TABLE.c.ref == ref))
        self._file.compact()


def _find(connection: Connection, secret: bytes, name: str) -> Subject | None:
    wanted = select(_TABLE.c.ref, _TABLE.c.wrapped).where(_TABLE.c.lookup == _lookup(secret, name))
    row = connection.execute(wanted).first()
    key = unseal(wrapping_key(secret), row.wrapped, row.ref.encode()) if row else None
    return Subject(row.ref, key) if row and key else None


def _lookup(secret: bytes, name: str) -> bytes:
    return hmac.digest(secret, b"lookup\0" + _plain(name), hashlib.sha256)


def _plain(name: str) -> bytes:
    return unicodedata.normalize("NFC", name).encode("utf-8", "backslashreplace")
