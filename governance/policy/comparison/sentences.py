"""A difference in words: plain sentences, whatever the value was written as."""

from __future__ import annotations

from governance.policy.comparison.change import Difference, Value
from governance.policy.comparison.tellings import listed

_NOTHING = "nothing"
_KINDS = {"Taxonomy": "The taxonomy", "References": "The references", "Project": "The project"}
_HOLDERS = {
    "fields": "field", "rules": "rule", "locations": "location", "filters": "filter",
    "schedules": "schedule", "members": "member", "logs": "log", "tests": "test",
    "patterns": "pattern", "categories": "category", "entities": "entity",
    "purposes": "purpose", "regions": "region group", "ownership": "owner",
    "sensitive": "sensitive column", "training": "training data", "contacts": "contact",
    "state": "state at", "clearances": "clearance of", "cadence": "cadence of risk class",
    "accounts": "accounts of",
    "principals": "principal", "access": "matrix", "data": "data case", "changes": "change",
    "allowed": "allowed case", "denied": "denied case", "undecided": "undecided case",
    "findings": "finding", "absent": "absent finding", "waiver_max": "longest waiver of severity",
}  # fmt: skip
# Which maps hold named parts, by kind; elsewhere the same word is a plain key.
_NAMED = {
    "Dataset": {"fields", "locations", "filters", "ownership", "state"},
    "Policy": {"rules", "sensitive"},
    "Project": {"schedules", "waiver_max", "clearances", "cadence"},
    "Team": {"members", "contacts", "accounts"},
    "Pipeline": {"logs"},
    "Model": {"tests", "training", "ownership"},
    "Detectors": {"patterns"},
    "Taxonomy": {"categories", "entities", "purposes", "regions"},
    "PolicyTest": {"principals", "access", "data", "changes", "allowed", "denied", "undecided",
                   "findings", "absent"},
}  # fmt: skip
_NOUNS = {
    "max_age": "longest age of rows", "then": "end of rows too old",
    "accept": "accepted techniques",
    "in": "places", "to": "principals", "for": "purposes", "when": "time window",
    "from": "origin", "allow": "allowed actions", "deny": "forbidden actions",
    "max_hits": "tolerated clear values", "technique_check": "check of the technique",
    "require": "required keys", "require_state": "required state", "k": "smallest group k",
    "require_anonymity": "anonymity thresholds", "applies_to": "selector", "ends": "last day",
    "starts": "first day", "expires": "last day", "opened": "first day", "target": "target",
    "max_facts_age": "greatest age of facts", "fail_on": "threshold that fails",
    "grant_max": "longest grant", "author_may_approve": "permission of authors to approve",
    "compensating": "compensation", "notify": "addressees", "nlp": "search for names",
    "may_be_empty": "leave to match nothing", "deterministic": "certainty of a single hit",
    "personal": "mark as personal data", "special": "mark as special category",
    "now": "instant", "on": "day", "by": "deciding rule", "retired_on": "day of retirement",
    "at": "instant", "l": "diversity l", "t": "distance t", "dataset": "dataset",
    "cron": "times", "review_by": "review date", "collected": "collection",
    "approved_by": "approvers", "until": "last day", "since": "first day",
    "reads": "datasets read", "writes": "datasets written", "dpia": "impact assessment",
    "packs": "packs in use", "countries": "countries whose national ids are looked for",
    "watch": "watched patterns", "nothing_else": "demand that nothing else is found",
    "accounts": "accounts", "waiver": "approvers of waivers", "measured_by": "column of age",
    "weakening": "approvers of weaker protections", "public_key": "pinned key of the trail",
    "quorum": "witnesses it takes", "minimum": "lowest level of the trail",
    "time_stamps": "authorities of time stamps",
}  # fmt: skip
# Keys that only hold others.
_SILENT = frozenset({"verify", "require_anonymity", "approval", "gate", "limits", "from", "tests"})
# The values of these are what a detector knows by heart; they may be somebody's.
_UNTOLD = {("Detectors", "allow"), ("Detectors", "deny")}


def sentence(difference: Difference, owner: str = "") -> str:
    """Return the difference as one plain sentence without a full stop.

    Args:
        owner: For a document that goes, whose it was.
    """
    known = _KINDS.get(difference.kind)
    said = known or f"{difference.kind} {difference.document}"
    if not difference.path:
        return _document(difference, said, owner)
    if difference.path[-1] == "owner":
        return _owner(difference, said)
    if (difference.kind, difference.path[-1]) in _UNTOLD:
        return f"{said} {_counted(difference)}"
    return f"{said} {_value_told(difference)}"


