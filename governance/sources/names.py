"""Names of columns, files, tables and members that never show a value.

A name goes into every output, so a name that is itself data (a JSON object keyed by e-mail
address, a table without a header, a folder for each customer) must not stand there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container

NAME_CHARS = 120

_LONG_NUMBER = re.compile(r"\d(?:[ ./-]?\d){6,}")
_LETTERED_NUMBER = re.compile(r"\b[A-Za-z]{1,2}\d{6,}[A-Za-z]?\b")
# Sixteen capitals with a digit among them, letters and digits that take turns three times, or
# a key of which the first letters tell what opens with it.
_KEY = re.compile(
    r"\b(?=[A-Z0-9]{16})[A-Z]+\d[A-Z0-9]*[A-Z]|(?=[A-Za-z0-9]{16})[A-Za-z0-9]*(?:\d+[A-Za-z]+){3}"
    r"|\bA(?:KI|SI|BI|CC|RO|ID)A[A-Z0-9]{16}\b"
    r"|\b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|[sr]k_(?:live|test)_|AIza|eyJ|npm_|hf_)[\w-]{16}"
)
_UUID = r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b"
_HARDWARE = re.compile(rf"{_UUID}|\b(?:[0-9A-Fa-f]{{2}}[:-]){{5}}[0-9A-Fa-f]{{2}}\b")
_TAX_NUMBER = re.compile(r"\b[A-Za-z]{5}\d{4}[A-Za-z]\b")
_LINK = re.compile(r"\w://|[?&]\w+=")
_VALUES = (_LONG_NUMBER, _LETTERED_NUMBER, _KEY, _HARDWARE, _TAX_NUMBER, _LINK)
# What file names hold that is no value: a day with a time, a running number, and what the
# writers of partitioned tables number their parts with.
_STAMP = re.compile(
    rf"part-\d+-{_UUID}"
    r"|(?<!\d)(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
    r"(?:[-_.T ]?(?:[01]\d|2[0-3])(?:[-_.:]?[0-5]\d){1,2}Z?)?(?!\d)"
    r"|(?<!\d)0{3,}\d{0,6}(?!\d)"
)
_PART = re.compile(r"([/#!]+)")
_ENDING = re.compile(
    r"\.(?:csv|tsv|txt|log|md|json|jsonl|ndjson|xml|html|ya?ml|parquet|feather|arrow|orc|avro|xlsx?"
    r"|ods|db|sqlite3?|duckdb|pdf|docx?|eml|zip|tar|tgz|gz|bz2|xz|zst|link)(?:\.(?:gz|bz2|xz|zst))?$",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def looks_like_data(name: str) -> bool:
    """Return whether a name reads as a value: an address of any kind, a long number, a number or
    a key of letters and digits.
    """
    return "@" in name or any(pattern.search(name) for pattern in _VALUES)


def told_path(path: str, instead: Callable[[str], str] = lambda _: "[name withheld]") -> str:
    """Return a path, with its table or member, in which no part is a value.

    Args:
        path: Folders and a file, ``#`` and a table, ``!`` and a member.
        instead: What stands for a part that reads as a value; its file ending stays.
    """
    if _LINK.match(path):
        return path
    return "".join(
        _told_part(part, instead) if at % 2 == 0 else part
        for at, part in enumerate(_PART.split(path))
    )


def _told_part(part: str, instead: Callable[[str], str]) -> str:
    if not looks_like_data(_STAMP.sub("", part)):
        return part
    ending = _ENDING.search(part)
    return f"{instead(part)}{ending[0] if ending else ''}"


def clean_name(name: str) -> str:
    """Return a name without control and direction characters and outer blanks, cut to length."""
    name = _UNSEEN.sub(" ", name).strip()
    return name if len(name) <= NAME_CHARS else f"{name[: NAME_CHARS - 1]}…"


def unique_name(name: str, taken: Container[str], position: int) -> str:
    """Return a name for the column at ``position`` (from 1) that is not taken yet.

    An empty name, or one that looks like data, becomes ``column_3``; a second ``email``
    becomes ``email_2``.
    """
    base = clean_name(name)
    if not base or looks_like_data(base):
        base = f"column_{position}"
    candidate, number = base, 2
    while candidate in taken:
        candidate, number = f"{base}_{number}", number + 1
    return candidate
