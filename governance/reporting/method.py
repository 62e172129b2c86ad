"""How the scan under review looked: libraries as the trail recorded them, measured accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.model.trail import Entry
from governance.reporting.documents import RunDocument


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One measured figure of a detector that the tool ships with.

    Args:
        what: What was counted. with_header, alone: Shares as text, as measured.
    """

    what: str
    with_header: str
    alone: str


@dataclass(frozen=True, slots=True)
class MethodView:
    """Libraries by name and version, options of the run, figures of accuracy."""

    libraries: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    accuracy: tuple[Accuracy, ...]


def view_method(
    entries: Sequence[Entry], basis: RunDocument | None, accuracy: Sequence[Accuracy]
) -> MethodView:
    """Return what the entry that opened the run under review tells of it."""
    started = next(
        (e for e in entries if basis and e.run == basis.id and e.type == "scan.started"), None
    )
    payload = started.payload if started else {}
    return MethodView(
        libraries=_pairs(payload.get("libraries")),
        options=_pairs(payload.get("options")),
        accuracy=tuple(accuracy),
    )


def _pairs(table: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(table, Mapping):
        return ()
    return tuple((str(name), _text(value)) for name, value in sorted(table.items()))


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
