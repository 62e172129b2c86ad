"""What a scan measured, as bytes: the facts that ``check`` answers from without the data.

Holds what the facts types hold, and they hold no scanned value.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from governance.errors import FactsError
from governance.model.facts import AccessUse, AssetFacts, ColumnFlow, LineageUse


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The measurements of one scan; logs are named even when they held no event.

    Args:
        targets: What the scan was asked for; empty when it looked at everything.
    """

    run: str
    taken: datetime
    targets: tuple[str, ...]
    assets: tuple[AssetFacts, ...]
    accesses: tuple[AccessUse, ...] = ()
    access_logs: tuple[str, ...] = ()
    lineage: tuple[LineageUse, ...] = ()
    lineage_logs: tuple[str, ...] = ()
    flows: tuple[ColumnFlow, ...] = ()


_ADAPTER = TypeAdapter(Snapshot)
_USES = TypeAdapter(tuple[AccessUse, ...])


def dump_snapshot(snapshot: Snapshot) -> bytes:
    """Return the snapshot as JSON."""
    rest = _ADAPTER.dump_python(replace(snapshot, accesses=()), mode="json")
    return dump_measured(rest, snapshot.accesses)


def dump_measured(rest: dict[str, Any], uses: tuple[AccessUse, ...]) -> bytes:
    """Return what was measured as JSON; its uses, which may be a million, take no detour.

    Args:
        rest: All but the uses, as JSON's types.
    """
    # NOTE: a file name may hold bytes that are no text; JSON of ASCII can carry them. A use has no
    # such name: what reads like none became a fingerprint.
    text = json.dumps({key: value for key, value in rest.items() if key != "accesses"})
    return b'%s, "accesses": %s}' % (text[:-1].encode(), _USES.dump_json(uses))


def load_snapshot(stored: bytes) -> Snapshot:
    """Read a snapshot back.

    Raises:
        FactsError: If it was written by another version or is damaged.
    """
    try:
        return _ADAPTER.validate_python(json.loads(stored))
    except (ValidationError, json.JSONDecodeError):
        raise FactsError(
            where="facts",
            problem="the stored measurements do not fit this version",
            remedy="run 'governance scan' once more",
        ) from None
