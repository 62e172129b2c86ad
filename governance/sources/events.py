"""What logs tell besides text: who used what, and which job read and wrote which dataset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """One line of an access log.

    Args:
        at: The instant, aware, in UTC.
        who: The principal as the log wrote it.
        action: Lower case.
        asset: The dataset as the log wrote it.
        line: Line number, counted from 1 over all files of the place.
        also: Other names of the same principal, the most telling first.
        fields: The columns that were used; empty when the log names none.
    """

    at: datetime
    who: str
    action: str
    asset: str
    purpose: str | None
    network: str | None
    region: str | None
    line: int
    also: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnOrigin:
    """That a job says a column it wrote comes from another column.

    Args:
        output: ``namespace/name`` of the dataset written, and ``field`` the column of it.
        source: ``namespace/name`` of the origin, and ``source_field`` the column of it.
        direct: Whether values are carried over.
        masking: What the job says of masking; None when it says nothing.
    """

    output: str
    field: str
    source: str
    source_field: str
    direct: bool
    masking: bool | None


@dataclass(frozen=True, slots=True)
class LineageEvent:
    """One OpenLineage run event.

    Args:
        at: The instant, aware, in UTC.
        job: ``namespace/name``.
        run: The run id as the event wrote it; empty when it has none.
        event: ``START``, ``COMPLETE`` … upper case; empty when it has none.
        inputs: ``namespace/name`` of every dataset read. outputs: Of every dataset written.
        line: Line number, or the number of the event in an array; from 1 over all files.
        purpose: What the job or the run names as its purpose, or None.
        columns: Where columns of the outputs come from.
    """

    at: datetime
    job: str
    run: str
    event: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    line: int
    purpose: str | None = None
    columns: tuple[ColumnOrigin, ...] = ()
