"""Values that only another spelling hides, which anybody reads: base64, hexadecimal, percent."""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import suppress
from urllib.parse import unquote_to_bytes

import pyarrow as pa
import pyarrow.compute as pc

# NOTE: the first letter of each group of four, and the first digit of each pair, show that a byte
# is a letter, a digit or a sign; tokens drawn at random hardly ever get past this.
_BASE64 = r"^(?:[I-Za-f][A-Za-z0-9+/_-]{3}){3,}(?:[I-Za-f][A-Za-z0-9+/_-]{1,2}={0,2})?$"
_HEX = r"^(?:0x|\\x)?(?:[2-7][0-9A-Fa-f]){10,}$"
_PERCENT = r"%(?:2[0-9A-Fa-f]|3[0-9A-Fa-f]|40|5[BbDdFf]|C3)"
_TEXT = re.compile(rb"[\w@.+\-' ,/:()]{10,}")


def coded_values(values: pa.Array) -> list[int]:
    """Return the positions of the values that are plain text in another spelling.

    A text of less than ten letters may be a token that looks so by chance, and is left alone.

    Args:
        values: Strings without nulls.
    """
    suspects = pc.or_(
        pc.match_substring_regex(values, _BASE64),
        pc.or_(
            pc.and_(
                pc.match_substring_regex(values, _HEX),
                pc.match_substring_regex(values, "[A-Fa-f]"),
            ),
            pc.match_substring_regex(values, _PERCENT),
        ),
    )
    found = pc.indices_nonzero(suspects).to_pylist()
    return [index for index in found if _is_text(values[index].as_py())]


def _is_text(value: str) -> bool:
    return any(_TEXT.fullmatch(decoded) for decoded in _decoded(value))


def _decoded(value: str) -> list[bytes]:
    texts = []
    if "%" in value:
        texts.append(unquote_to_bytes(value))
    digits = value.removeprefix("0x").removeprefix("\\x")
    with suppress(ValueError):
        texts.append(bytes.fromhex(digits))
    plain = value.rstrip("=").translate(str.maketrans("-_", "+/"))
    with suppress(binascii.Error, ValueError):
        texts.append(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
    return texts
