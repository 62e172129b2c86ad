"""What was measured of a place's content, kept for as long as the same bytes may come again."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select

from governance.facts.tables import FactsTable

_READING = FactsTable.metadata.tables["reading"]
_RUN = FactsTable.metadata.tables["run"]
# A measurement that none of the last runs could use is let go.
RUNS_KEPT = 20


def load_readings(connection: Connection, keys: Iterable[str]) -> Mapping[str, bytes]:
    """Return the stored measurements by key; a key that nobody stored is absent."""
    found = {}
    for key in keys:
        body = connection.execute(select(_READING.c.body).where(_READING.c.key == key)).scalar()
        if body is not None:
            found[key] = zlib.decompress(body)
    return found


def save_readings(
    connection: Connection, used: Iterable[str], fresh: Mapping[str, bytes], finished: str
) -> None:
    """Store new measurements, mark used ones, and drop those not used for twenty runs.

    Args:
        finished: When the run ended, as the run table writes it.
    """
    for key in used:
        connection.execute(_READING.update().where(_READING.c.key == key).values(used=finished))
    for key, body in fresh.items():
        connection.execute(delete(_READING).where(_READING.c.key == key))
        row = {"key": key, "used": finished, "body": zlib.compress(body)}
        connection.execute(_READING.insert(), row)
    recent = select(_RUN.c.finished).order_by(_RUN.c.finished.desc()).limit(RUNS_KEPT)
    times = list(connection.execute(recent).scalars())
    if len(times) == RUNS_KEPT:
        connection.execute(delete(_READING).where(_READING.c.used < times[-1]))
