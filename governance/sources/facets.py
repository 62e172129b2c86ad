"""What OpenLineage facets say about origin and purpose: claims of the job, not measurements.

Source: OpenLineage, ColumnLineageDatasetFacet 1-2-0 and the tags facets of jobs and runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from governance.sources.events import ColumnOrigin

_PURPOSE = "purpose"
# Until 1-1-0 one word for a whole column stood in the place of the list of transformations.
_OLD_WORDS = {"MASKED": True, "IDENTITY": False}


def full_name(value: object) -> str | None:
    """Return ``namespace/name`` of a job or dataset, or None where one is missing."""
    if not isinstance(value, dict):
        return None
    namespace, name = value.get("namespace"), value.get("name")
    if not isinstance(namespace, str) or not isinstance(name, str) or not name:
        return None
    return f"{namespace}/{name}"


def column_origins(outputs: object) -> Iterator[ColumnOrigin]:
    """Yield where the columns of an event's outputs come from, as their facets say."""
    for dataset in outputs if isinstance(outputs, list) else ():
        output = full_name(dataset)
        columns = _at(dataset, "facets", "columnLineage", "fields")
        if output is None or not isinstance(columns, dict):
            continue
        for field, told in columns.items():
            origins = _at(told, "inputFields")
            for origin in origins if isinstance(origins, list) else ():
                source, column = full_name(origin), _at(origin, "field")
                if source is not None and isinstance(column, str):
                    direct, masking = _claim(origin, _at(told, "transformationType"))
                    yield ColumnOrigin(output, field, source, column, direct, masking)


def purpose_of(event: dict[str, object]) -> str | None:
    """Return the purpose that the run names, else the one that its job names, else None.

    OpenLineage has no facet of its own for it: a tag with the key ``purpose`` is read, or a
    custom facet of that name (``acme_purpose``) with a ``purpose``.
    """
    for owner in ("run", "job"):
        facets = _at(event, owner, "facets")
        for name, facet in facets.items() if isinstance(facets, dict) else ():
            if name == "tags":
                tags = _at(facet, "tags")
                named = [
                    tag for tag in (tags if isinstance(tags, list) else ()) if _is_purpose(tag)
                ]
                found = _at(named[0], "value") if named else None
            else:
                found = _at(facet, _PURPOSE) if name.endswith(_PURPOSE) else None
            if isinstance(found, str) and found.strip():
                return found.strip()
    return None


def _is_purpose(tag: object) -> bool:
    key = _at(tag, "key")
    return isinstance(key, str) and key.lower() == _PURPOSE


def _claim(origin: object, old_word: object) -> tuple[bool, bool | None]:
    """Return whether an origin's values are carried over, and what is said of masking.

    A column may be reached in several ways; it is masked only if each of them masks.
    """
    ways = _at(origin, "transformations")
    ways = [way for way in ways if isinstance(way, dict)] if isinstance(ways, list) else []
    if not ways:
        return True, _OLD_WORDS.get(str(old_word).upper())
    carrying = [way for way in ways if way.get("type") != "INDIRECT"]
    said = [_masks(way) for way in carrying or ways]
    return bool(carrying), False if False in said else None if None in said else True


def _masks(way: dict[str, object]) -> bool | None:
    said = way.get("masking")
    if isinstance(said, bool):
        return said
    return False if way.get("subtype") == "IDENTITY" else None


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
