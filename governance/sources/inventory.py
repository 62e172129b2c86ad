"""Which files and tables there are, and which of them a declared place covers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from governance.model.asset import Place, PlaceType
from governance.sources.archives import FAULTS, member_names
from governance.sources.discovery import uris_in
from governance.sources.paths import FoundFile, find_files, open_regular
from governance.sources.sqlite import MAGIC


def watched_uris(patterns: Sequence[str], root: Path) -> tuple[str, ...]:
    """Return the files and database tables that the patterns match, sorted, each once.

    Args:
        patterns: Globs, folders or files, relative to ``root``.
    """
    files = [
        file for pattern in patterns for file in find_files(pattern, root, confined=True).files
    ]
    return tuple(sorted({uri for file in files for uri in _uris(file)}))


def count_hidden(places: Iterable[Place], root: Path) -> int:
    """Return how many files and folders the places pass over for their name; each once.

    What another place names after all does not count.
    """
    found = [find_files(each.opened_as, root, confined=each.confined) for each in places]
    hidden = {path.resolve() for each in found for path in each.hidden}
    return len(hidden - {file.path for each in found for file in each.files})


def uris_of(place: Place, root: Path) -> frozenset[str]:
    """Return what a place covers: paths relative to ``root``, and ``shop.db#orders``.

    A place that names a table covers that table alone. A file that is not there is covered
    by its own URI.
    """
    found = find_files(place.opened_as, root, confined=place.confined)
    if found.member is not None:
        return frozenset({place.opened_as})
    if found.table is None:
        uris = frozenset(uri for file in found.files for uri in _uris(file))
        return uris or frozenset({place.opened_as})
    wanted = {f"{file.name}#{found.table}".lower() for file in found.files}
    # NOTE: SQLite's names know no case, so that a table is covered however it is spelled.
    covered = {uri for file in found.files for uri in _uris(file) if uri.lower() in wanted}
    return frozenset(covered) or frozenset({place.opened_as})


def _uris(file: FoundFile) -> tuple[str, ...]:
    return uris_in(file, _packing(file))


def _packing(file: FoundFile) -> PlaceType:
    """Return what a file is, by its first bytes, as far as that tells of tables in it."""
    if file.problem is not None:
        return PlaceType.AUTO
    try:
        with open_regular(file) as stream:
            head = stream.read(len(MAGIC))
            if head == MAGIC:
                return PlaceType.SQLITE
            if head[8:12] == b"DUCK":
                return PlaceType.DUCKDB
            is_book = head.startswith(b"PK") and member_names(stream) is None
            return PlaceType.EXCEL if is_book else PlaceType.AUTO
    except (OSError, *FAULTS):
        return PlaceType.AUTO
