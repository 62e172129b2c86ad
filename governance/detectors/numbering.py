"""Telephone numbering plans for many numbers at once.

``phonenumbers`` takes fifty microseconds a number. Its plans are patterns over the digits, which
are searched here for a whole column. Only numbers that are plainly valid are told; every other one
is left to the library itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from governance.detectors.settling import Mask, Places, matching

if TYPE_CHECKING:
    import pyarrow as pa

# An international number in up to five groups, and the ways North America writes its own.
_ABROAD = r"^\+[1-9][0-9]{0,2}(?:[ -][0-9]{2,5}){1,5}$|^\+[1-9][0-9]{7,14}$"
_AMERICAN = (
    r"^(?:\([2-9][0-9]{2}\) ?[0-9]{3}[ .-][0-9]{4}|[2-9][0-9]{2}(?:-[0-9]{3}-|\.[0-9]{3}\.|"
    r" [0-9]{3} )[0-9]{4})$"
)
_KINDS = ("fixed_line", "mobile", "premium_rate", "toll_free", "shared_cost", "voip",
          "personal_number", "pager", "uan", "voicemail")  # fmt: skip
_LONGEST_CODE = 3
_LONG_ENOUGH = "^[0-9]{8,15}$"  # shorter numbers look like anything


Plan = Any  # the library's own metadata


class _Kind(NamedTuple):
    lengths: tuple[int, ...]
    pattern: str


class _Region(NamedTuple):
    """``kinds`` are those of one length or set of lengths together."""

    leading: str | None
    general: _Kind
    kinds: tuple[_Kind, ...]


def plainly_valid(texts: pa.Array) -> Mask:
    """Return which texts are valid numbers, written internationally or as North America does."""
    import pyarrow.compute as pc

    digits = pc.replace_substring_regex(texts, "[^0-9]", "")
    abroad = matching(texts, _ABROAD) & matching(digits, _LONG_ENOUGH)
    american = matching(texts, _AMERICAN)
    return (abroad & _valid_abroad(digits, abroad)) | (american & _follows(digits, 1))


def _valid_abroad(digits: pa.Array, wanted: Mask) -> Mask:
    import pyarrow as pa
    import pyarrow.compute as pc

    valid = np.zeros(len(digits), dtype=bool)
    heads = pc.utf8_slice_codeunits(digits, 0, _LONGEST_CODE)
    known = heads.filter(pa.array(wanted)).unique().to_pylist()
    for code in sorted({code for head in known if (code := _code_of(head))}):
        here = wanted & matching(digits, f"^{code}")
        places = np.flatnonzero(here)
        rest = pc.utf8_slice_codeunits(digits.take(pa.array(places)), len(str(code)))
        valid[places] = _follows(rest, code)
    return valid


def _code_of(head: str) -> int | None:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    codes = (int(head[:length]) for length in range(1, len(head) + 1))
    return next((code for code in codes if code in COUNTRY_CODE_TO_REGION_CODE), None)


def _follows(numbers: pa.Array, code: int) -> Mask:
    """Return which national numbers a country's plan knows; the first region that claims decides.

    Those that start with a trunk prefix are left out: the library would take it off first.
    """
    import pyarrow as pa

    unclaimed = np.ones(len(numbers), dtype=bool)
    valid = np.zeros(len(numbers), dtype=bool)
    for region in _regions(code):
        # NOTE: most regions of North America claim no number of a column.
        claims = unclaimed
        if region.leading:
            claims = claims & matching(numbers, f"^(?:{region.leading})")
        places = np.flatnonzero(claims)
        if not len(places):
            continue
        typed = _typed(numbers.take(pa.array(places)), region)
        valid[places] = typed
        unclaimed = unclaimed & ~(claims if region.leading else valid)
    trunk = _trunk_prefix(code)
    started = matching(numbers, rf"^(?:0|{trunk})" if trunk else "^0")
    return valid & ~started


def _typed(numbers: pa.Array, region: _Region) -> Mask:
    import pyarrow.compute as pc

    lengths = pc.binary_length(numbers).to_numpy(zero_copy_only=False)
    typed = np.zeros(len(numbers), dtype=bool)
    for kind in region.kinds:
        typed |= _is_kind(numbers, lengths, kind)
    return typed & _is_kind(numbers, lengths, region.general)


def _is_kind(numbers: pa.Array, lengths: Places, kind: _Kind) -> Mask:
    fits = matching(numbers, f"^(?:{kind.pattern})$")
    return fits & np.isin(lengths, kind.lengths) if kind.lengths else fits


@lru_cache(maxsize=256)
def _regions(code: int) -> tuple[_Region, ...]:
    return tuple(_region(plan) for plan in _plans(code))


def _region(plan: Plan) -> _Region:
    patterns: dict[tuple[int, ...], list[str]] = {}
    for kind in (getattr(plan, name) for name in _KINDS):
        if kind and kind.national_number_pattern:
            alike = patterns.setdefault(tuple(kind.possible_length), [])
            alike.append(kind.national_number_pattern)
    kinds = tuple(_Kind(lengths, "|".join(alike)) for lengths, alike in patterns.items())
    return _Region(plan.leading_digits, _kind(plan.general_desc), kinds)


def _kind(description: Plan) -> _Kind:
    return _Kind(tuple(description.possible_length), description.national_number_pattern)


def _trunk_prefix(code: int) -> str | None:
    plan = next(_plans(code), None)
    return plan.national_prefix_for_parsing if plan else None


def _plans(code: int) -> Iterator[Plan]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    for region in COUNTRY_CODE_TO_REGION_CODE[code]:
        plan = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        if plan is not None:
            yield plan
