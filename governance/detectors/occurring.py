"""Which of many patterns occur in a column at all, in one pass over its values.

Most patterns occur nowhere in most columns. Hyperscan tells which ones do, all at once, over the
values laid end to end; only those are then searched for value by value. Where Hyperscan is not
installed every pattern may occur, and the result is the same. Source: Wang et al., Hyperscan: A
Fast Multi-pattern Regex Matcher for Modern CPUs, NSDI 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None

_EDGES = {r"\A": "^", r"\z": "$", r"\Z": "$"}
_Database = Any  # the library ships no types


def occurring(patterns: Sequence[str], texts: pa.Array) -> frozenset[str]:
    """Return the patterns that may occur in one of the texts; never too few.

    Args:
        patterns: In RE2's syntax, as ``widen_for_re2`` writes them for ASCII.
        texts: ASCII, without nulls.
    """
    database, unknown = _database(tuple(sorted(patterns)))
    if database is None or not len(texts):
        return frozenset(patterns)
    found: set[int] = set()

    def tell(number: int, *_: object) -> None:
        found.add(number)

    database.scan(_end_to_end(texts), match_event_handler=tell)
    return unknown | {pattern for n, pattern in enumerate(sorted(patterns)) if n in found}


def _end_to_end(texts: pa.Array) -> memoryview:
    """Return the texts with a line end before, between and behind them."""
    rows = pa.LargeListArray.from_arrays(
        pa.array([0, len(texts)], pa.int64()), texts.cast(pa.large_string())
    )
    line_end, nothing = (pa.scalar(each, pa.large_string()) for each in ("\n", ""))
    joined = pc.binary_join(rows, line_end)
    framed = pc.binary_join_element_wise(nothing, joined, nothing, line_end)
    return memoryview(framed[0].as_buffer())


@lru_cache(maxsize=64)
def _database(patterns: tuple[str, ...]) -> tuple[_Database | None, frozenset[str]]:
    """Return the compiled patterns, and those that Hyperscan has no words for."""
    if hyperscan is None:
        return None, frozenset(patterns)
    everything = dict(enumerate(patterns))
    database = _compiled(everything)
    if database is not None:
        return database, frozenset()
    known = {n: pattern for n, pattern in everything.items() if _compiled({n: pattern})}
    return _compiled(known), frozenset(patterns) - set(known.values())


def _compiled(patterns: Mapping[int, str]) -> _Database | None:
    """Return the patterns compiled under their numbers; None if Hyperscan has no words for one."""
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=[_written(pattern) for pattern in patterns.values()],
            ids=list(patterns),
            flags=[_flags()] * len(patterns),
        )
    except hyperscan.error:
        return None
    return database


def _flags() -> int:
    # NOTE: the texts are ASCII; a pattern may hold other characters, of several bytes.
    flags = (hyperscan.HS_FLAG_SINGLEMATCH, hyperscan.HS_FLAG_ALLOWEMPTY, hyperscan.HS_FLAG_UTF8)
    return int(sum(flags))


def _written(pattern: str) -> bytes:
    """The edges of a text are line ends here; ``widen_for_re2`` already asks for multi-line."""
    for edge, line in _EDGES.items():
        pattern = pattern.replace(edge, line)
    return pattern.encode()
