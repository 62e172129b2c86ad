"""Membership of a trade union."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class TradeUnion(WholeValue):
    """Yes, no, a number or a union's name, in a column whose header asks for a trade union.

    Why: a special category of personal data (GDPR Art. 9).
    Source: what membership lists and payrolls hold.
    """

    id = "trade-union"
    entity = "TRADE_UNION"
    shape = r"[01]|[^\W\d_][\w &.,'’/()+-]{0,80}"
