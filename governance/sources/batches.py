"""Rows of text, gathered into Arrow record batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from governance.sources.limits import ReadLimits
from governance.sources.names import unique_name
from governance.sources.tally import Tally, Trouble

if TYPE_CHECKING:
    import pyarrow as pa

# An offset and the share of a validity bit.
_CELL_OVERHEAD = 5


class BatchBuilder:
    """Collects rows and hands out a batch whenever one is full.

    Every column is text. Columns may appear at any time; a batch holds the columns met so
    far, in the order of their first appearance, and a row without one holds null in it.

    Args:
        names: Columns known beforehand.
        types: The source's own type of a column, kept as metadata ``type`` of its field.
    """

    def __init__(
        self,
        limits: ReadLimits,
        tally: Tally,
        names: Sequence[str] = (),
        types: Mapping[str, str] | None = None,
    ) -> None:
        self._limits = limits
        self._tally = tally
        self._types = types or {}
        self._names: list[str] = []
        self._index: dict[str, int] = {}
        self._rows: list[Sequence[str | None]] = []
        self._bytes = 0
        self.asked = len(names)
        for name in names[: limits.columns]:
            self._append(unique_name(name, self._index, len(self._names) + 1))

    @property
    def names(self) -> tuple[str, ...]:
        """Columns met so far."""
        return tuple(self._names)

    def whole(self, rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Hand out rows that are an Arrow batch of the known columns already, in bounded pieces."""
        import pyarrow as pa

        if self._rows:
            yield self.flush()
        limits = self._limits
        fitting = limits.batch_bytes * rows.num_rows // max(1, rows.nbytes)
        step = max(1, min(limits.batch_rows, fitting))
        schema = pa.schema([self._field(name) for name in self._names])
        for start in range(0, rows.num_rows, step):
            piece = rows.slice(start, step)
            self._tally.rows += piece.num_rows
            yield pa.RecordBatch.from_arrays(piece.columns, schema=schema)

    @property
    def width(self) -> int:
        """Number of columns met so far."""
        return len(self._names)

    def add(self, cells: Sequence[str | None]) -> Iterator[pa.RecordBatch]:
        """Add a row by position; cells beyond the known columns get columns of their own."""
        limits = self._limits
        while len(cells) > self.width and self.width < limits.columns:
            self._append(unique_name("", self._index, self.width + 1))
        if len(cells) > limits.columns:
            self._tally.add(Trouble.COLUMNS, count=len(cells) - limits.columns)
            cells = cells[: limits.columns]
        size = 0
        for cell in cells:
            if cell:
                size += len(cell) if cell.isascii() else _utf8_length(cell)
                if len(cell) > limits.field_chars:
                    cells = self._cut(cells)
                    size = sum(_utf8_length(each) for each in cells if each)
                    break
        size += _CELL_OVERHEAD * max(self.width, len(cells))
        full = len(self._rows) >= limits.batch_rows or self._bytes + size > limits.batch_bytes
        if self._rows and full:
            yield self.flush()
        self._rows.append(cells)
        self._bytes += size

    def add_named(self, cells: Mapping[str, str | None]) -> Iterator[pa.RecordBatch]:
        """Add a row by column name; unknown names become columns."""
        index = self._index
        for name in cells:
            if name not in index:
                if self.width >= self._limits.columns:
                    self._tally.add(Trouble.COLUMNS)
                else:
                    self._append(name)
        row: list[str | None] = [None] * self.width
        for name, cell in cells.items():
            position = index.get(name)
            if position is not None:
                row[position] = cell
        return self.add(row)

    def finish(self) -> Iterator[pa.RecordBatch]:
        """Hand out what is left."""
        if self._rows:
            yield self.flush()

    def flush(self) -> pa.RecordBatch:
        """Return the collected rows as one batch and begin the next."""
        import pyarrow as pa

        columns = list(zip_longest(*self._rows))
        blank = (None,) * len(self._rows)
        columns += [blank] * (self.width - len(columns))
        arrays = [_text_array(column) for column in columns]
        schema = pa.schema([self._field(name) for name in self._names])
        self._tally.rows += len(self._rows)
        self._rows, self._bytes = [], 0
        if not arrays:  # rows without a single column still count
            return pa.RecordBatch.from_struct_array(pa.array([{} for _ in blank], pa.struct([])))
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _append(self, name: str) -> None:
        self._index[name] = len(self._names)
        self._names.append(name)

    def _cut(self, cells: Sequence[str | None]) -> list[str | None]:
        limit = self._limits.field_chars
        long = sum(1 for cell in cells if cell and len(cell) > limit)
        row = self._tally.rows + len(self._rows) + 1
        self._tally.add(Trouble.CUT_CELLS, count=long, line=row)
        return [cell[:limit] if cell else cell for cell in cells]

    def _field(self, name: str) -> pa.Field:
        import pyarrow as pa

        kind = self._types.get(name)
        return pa.field(name, pa.string(), metadata={"type": kind} if kind else None)


def _text_array(column: Sequence[str | None]) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(column, pa.string())
    except UnicodeEncodeError:  # JSON can write half of a surrogate pair
        clean = [cell and cell.encode("utf-8", "replace").decode("utf-8") for cell in column]
        return pa.array(clean, pa.string())


def _utf8_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
