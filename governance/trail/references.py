"""Whom the trail's references mean, read from the file of subjects and never written."""

from __future__ import annotations

import hashlib
import hmac
import re
from contextlib import closing
from pathlib import Path

from governance.trail.keys import load_or_create_secret
from governance.trail.sealing import unseal
from governance.trail.sqlite import reading_connection
from governance.trail.storage import failing_closed

SUBJECTS_FILE = "subjects.db"
WRAPPING_FILE = "subjects.key"
_REFERENCE = re.compile(r"subject:[0-9a-f]{12}")
_TABLE = "SELECT 1 FROM sqlite_schema WHERE name = 'subject_key'"
_NAMES = "SELECT ref, wrapped, name FROM subject_key"


def is_reference(value: object) -> bool:
    """Return whether a value of a payload refers to a person."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def read_names(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Return the name and the key behind each reference; nothing where nobody was ever added.

    Args:
        folder: Of the keys.

    Raises:
        TrailError: If the file of subjects cannot be read.
    """
    path = folder / SUBJECTS_FILE
    if not path.exists():
        return {}
    wrapping = wrapping_key(load_or_create_secret(folder, WRAPPING_FILE))
    told = {}
    with failing_closed(path), closing(reading_connection(path)) as connection:
        rows = connection.execute(_NAMES) if connection.execute(_TABLE).fetchone() else ()
        for ref, wrapped, sealed in rows:
            key = unseal(wrapping, wrapped, ref.encode())
            name = unseal(key, sealed, ref.encode()) if key else None
            if key and name is not None:
                told[ref] = (name.decode(), key)
    return told


def wrapping_key(secret: bytes) -> bytes:
    """Return the key under which the file keeps everybody's own."""
    return hmac.digest(secret, b"wrapping\0", hashlib.sha256)