def _value_told(difference: Difference) -> str:
    label, before, after = _label(difference), difference.before, difference.after
    if isinstance(before, list | None) and isinstance(after, list | None):
        return _set_told(label, before or [], after or [])
    is_part = _is_part(difference)
    if before is None:
        if is_part and isinstance(after, dict):
            return f"adds {label}{_content(after)}"
        return f"sets {label} to {told(after)}, where nothing was said"
    if after is None:
        return (
            f"removes {label}" if is_part else f"no longer sets {label}, which was {told(before)}"
        )
    return f"changes {label} from {told(before)} to {told(after)}"


def told(value: Value) -> str:
    """Return a value in words; a map as its keys and values, a list as a sentence lists it."""
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return listed(map(told, value)) or _NOTHING
    if isinstance(value, dict):
        return _choice(value) or ", ".join(
            f"{_noun(key)} {told(each)}" for key, each in value.items() if each not in ([], {})
        )
    return str(value)


def _choice(value: dict[str, Value]) -> str:
    words = {"any_of": "any of", "all_of": "all of", "none_of": "none of"}
    if not value or not value.keys() <= words.keys():
        return ""
    if value.keys() == {"any_of"} and len(value["any_of"]) == 1:
        return str(value["any_of"][0])
    return " and ".join(f"{words[key]} {listed(each) or _NOTHING}" for key, each in value.items())


def _document(difference: Difference, said: str, owner: str) -> str:
    value = difference.after or difference.before or {}
    is_new = difference.before is None
    if difference.kind == "Grant":
        verb = "lets" if is_new else "no longer lets"
        purpose = f" for {value['purpose']}" if "purpose" in value else ""
        what = f"{listed(value['actions'])} {value['dataset']}{purpose}"
        return f"{said} {verb} {value['to']} {what}, {value['starts']} to {value['ends']}"
    if difference.kind == "Waiver":
        verb = "waives" if is_new else "no longer waives"
        where = " ".join(f"{key} {each}" for key, each in value["target"].items())
        return f"{said} {verb} {value.get('control') or value.get('rule')} on {where}, until " + (
            f"{value['expires']}"
        )
    if is_new:
        return f"{said} is added{_uses(value) if difference.kind == 'Pipeline' else ''}"
    return f"{said} is removed{f'; {owner} owned it' if owner else ''}"


def _uses(pipeline: dict[str, Value]) -> str:
    reads, writes = (
        listed(each.removeprefix("dataset:") for each in pipeline[key])
        for key in ("reads", "writes")
    )
    parts = [f"reads {reads}"] if reads else []
    parts += [f"writes {writes}"] if writes else []
    return f": {' and '.join(parts) or 'uses nothing'} for {pipeline['purpose']}"


def _label(difference: Difference) -> str:
    """Return a path in words: ``the category of field email``."""
    named = _NAMED.get(difference.kind, set())
    path, parts = list(difference.path), []
    while path:
        key = path.pop(0)
        if key in _SILENT and path:
            continue
        if key in named and path:
            parts.append(f"the {_HOLDERS[key]} {path.pop(0)}")
        else:
            parts.append(f"the {_noun(key)}")
    last = parts.pop()
    return " of ".join([last, *reversed(parts)]) if parts else last


def _noun(key: str) -> str:
    return _NOUNS.get(key, key.replace("_", " "))


def _is_part(difference: Difference) -> bool:
    path = difference.path
    return len(path) > 1 and path[-2] in _NAMED.get(difference.kind, set())


def _content(part: dict[str, Value]) -> str:
    inner = told({key: each for key, each in part.items() if key not in _QUIET})
    return f": {inner}" if inner else ""


_QUIET = frozenset({"why", "fix", "references", "title", "description", "rows", "notify", "verify"})


def _set_told(label: str, before: list[Value], after: list[Value]) -> str:
    added = [_member(each) for each in after if each not in before]
    dropped = [_member(each) for each in before if each not in after]
    parts = [f"adds {listed(added)} to {label}"] if added else []
    if dropped:
        where = "away" if added else f"from {label}"
        parts.append(f"takes {listed(dropped)} {where}")
    left = ", so that none is left" if dropped and not after else ""
    return " and ".join(parts) + left


def _member(value: Value) -> str:
    return f"({told(value)})" if isinstance(value, dict) else told(value)


def _counted(difference: Difference) -> str:
    before, after = difference.before or [], difference.after or []
    added = sum(each not in before for each in after)
    dropped = sum(each not in after for each in before)
    what = "never" if difference.path[-1] == "allow" else "always"
    return f"adds {added:,} to the values that are {what} hits and takes {dropped:,} away"


def _owner(difference: Difference, said: str) -> str:
    before, after = difference.before, difference.after
    what = "" if len(difference.path) == 1 else f": {_label(difference)}"
    if before in (None, "none"):
        return f"{said}{what} is owned by {after} now, where nobody was named"
    if after in (None, "none"):
        return f"{said}{what} loses its owner {before}, and nobody is named instead"
    return f"{said}{what} changes hands from {before} to {after}"
