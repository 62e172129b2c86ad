"""How the changes between two versions of the policies are shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from governance.cli.printable import printable

if TYPE_CHECKING:
    from governance.policy.diff import Change


def changes_as_text(changes: Sequence[Change], base: str) -> str:
    """Return a line for each change, with the lines that wrote it and who must approve."""
    counts = Counter(change.direction.value for change in changes)
    listed = ", ".join(f"{count} {word}" for word, count in counts.items()) or "no change"
    lines = [f"beside {printable(base)}: {listed}"]
    for change in changes:
        lines.append(f"{change.direction.value:8} {printable(change.sentence)}")
        places = [str(each) if each else "-" for each in (change.base, change.head)]
        approvers = ", ".join(change.approvers)
        told = f"{' -> '.join(places)}{f'; to approve: {approvers}' if approvers else ''}"
        lines.append(f"{'':8} {printable(told)}")
    return "\n".join(lines) + "\n"


def changes_as_json(changes: Sequence[Change], base: str) -> str:
    """Return the changes as one JSON object, sorted keys."""
    told = [
        {
            "id": change.id,
            "direction": change.direction.value,
            "sentence": change.sentence,
            "kind": change.kind,
            "document": change.document,
            "path": change.path,
            "before": change.before,
            "after": change.after,
            "base": str(change.base) if change.base else None,
            "head": str(change.head) if change.head else None,
            "asset": change.asset,
            "approvers": list(change.approvers),
        }
        for change in changes
    ]
    return json.dumps({"base": base, "changes": told}, indent=2, sort_keys=True) + "\n"
