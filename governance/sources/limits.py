"""How much of one place is held in memory at a time, and where reading gives up."""

from __future__ import annotations

from dataclasses import dataclass

_KIB = 1024
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds of every reader. What lies beyond one is reported as partial, never dropped silently.

    Args:
        batch_rows: Rows of a batch at most.
        batch_bytes: Bytes of a batch at most; one single row may be larger.
        field_chars: Characters of a cell that are read; the rest is cut.
        line_chars: Characters of a line that are read; the rest is cut.
        columns: Columns of a table that are read.
        depth: Levels of nested JSON that are read.
        record_bytes: Bytes of one lineage event, or of one SQLite cell, that are loaded.
        view_rows: Rows of one SQLite view that are read; a view can be endless.
        unpacked_bytes: Bytes that may come out of one compressed file or archive.
        spooled_bytes: Bytes of one packed file that is not read from front to back, such as
            Parquet, which is unpacked into a nameless temporary file.
        members: Members of one archive that are read.
        nesting: How often a file may be packed: ``a.zip!b.csv.gz`` is packed twice.
        row_steps: Millions of SQLite instructions between two rows.
    """

    batch_rows: int = 20_000
    batch_bytes: int = 16 * _MIB
    field_chars: int = 256 * _KIB
    line_chars: int = 1 * _MIB
    columns: int = 10_000
    depth: int = 64
    record_bytes: int = 16 * _MIB
    view_rows: int = 10_000_000
    row_steps: int = 200
    unpacked_bytes: int = 16 * 1024 * _MIB
    spooled_bytes: int = 2 * 1024 * _MIB
    members: int = 10_000
    nesting: int = 2
