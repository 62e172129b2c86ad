"""Reading some entries is what reading all of them and leaving out the others gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from governance.errors import TrailError
from governance.model.trail import Event
from governance.trail.log import Trail
from governance.trail.reading import read_entries

from .conftest import START, Break

_IMITATED = '","ts":"2030-01-01T00:00:00.000000Z","type":"review.signed","v":1}'
"""What ends a body; inside a payload its marks of quotation are escaped."""


@pytest.fixture
def mixed(opened: Callable[..., Trail], path: Path) -> Path:
    """Return a trail of four types, whose texts try to look like the ends of others."""
    with opened() as trail:
        for number in range(6):
            trail.append([Event("scan.started", {"text": _IMITATED, "v": number})])
            trail.append([Event("finding.recorded", {"id": _IMITATED}), Event("a.b", {})])
    return path


def test_asked_by_type_and_time_is_picked_from_all(mixed: Path) -> None:
    every = tuple(read_entries(mixed))
    instants = (None, *(START + timedelta(seconds=after) for after in (0, 4, 9, 99)))
    asked = ((), ("a.b",), ("a.b", "scan.started"), ("review.signed",))
    for since, until, types in product(instants, instants, asked):
        upto = [entry for entry in every if until is None or entry.ts <= until]
        inside = [entry for entry in upto if since is None or entry.ts >= since]
        found = list(read_entries(mixed, since=since, until=until, types=types))
        assert found == [entry for entry in inside if entry.type in types]
        counted: Counter[str] = Counter()
        rest = list(
            read_entries(mixed, since=since, until=until, but=types, left_out=_into(counted))
        )
        assert rest == [entry for entry in inside if entry.type not in types]
        assert counted == Counter(entry.type for entry in upto if entry.type in types)


def _into(counted: Counter[str]) -> Callable[[int, str, str], None]:
    return lambda _, kind, __: counted.update([kind])


def test_a_body_whose_end_looks_otherwise_is_decoded_whole(trail: Path, tamper: Break) -> None:
    tamper("UPDATE trail_entry SET body = CAST(body || ' ' AS BLOB) WHERE seq = 4")
    with pytest.raises(TrailError, match="entry 4 is not readable"):
        list(read_entries(trail, types={"review.signed"}))
