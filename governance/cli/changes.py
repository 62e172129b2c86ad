"""How the changes between two versions of the policies, and the gate's verdict, are shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from governance.cli.printable import printable

if TYPE_CHECKING:
    from governance.engine.differ import Comparison, Gate
    from governance.policy.comparison.change import Change

SCHEMA = "governance/policy-diff/v1"
_SHOWN = 200


def render(name: str, found: Comparison, gate: Gate) -> str:
    """Return a comparison in one of the formats: text, markdown or json."""
    return {"text": _text, "markdown": _markdown, "json": _json}[name](found, gate)


def verdict(found: Comparison, gate: Gate) -> str:
    """Return what the gate says, in one sentence without a full stop."""
    if not found.changes:
        return "no change"
    held, waiting = len(found.held), gate.open(found)
    if not held:
        return "nothing is weakened"
    if not waiting:
        approved = sum(map(gate.decided.is_approved, found.held))
        rest = f", {held - approved} unknown let through" if approved < held else ""
        return f"{_counted(approved, 'weakening')} approved{rest}"
    parties = sorted({party for each in waiting for party in gate.decided.missing(each)})
    asked = f"; ask {', '.join(parties)}" if parties else "; nobody is named who could approve"
    return f"{_counted(len(waiting), 'change')} not approved{asked}"


def _text(found: Comparison, gate: Gate) -> str:
    lines = [f"beside {found.fork}: {_tally(found.changes)}"]
    for change in found.changes[:_SHOWN]:
        lines.append(f"{change.direction.value:8} {change.sentence}")
        lines += [f"{'':8} - {each}" for each in (*change.consequences, *change.replay)]
        lines.append(f"{'':8} {_places(change)}{_told(change, gate)}")
    lines += _more(found)
    lines += [f"note: {each}" for each in (*found.notes, *gate.decided.notes)]
    if found.held:
        lines.append(f"{verdict(found, gate)} (all together: {found.id})")
    return "\n".join(map(printable, lines)) + "\n"


def _markdown(found: Comparison, gate: Gate) -> str:
    """Return a summary for a pull request; nothing in it is a link, a mention or HTML of others."""
    from governance.formats.markdown import MAX_BYTES
    from governance.formats.prose import code, prose

    lines = [f"## Governance policy diff: {prose(verdict(found, gate))}", ""]
    lines += [prose(f"Beside {found.fork}: {_tally(found.changes)}."), ""]
    if found.changes:
        lines += ["| Direction | What | Who must approve | Approved by | Base | Head | Id |",
                  f"|{' --- |' * 7}"]  # fmt: skip
    size = 0
    for number, change in enumerate(found.changes):
        row = _row(change, gate)
        size += len(row.encode())
        if number >= _SHOWN or size > MAX_BYTES // 2:
            lines += ["", f"First {number:,} of {len(found.changes):,} changes."]
            break
        lines.append(row)
    notes = [f"- {prose(each)}" for each in (*found.notes, *gate.decided.notes)]
    lines += ["", *notes[:_SHOWN]] if notes else []
    if found.held:
        lines += ["", f"All together: {code(found.id)}"]
    return "\n".join(lines) + "\n"


def _row(change: Change, gate: Gate) -> str:
    from governance.formats.prose import code, prose

    what = [f"**{prose(change.sentence)}**", *map(prose, (*change.consequences, *change.replay))]
    cells = (
        change.direction.value,
        "<br>".join(what),
        " ".join(map(code, change.approvers)) or ("nobody is named" if _waits(change) else ""),
        " ".join(map(code, gate.decided.approvers(change))),
        code(str(change.base)) if change.base else "",
        code(str(change.head)) if change.head else "",
        code(change.id),
    )
    return f"| {' | '.join(cells)} |"


def _json(found: Comparison, gate: Gate) -> str:
    document = {
        "schema": SCHEMA,
        "base": str(found.fork),
        "id": found.id,
        "verdict": verdict(found, gate),
        "passes": not gate.open(found),
        "summary": dict(Counter(change.direction.value for change in found.changes)),
        "notes": [*found.notes, *gate.decided.notes],
        "changes": [_object(change, gate) for change in found.changes],
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _object(change: Change, gate: Gate) -> dict[str, Any]:
    return {
        "id": change.id,
        "direction": change.direction.value,
        "sentence": change.sentence,
        "consequences": list(change.consequences),
        "replay": list(change.replay),
        "kind": change.kind,
        "document": change.document,
        "path": change.path,
        "before": change.before,
        "after": change.after,
        "base": str(change.base) if change.base else None,
        "head": str(change.head) if change.head else None,
        "assets": list(change.assets),
        "rules": list(change.rules),
        "approvers": list(change.approvers),
        "approved_by": list(gate.decided.approvers(change)),
        "missing": list(gate.decided.missing(change)),
        "approved": gate.decided.is_approved(change),
    }


def _tally(changes: Sequence[Change]) -> str:
    counts = Counter(change.direction.value for change in changes)
    return ", ".join(f"{count:,} {word}" for word, count in counts.items()) or "no change"


def _places(change: Change) -> str:
    return " -> ".join(str(each) if each else "-" for each in (change.base, change.head))


def _told(change: Change, gate: Gate) -> str:
    if not _waits(change):
        return ""
    asked = ", ".join(change.approvers) or "nobody is named who could"
    by = ", ".join(gate.decided.approvers(change))
    state = "approved" if gate.decided.is_approved(change) else "approved so far"
    return f"; to approve: {asked}{f'; {state} by {by}' if by else ''}; {change.id}"


def _waits(change: Change) -> bool:
    return change.direction.is_held


def _more(found: Comparison) -> Iterator[str]:
    if len(found.changes) > _SHOWN:
        yield f"first {_SHOWN:,} of {len(found.changes):,} changes"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"
