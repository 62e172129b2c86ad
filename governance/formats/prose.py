"""Words as Markdown in which nothing that data wrote is markup, a link or a mention."""

from __future__ import annotations

import re

from governance.formats.cleaning import clean

LONGEST = 400
_SPECIAL = re.compile(r"([\\`*_\[\]#|~${}])")
# What a code host makes a link of after rendering, where a backslash is gone already. An invisible
# joint in the middle is enough.
_LINKED = re.compile(r"(@|#|:(?=//)|\bw(?=ww\.)|\bGH(?=-\d))", re.IGNORECASE)
_JOINT = "&#8203;"
_TEMPLATE = re.compile(r"([{%])(?=[{%#])")


def code(text: str) -> str:
    """Return a code span: nothing in it is markup, a link, a mention or a template."""
    inner = clean(text, LONGEST).replace("`", "'").replace("\\", "/").replace("|", "\\|")
    inner = _TEMPLATE.sub(r"\1 ", inner).strip()
    return f"`{inner or ' '}`"


def prose(text: str, limit: int = LONGEST) -> str:
    """Return a sentence in which nothing is markup, HTML, a link, a mention or a template."""
    quoted = clean(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quoted = _SPECIAL.sub(r"\\\1", quoted).replace("{%", f"{{{_JOINT}%")
    return _LINKED.sub(rf"\1{_JOINT}", quoted)
