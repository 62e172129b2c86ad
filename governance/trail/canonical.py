"""The one spelling of an entry: canonical JSON bytes, so that equal content hashes equally.

A restricted profile of RFC 8785 (JCS): objects with ASCII keys, strings in NFC without lone
surrogates, integers within 2**53 - 1, booleans, null, lists. No floats: their spelling is
where canonicalisers disagree. In this profile the standard library writes exactly the bytes
that RFC 8785 asks for, at a fifth of the cost of a general canonicaliser.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

Json: TypeAlias = Any
"""Whatever ``json`` reads and writes; what it holds is checked here, not by the type."""
MAX_BYTES = 65_535
"""The longest body: tlog-tiles writes the length of an entry in 16 bits."""
MAX_INTEGER = 2**53 - 1
_MAX_DEPTH = 32


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_SCALARS = frozenset({str, bool, type(None)})


def canonical_bytes(value: Json) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises:
        ValueError: If the value is outside the profile or longer than ``MAX_BYTES``; the
            message names the place in the value, never its content.
    """
    _check(value, "$", 0)
    body = _encode(value).encode()
    if len(body) > MAX_BYTES:
        raise ValueError(f"{len(body)} bytes, more than the {MAX_BYTES} that an entry may have")
    return body


def canonical_text(value: Json) -> str:
    """Return the canonical text of ``storable(value)``, of any length.

    Plain values in ASCII, which is nearly all there is, cost one look at each type.

    Raises:
        ValueError: If the value is outside the profile.
    """
    if _is_plain(value, 1):
        text = _encode(value)
        if text.isascii():
            return text
    stored = storable(value)
    _check(stored, "$.payload", 1)
    return _encode(stored)


def parse_canonical(body: bytes) -> Json:
    """Return the value of canonical bytes.

    Raises:
        ValueError: If the bytes are anything but the canonical spelling of a value: other
            spacing, duplicate keys, floats, unsorted keys, wrong UTF-8.
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes")
    try:
        value = json.loads(body, parse_float=_refuse_number, parse_constant=_refuse_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if canonical_bytes(value) != body:
        raise ValueError("not in canonical form")
    return value


def storable(value: Json) -> Json:
    """Return a copy that fits the profile where that loses nothing a reader needs.

    Strings become NFC; a lone surrogate (a file name that is not UTF-8) becomes a visible
    ``\\udc..`` escape, since a strange name must not keep an event out of the trail.
    Mappings become dicts, tuples become lists; everything else is left to ``canonical_bytes``.
    """
    if isinstance(value, str):
        if value.isascii():
            return str(value)
        text = value.encode("utf-8", "backslashreplace").decode()
        return unicodedata.normalize("NFC", text)
    if isinstance(value, Mapping):
        return {key: storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(item) for item in value]
    return value


def _is_plain(value: Json, depth: int) -> bool:
    """Return whether a value has the profile's own types; what its texts hold is not looked at."""
    kind = type(value)
    if kind is int:
        return bool(-MAX_INTEGER <= value <= MAX_INTEGER)
    if kind is dict:
        if any(type(key) is not str for key in value):
            return False
        value = value.values()
    elif kind is not list:
        return kind in _SCALARS
    return depth < _MAX_DEPTH and all(
        type(item) in _SCALARS or _is_plain(item, depth + 1) for item in value
    )


def _check(value: Json, path: str, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value, path)
    elif value is None or isinstance(value, int):
        if value is not None and not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise ValueError(f"{path} is an integer beyond 2**53 - 1")
    elif depth >= _MAX_DEPTH:
        raise ValueError(f"{path[:200]} is nested too deeply")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"{path} has a key that is not ASCII text")
            _check(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item, f"{path}[]", depth + 1)
    else:
        raise ValueError(f"{path} is a {type(value).__name__}, which an entry cannot hold")


def _check_text(text: str, path: str) -> None:
    if text.isascii():
        return
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError(f"{path} is not in Unicode normal form C")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"{path} holds a lone surrogate")


def _refuse_number(_spelling: str) -> NoReturn:
    raise ValueError("a number that is not an integer")
