"""The beginning of a line of PostgreSQL's plain log: who, when, from where.

Source: PostgreSQL 15 documentation, 20.8.3, log_line_prefix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Debian's, the one in pgAudit's README, that of Amazon RDS, and those of pgBadger.
_USUAL = (
    "%m [%p] %q%u@%d ",
    "%m %u %d [%p]: ",
    "%t:%r:%u@%d:[%p]:",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%m [%p] %r %u@%d ",
    "%m [%p] ",
)
_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \S+?"
_MEANING = {
    "m": f"(?P<at>{_TIME})",
    "t": f"(?P<at>{_TIME})",
    "n": r"(?P<at>\d{9,}\.\d+)",
    "u": r"(?P<user>[^,]*?)",
    "d": r"(?P<database>[^,]*?)",
    "h": r"(?P<host>\S*?)",
    "r": r"(?P<host>\S*?)(?:\(\d+\))?",
    "p": r"\d+",
    "l": r"\d+",
    "%": "%",
    "q": "",
}
_SAME = ({"m", "t", "n"}, {"h", "r"})
_ESCAPE = re.compile(r"%(-?\d*)([a-zA-Z%])")


class LinePrefix:
    """Reads prefixes as one ``log_line_prefix`` writes them, or as the usual ones do."""

    def __init__(self, written: str | None) -> None:
        self._patterns = [_pattern(each) for each in ((written,) if written else _USUAL)]

    def read(self, text: str) -> Mapping[str, str | None]:
        """Return ``at``, ``user``, ``database`` and ``host``, as far as a prefix tells them."""
        for pattern in self._patterns:
            found = pattern.fullmatch(text)
            if found:
                told = found.groupdict()
                return {name: (value or "").strip() or None for name, value in told.items()}
        return {}


def _pattern(written: str) -> re.Pattern[str]:
    parts, at = [], 0
    named: set[str] = set()
    for escape in _ESCAPE.finditer(written):
        parts.append(re.escape(written[at : escape.start()]))
        meaning = _MEANING.get(escape[2], ".*?")
        # NOTE: what is written twice is read once.
        parts.append(meaning if escape[2] not in named else ".*?")
        if escape[1]:
            parts.append(" *")
        named |= next((same for same in _SAME if escape[2] in same), {escape[2]})
        at = escape.end()
    parts.append(re.escape(written[at:]).rstrip("\\ ") + r"\s*")
    return re.compile("".join(parts))
