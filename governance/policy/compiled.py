"""What files without a fault were found to say, kept for the next time they are read.

Kept are data, never code: each document as JSON, which is validated again by its kind, and its
places. The store lies in a folder of the user alone; one that anybody else could write to is not
looked at, and neither is one in a checkout, where a pull request could bring it. Without it, or
with one that is damaged, the files are read as if it did not exist.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from governance.model.position import Position
from governance.policy.nodes import Tree, fold
from governance.policy.privacy import is_in_repository, is_private, make_private
from governance.policy.validation import KINDS, Written

STORE = "policies.db"
KEPT = 20_000
"""Files remembered; beyond it the oldest are forgotten."""

_TABLE = "CREATE TABLE IF NOT EXISTS file (key BLOB UNIQUE NOT NULL, body TEXT NOT NULL)"
_OLDEST = "DELETE FROM file WHERE rowid <= (SELECT max(rowid) FROM file) - ?"
_PATIENCE_SECONDS = 0.5


class Compiled:
    """The store of one user.

    Args:
        folder: A folder of the user alone; it is made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_usable = not is_in_repository(folder)
        self._reading = self._open()
        self._fresh: dict[bytes, str] = {}

    def documents(self, shown: str, data: bytes, *, pack: str | None) -> list[Written] | None:
        """Return what a file of these bytes says; None when nobody knows."""
        if self._reading is None:
            return None
        try:
            query = self._reading.execute("SELECT body FROM file WHERE key = ?", (_key(data),))
            found = query.fetchone()
            return None if found is None else _written(found[0], shown, pack)
        except (sqlite3.Error, ValueError, TypeError, KeyError, IndexError):
            return None  # NOTE: whatever is wrong with the store, the file itself is right here.

    def keep(self, data: bytes, documents: Iterable[Written]) -> None:
        """Remember what a file says; only one without a fault."""
        self._fresh[_key(data)] = json.dumps([_plain(each) for each in documents])

    def flush(self) -> None:
        """Write down what was kept. A store that cannot be written costs time and nothing else."""
        fresh, self._fresh = self._fresh, {}
        if not fresh or not self._is_usable:
            return
        try:
            make_private(self._folder)
            path = self._folder / STORE
            if not is_private(self._folder) or (path.exists() and not is_private(path)):
                return
            with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS)) as store, store:
                path.chmod(0o600)
                store.execute(_TABLE)
                store.executemany("INSERT OR REPLACE INTO file VALUES (?, ?)", fresh.items())
                store.execute(_OLDEST, (KEPT,))
        except (OSError, sqlite3.Error):
            return

    def _open(self) -> sqlite3.Connection | None:
        path = self._folder / STORE
        try:
            if not self._is_usable or not is_private(self._folder) or not is_private(path):
                return None
            store = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
            store.execute("PRAGMA trusted_schema = OFF")
        except (OSError, sqlite3.Error):
            return None
        return store


@cache
def _code() -> bytes:
    """Return a digest of the code that reads policy files: another code may find otherwise."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for folder in ("model", "policy"):
        for path in sorted((package / folder).rglob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


def _key(data: bytes) -> bytes:
    return hashlib.sha256(_code() + data).digest()


def _plain(written: Written) -> dict[str, object]:
    return {
        "kind": written.kind,
        "id": written.id,
        "at": [written.position.line, written.position.column],
        "tree": json.dumps(fold(written.node), separators=(",", ":")),
        # NOTE: what was not said stays unsaid: it decides what is inherited.
        "data": written.model.model_dump_json(by_alias=True, exclude_unset=True),
    }


def _written(body: str, shown: str, pack: str | None) -> list[Written] | None:
    found = []
    for told in json.loads(body):
        try:
            model = KINDS[told["kind"]].model_validate_json(told["data"])
        except ValidationError:
            return None
        line, column = told["at"]
        found.append(
            Written(
                kind=told["kind"],
                id=told["id"],
                file=shown,
                position=Position(shown, line, column),
                tree=Tree(shown, folded=told["tree"]),
                model=model,
                pack=pack,
            )
        )
    return found
