"""What is known of each asset from earlier scans, whichever store it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from governance.model.facts import AccessUse, AssetFacts, ColumnFlow, LineageUse


@dataclass(frozen=True, slots=True)
class AssetRecord:
    """What the newest scan that read an asset measured of it.

    Args:
        facts: Of its places. run: That scan. taken: When it began, aware.
        accesses: Of an access log. lineage, flows: Of a lineage log.
        is_access_log: Whether it tells of accesses, even of none. is_lineage_log: Likewise.
        findings: Known findings of the asset, and when each was first seen.
        vouched: Whether the key that the policy pins signed this.
    """

    facts: AssetFacts
    run: str
    taken: datetime
    accesses: tuple[AccessUse, ...] = ()
    lineage: tuple[LineageUse, ...] = ()
    flows: tuple[ColumnFlow, ...] = ()
    is_access_log: bool = False
    is_lineage_log: bool = False
    findings: tuple[tuple[str, datetime], ...] = ()
    vouched: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Kind and id; ids alone may meet."""
        return (self.facts.asset.kind.value, self.facts.asset.id)


@dataclass(frozen=True)
class Stored:
    """What is known of all assets, sorted by kind and id.

    Args:
        source: Where it was read, as it may be told; never with a password.
        is_trusted: Whether nobody but those who scan can write there: this machine's own scans, a
            database. Text that travels is not.
        path: The file that it was read from, as it was named; None for anything else.
        sha256: Of that file's bytes.
        known: Findings of earlier runs beyond those of the records, and when each was first seen.
    """

    records: tuple[AssetRecord, ...]
    source: str
    is_trusted: bool = False
    path: str | None = None
    sha256: str = ""
    known: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def findings(self) -> dict[str, datetime]:
        """Every known finding, and when it was first seen."""
        return dict(self.known) | dict(pair for record in self.records for pair in record.findings)
