"""What a person means by a path: a place for every file, and for every table of a database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from governance.errors import SourceError
from governance.model.asset import Place, PlaceType
from governance.sources.paths import UNDECLARED, FoundFile, find_files, open_regular
from governance.sources.sniffing import find_type
from governance.sources.sqlite import table_names


def discover(target: str, root: Path) -> tuple[Place, ...]:
    """Return the undeclared places that a target names, sorted by URI; none if nothing does.

    Args:
        target: A file, a table ``shop.db#orders``, a folder (searched to its depth, without
            hidden files and folders) or a glob; relative to ``root`` or absolute.

    A file that cannot be read has a place all the same: reading it says why. The type is
    found out from the content, and is ``auto`` where it cannot be.
    """
    found = find_files(target, root, confined=False)
    if found.table is not None:
        return tuple(
            Place(UNDECLARED, f"{file.name}#{found.table}", type_of(file), confined=False)
            for file in found.files
        )
    places: list[Place] = []
    for file in found.files:
        kind = type_of(file)
        places += [Place(UNDECLARED, uri, kind, confined=False) for uri in uris_in(file, kind)]
    return tuple(places)


def type_of(file: FoundFile) -> PlaceType:
    """Return the type that a file's content shows, ``auto`` where it shows none."""
    if file.problem is not None:
        return PlaceType.AUTO
    try:
        with open_regular(file) as stream:
            return find_type(stream, file.path)
    except (OSError, SourceError, UnicodeError, RecursionError):
        return PlaceType.AUTO


def uris_in(file: FoundFile, kind: PlaceType) -> tuple[str, ...]:
    """Return a file's URI, or one for each table where it is a database that can be read."""
    if kind is not PlaceType.SQLITE:
        return (file.name,)
    try:
        tables = table_names(file.path)
    except (sqlite3.Error, OSError):
        return (file.name,)
    return tuple(f"{file.name}#{table}" for table in tables) or (file.name,)
