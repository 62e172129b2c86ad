"""A login name."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class Username(WholeValue):
    """A login name.

    Why: it stands for one person in every log of a system.
    Source: POSIX.1 3.437 user name, widened to what web forms allow.
    """

    id = "username"
    entity = "USERNAME"
    shape = r"[\w.@+-]{0,60}[^\W\d_][\w.@+-]{0,60}"
