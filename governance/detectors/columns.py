"""An Arrow column as distinct texts and, for every row, which of them it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NULL = -1

Codes = np.ndarray[Any, np.dtype[np.int64]]
Cell = Any  # whatever Arrow makes of a value


@dataclass(frozen=True)
class Column:
    """One column of a batch.

    Args:
        values: Distinct values as text, none of them blank.
        codes: For every row its value's index, ``-1`` for null.
        is_number: Whether Arrow holds numbers, so that leading zeros may be lost.
    """

    name: str
    type: str
    values: pa.Array
    codes: Codes
    is_number: bool

    @property
    def nulls(self) -> int:
        return int(np.count_nonzero(self.codes == NULL))

    @property
    def texts(self) -> list[str]:
        """The values as Python holds them; costs as much as all else, so ask for few of them."""
        texts: list[str] = self.values.to_pylist()
        return texts

    def texts_at(self, places: Sequence[int] | Codes) -> list[str]:
        """Return the values at some places."""
        texts: list[str] = self.values.take(pa.array(places, pa.int64())).to_pylist()
        return texts


def columns_of(batch: pa.RecordBatch) -> Iterator[Column]:
    """Yield the columns of a batch; members of a struct become dotted names."""
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        yield from _flatten(name, array)


def _flatten(name: str, array: pa.Array) -> Iterator[Column]:
    if pa.types.is_struct(array.type):
        for index, member in enumerate(array.type):
            yield from _flatten(f"{name}.{member.name}", pc.struct_field(array, [index]))
        return
    yield _column(name, array)


def _column(name: str, array: pa.Array) -> Column:
    type_ = array.type
    if pa.types.is_nested(type_):
        return _from_python(name, str(type_), array.to_pylist())
    encoded = array if pa.types.is_dictionary(type_) else array.dictionary_encode()
    codes = encoded.indices.fill_null(NULL).to_numpy(zero_copy_only=False).astype(np.int64)
    is_number = pa.types.is_integer(type_) or pa.types.is_floating(type_)
    values, remap = _distinct(encoded.dictionary)
    return Column(name, _type_name(type_), values, remap[codes], is_number)


def _from_python(name: str, type_: str, cells: list[Any]) -> Column:
    values, remap = _distinct_texts([_text(cell) for cell in cells])
    return Column(name, type_, values, remap[:-1], is_number=False)


def _distinct(values: pa.Array) -> tuple[pa.Array, Codes]:
    """Return the values as text without the blank ones, and the new place of each old one.

    The last place of the second is where null goes.
    """
    if pa.types.is_large_string(values.type):
        values = values.cast(pa.string())
    if pa.types.is_integer(values.type):
        return values.cast(pa.string()), np.append(np.arange(len(values)), NULL)
    if not pa.types.is_string(values.type) or values.null_count:
        return _distinct_texts([_text(value) for value in values.to_pylist()])
    blank = pc.equal(pc.utf8_trim_whitespace(values), "").to_numpy(zero_copy_only=False)
    remap = np.where(blank, NULL, np.cumsum(~blank) - 1)
    return (values.filter(pa.array(~blank)) if blank.any() else values), np.append(remap, NULL)


def _distinct_texts(raw: list[str]) -> tuple[pa.Array, Codes]:
    seen: dict[str, int] = {}
    remap = np.full(len(raw) + 1, NULL, dtype=np.int64)
    for place, text in enumerate(raw):
        if text and not text.isspace():
            remap[place] = seen.setdefault(text, len(seen))
    return pa.array(list(seen), pa.string()), remap


def _text(value: Cell) -> str:  # noqa: PLR0911 (one line per Arrow type)
    if value is None or value != value:  # noqa: PLR0124 (not a number)
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | dict):
        return json.dumps(value, default=str, ensure_ascii=False) if value else ""
    return str(value)


def _type_name(type_: pa.DataType) -> str:
    plain = {"large_string": "string", "string_view": "string", "large_binary": "binary"}
    inner = type_.value_type if pa.types.is_dictionary(type_) else type_
    return plain.get(str(inner), str(inner))
