"""Names that a text introduces as such, in case the model does not know them.

``Dr. Okonkwo``, ``her maiden name is Majewska``, ``Name: Maria Muster``; and the further members
of an enumeration in which the model knew one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = r"[^\W\d_a-z][^\W\d_]*(?:['’\-][^\W\d_]+)*"
_PARTICLES = "van|von|de|der|den|del|della|la|le|di|da|dos|bin|al|el|ter"
_NAME = rf"{_WORD}(?: (?:(?:{_PARTICLES}) )*{_WORD}){{0,2}}"
_TITLES = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Mme|Mlle|Monsieur|Madame|Sra|Señora?|Sig|Signora?)"
)
_SAID = (
    r"(?:(?:[Mm]y|[Hh]is|[Hh]er|[Tt]heir|[Yy]our|[Mm]aiden|[Ff]ull|[Ll]ast|[Ff]irst|[Ss]ur|'s|’s) ?"
    r"name(?: is|'s| was|:)|calls? (?:me|him|her)|named (?:him|her|me)|"
    r"[Mm]ein Name ist|[Ii]ch hei(?:ß|ss)e|[Jj]e m['’]appelle|[Mm]e llamo|"
    r"(?:^|\n|[,;|\"{]) {0,3}\"?(?:[Nn]ame|NAME|[Ff]ull_?[Nn]ame|[Oo]wner|[Pp]atient|"
    r"[Cc]ustomer)\"?[ \t]*[:=]|"
    r"\b(?:[Ff]ull|[Ff]irst|[Ll]ast|[Ss]ur|[Gg]iven|[Ff]amily|[Cc]ustomer|[Cc]lient|[Pp]atient|"
    r"[Cc]ontact|[Ee]mployee|[Hh]older|[Oo]wner)[_ .-]?[Nn]ame\"?[ \t]*[:=])"
)
_INTRODUCED = re.compile(rf"(?:\b{_TITLES}\.? |{_SAID}[ \t\"]{{0,5}})({_NAME})(?![\w@])")
_BETWEEN = re.compile(r", |,? (?:and|und|et|y|&) ")
_NEXT = re.compile(rf"{_WORD}(?: {_WORD})?(?=[,.;!?\s]|$)")
_NEXT_OF_LIST = 8


def introduced(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every name that a title or a phrase stands before."""
    for match in _INTRODUCED.finditer(text):
        yield match.span(1)


def enumerated(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the names that follow a known one, where it is a member of an enumeration.

    Two names joined by a single "and" may be a firm's; a comma must have been among them.
    """
    followers: list[tuple[int, int]] = []
    commas = text[:start].endswith(", ")
    for _ in range(_NEXT_OF_LIST):
        between = _BETWEEN.match(text, end)
        name = _NEXT.match(text, between.end()) if between else None
        if not between or not name or name[0].isupper():
            break
        commas = commas or between[0] == ", "
        followers.append(name.span())
        end = name.end()
    if commas:
        yield from followers
