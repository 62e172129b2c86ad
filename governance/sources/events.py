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
    """

    at: datetime
    who: str
    action: str
    asset: str
    purpose: str | None
    network: str | None
    region: str | None
    line: int


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
    """

    at: datetime
    job: str
    run: str
    event: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    line: int
