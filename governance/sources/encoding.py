"""Which encoding a text file has, found out from its first bytes.

Source: Unicode 15, section 23.8 (byte order marks).
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

# Names of UTF-8 and of its part, as they are found here.
ASCII_LIKE = frozenset({"ascii", "utf-8", "utf-8-sig", "utf_8"})
SAMPLE_BYTES = 64 * 1024

_GUESS_BYTES = 16 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x0b\x1b\x00")) + b"\x7f"
_BINARY_SHARE = 0.05
_NUL_SHARE = 0.2
_FEW_CONTROLS = 8


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name and how many bytes its mark takes."""

    name: str
    mark_bytes: int = 0


def find_encoding(sample: bytes) -> Encoding | None:
    """Return the encoding of a text file; None when its bytes are not text.

    Args:
        sample: The first bytes of the file, ``SAMPLE_BYTES`` or fewer.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, len(mark))
    wide = _wide(sample)
    if wide:
        return Encoding(wide)
    if _is_binary(sample):
        return None
    if _is_nearly_utf8(sample):
        return Encoding("utf-8")
    return _guess(sample)


def _wide(sample: bytes) -> str | None:
    """Return the UTF-16 byte order that the NULs of Western text give away."""
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even = sample[0 : pairs * 2 : 2].count(0) / pairs
    odd = sample[1 : pairs * 2 : 2].count(0) / pairs
    if odd > 0.6 and even < 0.1:
        return "utf-16-le"
    if even > 0.6 and odd < 0.1:
        return "utf-16-be"
    return None


def _is_binary(sample: bytes) -> bool:
    if not sample:
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    nuls = sample.count(0)
    many = controls > _FEW_CONTROLS and controls / len(sample) > _BINARY_SHARE
    return many or nuls / len(sample) > _NUL_SHARE


def _is_nearly_utf8(sample: bytes) -> bool:
    """A few broken sequences among many good ones are damage, not another encoding."""
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    if text.isascii():
        return True
    broken = sum(1 for character in text if "\udc80" <= character <= "\udcff")
    good = sum(1 for character in text if character > "\x7f") - broken
    return broken == 0 or good >= 10 * broken


def _guess(sample: bytes) -> Encoding | None:
    from charset_normalizer import from_bytes

    lines = [line for line in sample.splitlines() if not line.isascii()]
    telling = b"\n".join(lines)[:_GUESS_BYTES] or sample[:_GUESS_BYTES]
    best = from_bytes(telling, cp_exclusion=["utf_7", "utf_16", "utf_32"]).best()
    if best is None:
        return Encoding("cp1252") if len(telling) < len(sample) else None
    return Encoding(best.encoding)
