"""What may be told of a value: a masked preview and a keyed fingerprint."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

PREVIEW_LENGTH = 40
SHAPE_LENGTH = 24
FINGERPRINT_VERSION = "v1"

_DIGITS = re.compile(r"[^\W\D]+")
_LETTERS = re.compile(r"[^\W\d]+")
_HIDDEN = re.compile(r"[^ @.,:;/()+#*_-]+")
# The same for ASCII, where a character's kind can be looked up: no function is called for a run.
_SHOWN = " @.,:;/()+#*-"
_SIGNS = {n: "0" if chr(n).isdigit() else "a" if chr(n).isalpha() else "\x01" for n in range(128)}
_SIGNS |= {ord(each): each for each in _SHOWN} | {ord("_"): "a"}
_MANY_DIGITS, _WORD, _OTHERS = re.compile("0{4,}"), re.compile("a+"), re.compile("\x01+")


def fingerprint(value: str, key: bytes) -> str:
    """Return ``v1:`` and 24 hex digits of HMAC-SHA-256 of the value.

    The same value has the same fingerprint everywhere in a workspace, and nobody without the
    key can find the value by trying. Source: RFC 2104; docs/adr on the fingerprint.
    """
    digest = hmac.new(key, value.encode("utf-8", "surrogatepass"), sha256)
    return f"{FINGERPRINT_VERSION}:{digest.hexdigest()[:24]}"


def withheld_name(name: str, key: bytes) -> str:
    """Return what stands for the name of a file or table that is itself data."""
    return f"withheld-{fingerprint(name, key).removeprefix(f'{FINGERPRINT_VERSION}:')[:12]}"


def preview(value: str) -> str:
    """Return the shape of a value with every letter and digit hidden.

    A run of letters becomes ``***`` whatever its length, a run of digits one ``#`` each up to
    four; separators stay. At most 40 characters.
    """
    shape = _mask(value[: PREVIEW_LENGTH * 4])
    return shape if len(shape) <= PREVIEW_LENGTH else f"{shape[: PREVIEW_LENGTH - 1]}…"


def shape_of(value: str) -> str:
    """Return the preview cut to the length at which shapes are compared."""
    return _mask(value[: SHAPE_LENGTH * 2])[:SHAPE_LENGTH]


def hidden() -> str:
    """Return the preview of a secret, whose very punctuation would tell something."""
    return "***"


def _mask(value: str) -> str:
    if value.isalpha():
        return "***"
    if value.isascii():
        masked = _MANY_DIGITS.sub("0000", value.translate(_SIGNS)).replace("0", "#")
        masked = _OTHERS.sub("*", _WORD.sub("***", masked))
        return masked if "#" in masked or "*" in masked else "***"
    masked = _DIGITS.sub(lambda run: "#" * min(len(run.group()), 4), value)
    masked = _LETTERS.sub("***", masked)
    masked = _HIDDEN.sub("*", masked)
    # NOTE: a value of separators alone would be its own preview.
    return masked if "#" in masked or "*" in masked else "***"
