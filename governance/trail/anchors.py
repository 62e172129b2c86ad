"""Keeping what somebody outside answered about a checkpoint."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from governance.model.trail import Event, Receipt
from governance.trail.schema import TrailTable


def store_receipt(connection: Connection, receipt: Receipt, now: str) -> Event:
    """Store a receipt, and return the event that says so.

    The event holds the receipt's digest, so that whatever follows is provably later than it.

    Args:
        now: The time, as bodies spell it.
    """
    row = {
        "checkpoint_size": receipt.size,
        "kind": receipt.kind,
        "receipt": receipt.content,
        "status": "received",
        "anchored_at": now,
    }
    connection.execute(TrailTable.metadata.tables["trail_anchor"].insert(), row)
    digest = hashlib.sha256(receipt.content).hexdigest()
    told = {"kind": receipt.kind, "size": receipt.size, "by": receipt.source}
    return Event("checkpoint.anchored", {**told, "receipt_sha256": digest})
