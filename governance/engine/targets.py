"""What a scan is asked for, looked at before anything heavy is loaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from governance.engine.declared import declared_assets
from governance.engine.workspace import Workspace
from governance.errors import UsageError

_MORE_THAN_A_PATH = frozenset("*?[#!:")
_STAND_IN = "withheld-"


def refuse_unknown(workspace: Workspace, targets: Sequence[str], here: Path) -> None:
    """Refuse a target that is plainly nothing; what only reading can tell is left to the inventory.

    Raises:
        UsageError: If a target is no declared asset, no glob, no part of a file and no path.
    """
    known = {each.id for each in declared_assets(workspace.policy)} if workspace.declared else set()
    for target in targets:
        is_plain = _MORE_THAN_A_PATH.isdisjoint(target) and _STAND_IN not in target
        if is_plain and target not in known and not os.path.lexists(here / target):
            raise unknown(target)


def unknown(target: str) -> UsageError:
    """Return the error for a target that is neither an asset nor a file."""
    return UsageError(
        where=target,
        problem="no declared asset has this id and no file has this path",
        remedy="'governance scan' without a target examines every declared asset",
    )
