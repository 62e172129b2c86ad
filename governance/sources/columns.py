"""Columns of Arrow tables as the rooms expect them: flat, no binary, no overlong cell.

Numbers, dates and booleans keep their type; every other type becomes text.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from governance.sources.flatten import FlatRow
from governance.sources.limits import ReadLimits
from governance.sources.names import unique_name
from governance.sources.tally import Tally, Trouble


def flat_batches(
    batch: pa.RecordBatch, limits: ReadLimits, tally: Tally
) -> Iterator[pa.RecordBatch]:
    """Yield a batch with flat columns, in pieces of bounded size; counts its rows.

    A struct ``a`` with a member ``b`` becomes the column ``a.b``; lists and maps become text,
    their elements joined, ``a[]`` or ``a[].b``.
    """
    for piece in _pieces(batch, limits):
        flat = _flat(piece, limits, tally)
        tally.rows += flat.num_rows
        yield flat


def _pieces(batch: pa.RecordBatch, limits: ReadLimits) -> Iterator[pa.RecordBatch]:
    """Halve a batch until its text fits; a dictionary can blow up a small one."""
    too_big = _text_bytes(batch) > limits.batch_bytes or batch.num_rows > limits.batch_rows
    if not too_big or batch.num_rows < 2:
        yield batch
        return
    half = batch.num_rows // 2
    yield from _pieces(batch.slice(0, half), limits)
    yield from _pieces(batch.slice(half), limits)


def _text_bytes(batch: pa.RecordBatch) -> int:
    total = 0
    for column in batch.columns:
        kind = column.type
        if pa.types.is_dictionary(kind) and _has_length(kind.value_type):
            lengths = pc.binary_length(column.dictionary).take(column.indices)
            total += int(pc.sum(lengths).as_py() or 0)
        elif _has_length(kind):
            total += int(pc.sum(pc.binary_length(column)).as_py() or 0)
        else:
            total += int(column.nbytes)
    return total


def _has_length(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
    )


def _flat(batch: pa.RecordBatch, limits: ReadLimits, tally: Tally) -> pa.RecordBatch:
    taken: dict[str, pa.Array] = {}
    types: list[str] = []
    if not batch.num_columns:
        return batch
    leaves = list(_leaves(batch))
    for name, column in leaves[: limits.columns]:
        kind = str(column.type)
        for leaf_name, leaf in _converted(name, column, limits, tally):
            taken[unique_name(leaf_name, taken, len(taken) + 1)] = leaf
            types.append(kind)
    if len(leaves) > limits.columns:
        tally.add(Trouble.COLUMNS, count=(len(leaves) - limits.columns) * batch.num_rows)
    fields = [
        pa.field(name, column.type, metadata={"type": kind})
        for (name, column), kind in zip(taken.items(), types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(list(taken.values()), schema=pa.schema(fields))


def _leaves(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.Array]]:
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        yield from _unnested(name, column)


def _unnested(name: str, column: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if not pa.types.is_struct(column.type) or not column.type.num_fields:
        yield name, column
        return
    members = (column.type.field(index).name for index in range(column.type.num_fields))
    # NOTE: flatten() hands the struct's own nulls down to its members.
    for member, child in zip(members, column.flatten(), strict=True):
        yield from _unnested(f"{name}.{member}", child)


def _converted(
    name: str, column: pa.Array, limits: ReadLimits, tally: Tally
) -> Iterator[tuple[str, pa.Array]]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        yield from _converted(name, column.dictionary_decode(), limits, tally)
    elif pa.types.is_nested(kind):
        yield from _joined(name, column, limits)
    elif _is_bytes(kind):
        yield name, _text_of_bytes(column, limits, tally)
    elif _is_text(kind):
        yield name, _cut(column, limits, tally)
    elif _stays(kind):
        yield name, column
    else:
        yield name, _as_text(column)


def _joined(name: str, column: pa.Array, limits: ReadLimits) -> Iterator[tuple[str, pa.Array]]:
    """Flatten lists and maps row by row, as JSON would be."""
    rows = []
    for cell in column:
        row = FlatRow(limits)
        row.add_tree(_plain(cell.as_py(), column.type), name)
        rows.append(row.cells())
    names = dict.fromkeys(key for row in rows for key in row)
    names.pop(name, None) if len(names) > 1 else None
    for key in names or {name: None}:
        yield key, pa.array([row.get(key) for row in rows], pa.string())


def _plain(value: object, kind: pa.DataType) -> object:
    """Return a cell as JSON would hold it; a map's pairs become an object."""
    if value is None:
        return None
    if pa.types.is_map(kind) and isinstance(value, list):
        return {str(key): _plain(item, kind.item_type) for key, item in value}
    if isinstance(value, list):
        return [_plain(item, kind.value_type) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, kind.field(key).type) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, bool) else str(value)


def _text_of_bytes(column: pa.Array, limits: ReadLimits, tally: Tally) -> pa.Array:
    """Read binary cells that are UTF-8 as text; the others become null and are counted."""
    texts: list[str | None] = []
    for value in column.to_pylist():
        try:
            texts.append(None if value is None else value.decode("utf-8"))
        except UnicodeDecodeError:
            tally.add(Trouble.BLOBS, line=tally.rows + len(texts) + 1)
            texts.append(None)
    return _cut(pa.array(texts, pa.string()), limits, tally)


def _cut(column: pa.Array, limits: ReadLimits, tally: Tally) -> pa.Array:
    """Return text as ``string`` with overlong cells cut."""
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    if longest > limits.field_chars:
        long = pc.sum(pc.greater(pc.utf8_length(column), limits.field_chars)).as_py() or 0
        tally.add(Trouble.CUT_CELLS, count=int(long))
        column = pc.utf8_slice_codeunits(column, 0, limits.field_chars)
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def _as_text(column: pa.Array) -> pa.Array:
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        texts = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.array(texts, pa.string())


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
        or types.is_fixed_size_binary(kind)
    )


def _stays(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_date(kind)
        or types.is_timestamp(kind)
        or types.is_decimal(kind)
    )
