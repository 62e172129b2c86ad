"""What stands where an answer should stand, and is none: TODO, [More Information Needed], n/a.

Every control that asks whether something is written asks here.
"""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(
    r"\W*(more information needed|information needed|to ?do|tb[adc]|to be (done|determined|defined)"
    r"|to follow|pending|fix ?me|change ?me|placeholder|unknown|none|null|n/?a|x{2,}"
    r"|lorem ipsum.*)?\W*|\W*(to ?do|fix ?me|change ?me|tb[adc])\b.*",
    re.IGNORECASE | re.DOTALL,
)


def is_blank(text: str | None) -> bool:
    """Return whether a text is missing, empty or a placeholder such as TODO."""
    return text is None or _PLACEHOLDER.fullmatch(text.strip()) is not None
