"""How often a process looks for garbage in cycles.

The interpreter looks at every few hundred new objects. Here nearly all of them stay, as policies,
facts and outcomes do, and what does not stay is freed without such a look: the default costs a
third of the time of most commands, and finds next to nothing.
"""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 100


def collect_seldom() -> None:
    """Let this process look for garbage after fifty thousand new objects, not seven hundred."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
