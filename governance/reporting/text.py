"""Make text safe and fit to print: the one gate between the review and the page.

Whatever a template prints passes through ``legible``: control characters, direction overrides
and characters that the bundled fonts cannot draw become a visible ``\\u{202e}``, and an
endless word is cut with its true length told. Nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup

from governance.assets import asset_folder

MAX_CHARACTERS = 600  # more of one text than this no reader takes in, and no cell holds
MAX_WORD = 120  # nothing in earnest is longer without a space; a digest has 71
_THIN_SPACE = "\u202f"
_DASH = "–"


def legible(value: object) -> object:
    """Return what a template may print; jinja2 calls it for every expression (``finalize``).

    Markup is ours (charts, style) and passes; None becomes a dash, everything else text.
    """
    if isinstance(value, Markup):
        return value
    text = _DASH if value is None else str(value)
    words = text[: MAX_CHARACTERS + MAX_WORD].split(" ")
    endless = next((n for n, word in enumerate(words) if len(word) > MAX_WORD), None)
    if endless is None:
        return _cut(text, MAX_CHARACTERS)
    return _cut(text, min(MAX_CHARACTERS, len(" ".join(words[:endless])) + MAX_WORD))


def listed(items: Iterable[str], *, most: int = 12) -> str:
    """Return items joined by commas, at most ``most`` of them, the rest counted."""
    names = tuple(items)
    rest = len(names) - most
    head = ", ".join(names[:most])
    return f"{head} … (+{number(rest)})" if rest > 0 else head


def number(value: int) -> str:
    """Return a whole number with its thousands apart: ``1 234 567`` (thin spaces)."""
    return f"{value:,}".replace(",", _THIN_SPACE)


def parse_instant(text: object) -> datetime | None:
    """Return the aware instant of an ISO 8601 text, or None."""
    if not isinstance(text, str):
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None


def _cut(text: str, most: int) -> str:
    drawn = "".join(_visible(character) for character in text[:most])
    cut = len(text) - most
    return f"{drawn}… (+{number(cut)} characters)" if cut > 0 else drawn


def _visible(character: str) -> str:
    if character in "\t\n\r":
        return " "
    return character if ord(character) in _drawable() else f"\\u{{{ord(character):x}}}"


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    """Code points that the bundled fonts draw; a foreign font would change the bytes."""
    lines = (asset_folder("reports") / "_fonts" / "coverage.txt").read_text("ascii").splitlines()
    ranges = (line.split("-") for line in lines if line and not line.startswith("#"))
    return frozenset(
        code for first, last in ranges for code in range(int(first, 16), int(last, 16) + 1)
    )
