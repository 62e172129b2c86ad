"""What a scan measured, as bytes: the facts that ``check`` answers from without the data.

Holds what the facts types hold, and they hold no scanned value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from governance.errors import FactsError
from governance.model.facts import AccessUse, AssetFacts, LineageUse


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The measurements of one scan; logs are named even when they held no event."""

    run: str
    taken: datetime
    assets: tuple[AssetFacts, ...]
    accesses: tuple[AccessUse, ...] = ()
    access_logs: tuple[str, ...] = ()
    lineage: tuple[LineageUse, ...] = ()
    lineage_logs: tuple[str, ...] = ()


_ADAPTER = TypeAdapter(Snapshot)


def dump_snapshot(snapshot: Snapshot) -> bytes:
    """Return the snapshot as JSON."""
    return _ADAPTER.dump_json(snapshot)


def load_snapshot(stored: bytes) -> Snapshot:
    """Read a snapshot back.

    Raises:
        FactsError: If it was written by another version or is damaged.
    """
    try:
        return _ADAPTER.validate_json(stored)
    except ValidationError:
        raise FactsError(
            where="facts",
            problem="the stored measurements do not fit this version",
            remedy="run 'governance scan' once more",
        ) from None
