"""An Arrow column as distinct texts and, for every row, which of them it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NULL = -1

Cell = Any  # whatever Arrow makes of a value


@dataclass(frozen=True)
class Column:
    """One column of a batch.

    Args:
        texts: Distinct values as text. codes: For every row its text's index, ``-1`` for null.
        is_number: Whether Arrow holds numbers, so that leading zeros may be lost.
    """

    name: str
    type: str
    texts: list[str]
    codes: np.ndarray[Any, np.dtype[np.int64]]
    is_number: bool

    @property
    def nulls(self) -> int:
        return int(np.count_nonzero(self.codes == NULL))


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
    if pa.types.is_dictionary(type_):
        values, indices = array.dictionary.to_pylist(), array.indices
    elif pa.types.is_nested(type_):
        return _from_python(name, str(type_), array.to_pylist())
    else:
        encoded = array.dictionary_encode()
        values, indices = encoded.dictionary.to_pylist(), encoded.indices
    codes = indices.fill_null(NULL).to_numpy(zero_copy_only=False).astype(np.int64)
    is_number = pa.types.is_integer(type_) or pa.types.is_floating(type_)
    texts, remap = _distinct([_text(value) for value in values])
    return Column(name, _type_name(type_), texts, remap[codes], is_number)


def _from_python(name: str, type_: str, values: list[Any]) -> Column:
    texts, codes = _distinct([_text(value) for value in values])
    return Column(name, type_, texts, codes[:-1], is_number=False)


def _distinct(raw: list[str]) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int64]]]:
    """Distinct non-empty texts, and an index for each raw place (the last place is null)."""
    seen: dict[str, int] = {}
    remap = np.full(len(raw) + 1, NULL, dtype=np.int64)
    for place, text in enumerate(raw):
        if text and not text.isspace():
            remap[place] = seen.setdefault(text, len(seen))
    return list(seen), remap


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
