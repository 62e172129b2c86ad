"""What became of every key: the report beside an import or an export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from governance.model.position import Position

_LINES_SHOWN = 12
_NAMED = re.compile(r"\[[^\]]*\]")


class Fate(StrEnum):
    """What became of a key that did not simply arrive."""

    LOST = "lost"
    READ_AS = "read as"
    OURS_ALONE = "ours alone"


_TOLD = {
    Fate.LOST: "could not be carried",
    Fate.READ_AS: "was read with a doubt",
    Fate.OURS_ALONE: "is kept where governance alone reads it",
}


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """One key, where it stands in the source, and what became of it.

    Args:
        key: Its path, as ``schema[orders].properties[email].physicalType``.
        reason: Why, lower case, without a full stop.
    """

    position: Position
    key: str
    fate: Fate
    reason: str


def as_json(remarks: Iterable[Remark]) -> dict[str, Any]:
    """Return a report for machines: every remark with its line and column."""
    return {
        "schema": "governance/losses/v1",
        "remarks": [
            {
                "fate": each.fate.value,
                "key": each.key,
                "file": each.position.file,
                "line": each.position.line,
                "column": each.position.column,
                "reason": each.reason,
            }
            for each in sorted(remarks)
        ],
    }


def as_text(remarks: Iterable[Remark]) -> Iterator[str]:
    """Yield a report for people: a line for each key and reason, with the lines it stands on."""
    for (fate, key, reason), group in groupby(sorted(remarks, key=_kind), key=_kind):
        members = sorted(group)
        first = members[0]
        if len(members) == 1:
            yield f"{first.position}: {first.key} {_TOLD[fate]}: {reason}."
            continue
        numbers = list(dict.fromkeys(str(each.position.line) for each in members))
        more = len(numbers) - _LINES_SHOWN
        listed = ", ".join(numbers[:_LINES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        yield (
            f"{first.position}: {key} {_TOLD[fate]}, {len(members)} times: {reason}. "
            f"lines {listed}."
        )


def _kind(remark: Remark) -> tuple[Fate, str, str]:
    return remark.fate, _NAMED.sub("[]", remark.key), remark.reason
