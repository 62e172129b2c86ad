"""What a person means by a path: a place for every file, and for every table of a database."""

from __future__ import annotations

from pathlib import Path

from governance.errors import SourceError
from governance.model.asset import Place, PlaceType
from governance.sources.archives import FAULTS, member_names
from governance.sources.paths import UNDECLARED, FoundFile, find_files, open_regular
from governance.sources.sniffing import find_type

_TABLES = frozenset({PlaceType.DUCKDB, PlaceType.EXCEL, PlaceType.SQLITE})
_UNREADABLE: tuple[type[Exception], ...] = (OSError, SourceError, *FAULTS)


def discover(target: str, root: Path) -> tuple[Place, ...]:
    """Return the undeclared places that a target names, sorted by URI; none if nothing does.

    Args:
        target: A file, a table ``shop.db#orders``, a member ``dump.zip!a.csv``, a folder (searched
            to its depth, without hidden files and folders) or a glob; relative to ``root`` or
            absolute.

    A file that cannot be read has a place all the same: reading it says why. The type is
    found out from the content, and is ``auto`` where it cannot be.
    """
    found = find_files(target, root, confined=False)
    if found.table is not None:
        return tuple(
            Place(UNDECLARED, f"{file.name}#{found.table}", type_of(file), confined=False)
            for file in found.files
        )
    if found.member is not None:
        return (Place(UNDECLARED, target, confined=False),)
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
    """Return a file's URI, or one for each table, sheet or member that it holds.

    The members of a zip archive are listed in it; those of other archives would have to be
    unpacked to be known, so such an archive is one place with all that it holds.
    """
    faults: tuple[type[Exception], ...] = _faults(kind) if kind in _TABLES else ()
    try:
        if kind in _TABLES:
            parts = tuple(f"#{table}" for table in _tables_in(file, kind))
        else:
            with open_regular(file) as stream:
                parts = tuple(f"!{member}" for member in member_names(stream) or ())
    except _UNREADABLE + faults:
        return (file.name,)
    return tuple(f"{file.name}{part}" for part in parts) or (file.name,)


def _faults(kind: PlaceType) -> tuple[type[Exception], ...]:
    # NOTE: where there is no database, none of the libraries that read one is loaded.
    from governance.sources.registry import source_of

    return source_of(kind).faults()


def _tables_in(file: FoundFile, kind: PlaceType) -> tuple[str, ...]:
    from governance.sources.duckdb import duckdb_table_names
    from governance.sources.excel import sheet_names
    from governance.sources.sqlite import table_names

    if kind is PlaceType.SQLITE:
        return table_names(file.path)
    if kind is PlaceType.DUCKDB:
        return duckdb_table_names(file.path)
    with open_regular(file) as stream:
        sheets = sheet_names(stream)
    return sheets if len(sheets) > 1 else ()
