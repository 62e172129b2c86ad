"""The stored runs: what one is, and how one is found and read again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from governance.facts.files import Ask

_RUN = (
    "SELECT command, finished, policy_digest, exit_code, sha256, document, snapshot "
    "FROM run WHERE id = :id"
)
_IDS = "SELECT id FROM run ORDER BY finished DESC, id DESC"
_IDS_UNTIL = "SELECT id FROM run WHERE finished <= :until ORDER BY finished DESC, id DESC"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One stored run.

    Args:
        finished: Aware. document: The bytes of its run document, as the trail vouches for them.
        snapshot: Its measurements as the engine writes them; empty when it kept none.
    """

    id: str
    command: str
    finished: datetime
    policy_digest: str
    exit_code: int
    document: bytes
    snapshot: bytes = b""


def run_row(record: RunRecord, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run as the table ``run`` keeps it."""
    return {
        "id": record.id,
        "command": record.command,
        "started": str(document["run"]["started"]),
        "finished": stamp(record.finished),
        "policy_digest": record.policy_digest,
        "exit_code": record.exit_code,
        "sha256": hashlib.sha256(record.document).hexdigest(),
        "document": zlib.compress(record.document),
        "snapshot": zlib.compress(record.snapshot),
    }


def ids(ask: Ask, until: datetime | None) -> list[str]:
    """Return the ids of the runs that finished by then (None: all), the newest first."""
    found = ask(_IDS) if until is None else ask(_IDS_UNTIL, until=stamp(until))
    return [run for (run,) in found]


def load(ask: Ask, id: str) -> RunRecord:
    """Return a stored run; ValueError if its document is not the one that was stored."""
    ((*told, sha256, packed, snapshot),) = ask(_RUN, id=id)
    command, finished, policy_digest, exit_code = told
    document = zlib.decompress(packed)
    if hashlib.sha256(document).hexdigest() != sha256:
        raise ValueError("a run document was changed")
    return RunRecord(
        id=id,
        command=command,
        finished=datetime.fromisoformat(finished),
        policy_digest=policy_digest,
        exit_code=exit_code,
        document=document,
        snapshot=zlib.decompress(snapshot),
    )


def stamp(instant: datetime) -> str:
    """Return UTC with microseconds, so that text sorts as time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
