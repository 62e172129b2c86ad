"""Who signed a review, as the trail tells it; a report is a draft until it is signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.model.trail import Entry


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """One signature: role, who, from which account, when, what was stated; ``seq`` its entry."""

    role: str
    who: str
    account: str
    at: datetime
    statement: str
    advice: str | None
    overrules: str | None
    seq: int


@dataclass(frozen=True, slots=True)
class SignoffView:
    """The signatures of a review; ``is_signed`` once author and approver, two persons, have."""

    opened: datetime | None
    signatures: tuple[SignatureRow, ...]
    is_signed: bool


def view_signoff(entries: Sequence[Entry], kind: str, period: str) -> SignoffView:
    """Return the newest review of this report and its signatures."""
    opened = [
        entry
        for entry in entries
        if entry.type == "review.opened"
        and (entry.payload.get("kind"), entry.payload.get("period")) == (kind, period)
    ]
    if not opened:
        return SignoffView(None, (), is_signed=False)
    case = opened[-1]
    rows = tuple(
        _signature(entry)
        for entry in entries
        if entry.type == "review.signed"
        and entry.seq > case.seq
        and entry.payload.get("id") == case.payload.get("id")
    )
    authors = {row.who for row in rows if row.role == "author"}
    approved = any(row.who not in authors for row in rows if row.role == "approver")
    return SignoffView(case.ts, rows, is_signed=bool(authors) and approved)


def _signature(entry: Entry) -> SignatureRow:
    told = entry.payload
    return SignatureRow(
        role=str(told.get("role")),
        who=str(told.get("as")),
        account=entry.actor,
        at=entry.ts,
        statement=str(told.get("statement")),
        advice=told.get("advice"),
        overrules=told.get("overrules"),
        seq=entry.seq,
    )
