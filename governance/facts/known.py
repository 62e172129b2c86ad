"""Which findings earlier runs left open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from governance.facts.tables import FactsTable

_TABLES = FactsTable.metadata.tables
_ASSET, _FINDING, _RUN = (_TABLES[name] for name in ("asset_fact", "finding_fact", "run"))


def load_known(connection: Connection, before: str | None) -> Mapping[str, datetime]:
    """Return when each finding was first seen, by id.

    One that the newest complete reading of its asset no longer saw was mended, and is left out.

    Args:
        before: Only those first seen by then, as the tables write an instant; None for all.
    """
    newest = (
        select(_ASSET.c.asset, func.max(_RUN.c.finished).label("finished"))
        .join(_RUN, _RUN.c.id == _ASSET.c.run)
        .where(or_(_ASSET.c.status.is_(None), _ASSET.c.status == "complete"))
        .group_by(_ASSET.c.asset)
        .subquery()
    )
    seen = (
        select(_FINDING.c.id, _FINDING.c.first_seen)
        .join(newest, newest.c.asset == _FINDING.c.asset, isouter=True)
        .where(or_(newest.c.finished.is_(None), _FINDING.c.last_seen >= newest.c.finished))
    )
    if before is not None:
        seen = seen.where(_FINDING.c.first_seen <= before)
    rows = connection.execute(seen.order_by(_FINDING.c.id)).all()
    return {known: datetime.fromisoformat(first) for known, first in rows}
