"""What was read of an asset, and what was not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CoverageStatus(StrEnum):
    """How much of an asset was read."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The reading of one place.

    Args:
        status: Complete, partial or skipped.
        reason: Why it is not complete; None only when it is.
        rows: Rows or lines read.
        bytes: Bytes of the files read.
        sampled: Whether rows were left out on purpose.
    """

    status: CoverageStatus
    reason: str | None = None
    rows: int = 0
    bytes: int = 0
    sampled: bool = False

    def __post_init__(self) -> None:
        if (self.status is CoverageStatus.COMPLETE) != (self.reason is None):
            raise ValueError("only an incomplete coverage has a reason, and it must have one")

    @property
    def is_complete(self) -> bool:
        return self.status is CoverageStatus.COMPLETE

    @classmethod
    def skipped(cls, reason: str) -> Coverage:
        return cls(CoverageStatus.SKIPPED, reason)


def merge_coverage(parts: tuple[Coverage, ...]) -> Coverage:
    """Join the coverages of several files into one: complete only if every part is.

    An empty tuple is skipped: nothing was read.
    """
    if not parts:
        return Coverage.skipped("nothing to read")
    reasons = tuple(dict.fromkeys(part.reason for part in parts if part.reason is not None))
    rows, size = sum(part.rows for part in parts), sum(part.bytes for part in parts)
    sampled = any(part.sampled for part in parts)
    if not reasons:
        return Coverage(CoverageStatus.COMPLETE, None, rows, size, sampled)
    skipped = all(part.status is CoverageStatus.SKIPPED for part in parts)
    status = CoverageStatus.SKIPPED if skipped else CoverageStatus.PARTIAL
    return Coverage(status, "; ".join(reasons), rows, size, sampled)
