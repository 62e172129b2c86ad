"""Lines that fit the terminal they are read on; what is piped stays one line, whole."""

from __future__ import annotations

import os
import re
import sys
from textwrap import wrap

from governance.formats.cleaning import inert_line

_NARROWEST = 40
_HANGING = "    "


def fitted(text: str) -> str:
    """Return lines wrapped at blanks to the width of standard output, where that is a terminal.

    No word is broken: an id or a digest can be copied as it stands.
    """
    if not sys.stdout.isatty():
        return text
    try:
        width = max(os.get_terminal_size(sys.stdout.fileno()).columns, _NARROWEST)
    except OSError:
        return text
    return "\n".join(folded(line, width) for line in text.split("\n"))


def folded(line: str, width: int) -> str:
    """Return a line in as many as it takes; those after the first are indented further.

    A value too long to stand behind its name (``root=…``) begins a line of its own.
    """
    if len(line) <= width:
        return line
    indent = re.match(r"\s*", line)[0]  # type: ignore[index]
    room = width - len(indent + _HANGING)
    parts = wrap(
        re.sub(rf"\S{{{room + 1},}}", lambda word: word[0].replace("=", "= ", 1), line),
        width,
        subsequent_indent=indent + _HANGING,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    # NOTE: a line that begins in the middle of a name must not read as a command either.
    return "\n".join(map(inert_line, parts))
