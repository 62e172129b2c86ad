"""The manual page of a control, read from its docstring."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

from governance.model.world import Control

SECTIONS = ("Why", "Fails when", "Fix", "Source")
_HEADING = re.compile(r"^([A-Z][a-z ]+):$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Manual:
    """A control explained. The texts are paragraphs without line breaks.

    Args:
        summary: One sentence: what holds when the control passes.
        why: What goes wrong without it. fails_when: The conditions of a finding.
        fix: What to do about one. source: The laws and standards it serves.
    """

    id: str
    summary: str
    why: str
    fails_when: str
    fix: str
    source: str


def manual(control: Control) -> Manual:
    """Return the manual page of a control.

    Raises:
        ValueError: If the docstring lacks its summary or one of ``SECTIONS``.
    """
    text = inspect.getdoc(type(control)) or ""
    summary, *parts = _HEADING.split(text)
    sections = dict(zip(parts[::2], map(_joined, parts[1::2]), strict=True))
    missing = [name for name in SECTIONS if not sections.get(name)]
    if missing or not summary.strip():
        raise ValueError(f"{control.id}: the docstring lacks {', '.join(missing) or 'a summary'}")
    return Manual(
        id=control.id,
        summary=_joined(summary),
        why=sections["Why"],
        fails_when=sections["Fails when"],
        fix=sections["Fix"],
        source=sections["Source"],
    )


def _joined(text: str) -> str:
    return " ".join(text.split())
