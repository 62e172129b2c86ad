"""Which declared dataset does a log mean? Ids, tables, files and objects of a store, by name.

A log calls a table by its database, schema and name, or by less than that; a store by bucket and
key. What is named alike in two datasets is none of them: better undeclared than mistaken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from governance.engine.declared import declared_assets
from governance.model.policy import EffectivePolicy

_STORES = {
    "s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs", "hdfs": "hdfs", "abfs": "abfs",
    "abfss": "abfs", "wasb": "wasb", "wasbs": "wasb", "oss": "oss",
}  # fmt: skip
_DEFAULT_SCHEMA = {
    "postgres": "public",
    "postgresql": "public",
    "mssql": "dbo",
    "redshift": "public",
}
_WILD = re.compile(r"[*?\[]")
_QUOTES = str.maketrans("", "", "\"`'[]")


@dataclass(frozen=True, slots=True)
class Meant:
    """What a log's name means: a declared dataset, and the place of it where that is certain."""

    dataset: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    """A name in parts, the narrowest last; ``own`` when it is the dataset's id or alias."""

    parts: tuple[str, ...]
    meant: Meant
    own: bool = False

    def fits(self, parts: tuple[str, ...]) -> bool:
        """Return whether a log's name means it: one of both is the other's ending."""
        mine, written = len(self.parts), len(parts)
        if mine == written:
            return self.parts == parts
        # NOTE: a bare table name is not enough for a name with a schema: it may be another one.
        if written > mine:
            return mine > 1 and parts[-mine:] == self.parts
        return not self.own and self.parts[-written:] == parts


class Objects:
    """All names under which the datasets of a policy may stand in a log."""

    def __init__(self, policy: EffectivePolicy) -> None:
        self._exact: dict[str, Meant] = {}
        self._tables: dict[str, list[_Table]] = {}
        self._files: dict[str, set[Meant]] = {}
        self._stored: dict[str, list[tuple[str, Meant]]] = {}
        self._globs: list[tuple[str, Meant]] = []
        for asset in declared_assets(policy):
            if asset.id in policy.datasets:
                for place in asset.places:
                    self._add_place(place.uri, Meant(asset.id, place.name))
        for dataset in policy.datasets.values():
            meant = Meant(dataset.id)
            for name in (dataset.id, f"dataset:{dataset.id}", *dataset.aliases):
                self._add_name(name, meant)

    def find(self, written: str) -> Meant | None:
        """Return what a name in a log means, or None where nothing declares it."""
        if written in self._exact:
            return self._exact[written]
        fitting = [meant for pattern, meant in self._globs if fnmatchcase(written, pattern)]
        if fitting:
            return _only(fitting)
        root, path = _store(written)
        if root:
            return self._in_store(root, path)
        name = written.rpartition("/")[2]
        if name in self._exact:
            return self._exact[name]
        return _only(self._files.get(name, ())) or self._table(_parts(name))

    def _add_name(self, name: str, meant: Meant) -> None:
        if _WILD.search(name):
            self._globs.append((name, meant))
            return
        self._exact[name] = meant
        if "/" not in name and ":" not in name:
            self._add_table(_Table(_parts(name), meant, own=True))

    def _add_place(self, uri: str, meant: Meant) -> None:
        self._exact.setdefault(uri, meant)
        address, _, table = uri.partition("#")
        root, path = _store(address)
        if root and not table:
            self._stored.setdefault(root, []).append((path, meant))
        elif table or "://" in address:
            for parts in _database_names(address, table):
                self._add_table(_Table(parts, meant))
        else:
            self._files.setdefault(address.rpartition("/")[2], set()).add(meant)

    def _add_table(self, table: _Table) -> None:
        if table.parts:
            self._tables.setdefault(table.parts[-1], []).append(table)

    def _table(self, parts: tuple[str, ...]) -> Meant | None:
        fitting = [
            each for each in self._tables.get(parts[-1] if parts else "", ()) if each.fits(parts)
        ]
        longest = max((min(len(each.parts), len(parts)) for each in fitting), default=0)
        return _only(each.meant for each in fitting if min(len(each.parts), len(parts)) == longest)

    def _in_store(self, root: str, path: str) -> Meant | None:
        known = self._stored.get(root, [])
        inside = [(len(where), meant) for where, meant in known if _holds(where, path)]
        if inside:
            narrowest = max(length for length, _ in inside)
            return _only(meant for length, meant in inside if length == narrowest)
        folder = path.rstrip("/") + "/" if path else ""
        return _only(meant for where, meant in known if where.startswith(folder))


def shortened(written: str) -> str:
    """Return a store's object as its bucket and first folder: keys are many, and may be data."""
    root, path = _store(written)
    if not root:
        return written
    folder, slash, _ = path.partition("/")
    return f"{root}/{folder}{slash}" if slash else root


def _only(meant: Iterable[Meant]) -> Meant | None:
    """Return the one dataset that is meant, without its place where several are possible."""
    found = set(meant)
    if len({each.dataset for each in found}) != 1:
        return None
    places = {each.place for each in found}
    return Meant(next(iter(found)).dataset, places.pop() if len(places) == 1 else None)


def _store(uri: str) -> tuple[str, str]:
    """Return ``s3://bucket`` and the key; two empty texts for what lies in no store."""
    scheme, separator, rest = uri.partition("://")
    if not separator or scheme.lower() not in _STORES:
        return "", ""
    bucket, _, path = rest.partition("/")
    return f"{_STORES[scheme.lower()]}://{bucket}", path


def _holds(where: str, path: str) -> bool:
    if _WILD.search(where):
        return fnmatchcase(path, where)
    return not where or path == where or path.startswith(where.rstrip("/") + "/")


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.translate(_QUOTES).casefold().split(".") if part)


def _database_names(address: str, table: str) -> Iterable[tuple[str, ...]]:
    """Yield the names in parts of a table of a database: with its schema, and as it is written."""
    split = urlsplit(address) if "://" in address else None
    if split is None:
        yield _parts(table)
        return
    folders = [part for part in split.path.split("/") if part]
    # NOTE: behind the scheme stands a server, but for BigQuery, where it is the project.
    outer = [split.netloc, *folders] if split.scheme == "bigquery" else folders
    database = _parts(".".join(outer))
    own = _parts(table)
    yield (*database, *own)
    schema = _DEFAULT_SCHEMA.get(split.scheme.partition("+")[0])
    if schema and len(own) == 1:
        yield (*database, schema, *own)
