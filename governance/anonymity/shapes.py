"""The shape of a value, by regular expressions that run over a whole column at once."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from governance.anonymity.kinds import HASHED, MASKED, OTHER, REDACTED

HIDING = "*•●█#"
_PLACEHOLDER = (
    r"(?i)^[\s\[<({]*(?:redacted|removed|masked|hidden|deleted|suppressed|withheld|confidential"
    r"|anonymi[sz]ed|not[ _]available|unknown|n/?a|none|null|nil|-+|_+|\?+|\.+)?[\s\])>}]*$"
)
_ENTITY_LABEL = r"^[\[<{]{1,2}[A-Z][A-Z_ ]{1,40}(?:_?\d{1,4})?[\]>}]{1,2}$"
_ALL_HIDDEN = rf"^[\s\-./@()+,:]*(?:[{HIDING}]|[xX]{{2,}})[{HIDING}xX\s\-./@()+,:]*$"
_HIDING_RUN = rf"[{HIDING}]{{2,}}|[•●█]|[xX]{{3,}}"
_HIDDEN_PART = rf"[{HIDING}]+|[xX]{{2,}}"
_HIDDEN_END = rf"^(?:{_HIDDEN_PART})+|(?:{_HIDDEN_PART})+$"
_HIDDEN_SHARE, _HIDDEN_SHARE_AT_END = 0.1, 0.3

_HEX_DIGITS = {128: 32, 160: 40, 224: 56, 256: 64, 384: 96, 512: 128}
# Bits to the characters and the padding of the base64 form.
_BASE64 = {128: (22, 2), 160: (27, 1), 224: (38, 2), 256: (43, 1), 384: (64, 0), 512: (86, 2)}
_NAMED = {
    128: r"(?i)^(?:hmac[-_])?md5[:$]",
    160: r"(?i)^(?:hmac[-_])?sha-?1[:$]",
    224: r"(?i)^(?:hmac[-_])?sha-?(?:3-)?224[:$]",
    256: r"(?i)^(?:hmac[-_])?(?:sha-?(?:3-)?256|blake2s)[:$]",
    384: r"(?i)^(?:hmac[-_])?sha-?(?:3-)?384[:$]",
    512: r"(?i)^(?:hmac[-_])?(?:sha-?(?:3-)?512|blake2b)[:$]",
}
_SALTED_SCHEME = (
    r"(?i)^(?:\$(?:1|2[abxy]?|5|6|y|7|argon2(?:i|d|id)?|scrypt)\$|pbkdf2)[\w.$/+=,:-]{10,}$"
)


def text_of(column: pa.Array) -> pa.Array:
    """Return the values of a column without nulls as text, whatever its type.

    Bytes become hexadecimal, so that a raw digest has a digest's shape; nested values become
    their written form.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_of(column.dictionary_decode().drop_null())
    if pa.types.is_large_string(kind) or pa.types.is_string(kind):
        return column
    if (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    ):
        return pa.array((value.hex() for value in column.to_pylist()), pa.string())
    try:
        return pc.cast(column, pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array((str(value) for value in column.to_pylist()), pa.string())


def shapes_of(values: pa.Array) -> list[str]:
    """Return the shape of every value: ``REDACTED``, ``MASKED``, ``HASHED`` + bits or ``OTHER``."""
    shapes = [OTHER] * len(values)
    # NOTE: weakest claim first, so that a later, stronger one overwrites it.
    for shape, mask in (
        (MASKED, _masked(values)),
        *_digests(values),
        (REDACTED, _redacted(values)),
    ):
        for index in pc.indices_nonzero(mask).to_pylist():
            shapes[index] = shape
    return shapes


def _redacted(values: pa.Array) -> pa.Array:
    empty_or_placeholder = pc.match_substring_regex(values, _PLACEHOLDER)
    label = pc.match_substring_regex(values, _ENTITY_LABEL)
    hidden = pc.match_substring_regex(values, _ALL_HIDDEN)
    return pc.or_(pc.or_(empty_or_placeholder, label), hidden)


def _masked(values: pa.Array) -> pa.Array:
    """Return which values hide enough of themselves.

    Stars behind a value that stands there whole hide nothing, so that what hides only at an end
    must make up more of it.
    """
    inner = pc.replace_substring_regex(values, _HIDDEN_END, "")
    least = pc.if_else(
        pc.match_substring_regex(inner, _HIDING_RUN), _HIDDEN_SHARE, _HIDDEN_SHARE_AT_END
    )
    rest = pc.replace_substring_regex(values, _HIDDEN_PART, "")
    hidden = pc.subtract(pc.utf8_length(values), pc.utf8_length(rest))
    visible = pc.utf8_length(pc.replace_substring_regex(rest, r"[^\pL\pN]+", ""))
    enough = pc.greater_equal(
        pc.cast(hidden, pa.float64()),
        pc.multiply(pc.cast(pc.add(hidden, visible), pa.float64()), least),
    )
    return pc.and_(pc.match_substring_regex(values, _HIDING_RUN), enough)


def _digests(values: pa.Array) -> list[tuple[str, pa.Array]]:
    found = []
    has_digit = pc.match_substring_regex(values, r"\d")
    mixed = pc.and_(
        has_digit,
        pc.and_(
            pc.match_substring_regex(values, "[A-Z]"), pc.match_substring_regex(values, "[a-z]")
        ),
    )
    for bits, (characters, padding) in _BASE64.items():
        form = rf"^[A-Za-z0-9+/_-]{{{characters}}}(?:={{{padding}}})?$"
        found.append((f"{HASHED}{bits}", pc.and_(pc.match_substring_regex(values, form), mixed)))
    # NOTE: thirty-two decimal digits are a number, not a digest.
    lettered = pc.match_substring_regex(values, "[A-Fa-f]")
    for bits, digits in _HEX_DIGITS.items():
        form = rf"^(?:0x|\\x)?(?:[0-9a-f]{{{digits}}}|[0-9A-F]{{{digits}}})$"
        found.append((f"{HASHED}{bits}", pc.and_(pc.match_substring_regex(values, form), lettered)))
    for bits, form in _NAMED.items():
        found.append((f"{HASHED}{bits}", pc.match_substring_regex(values, form)))
    found.append((HASHED, pc.match_substring_regex(values, _SALTED_SCHEME)))
    return found
