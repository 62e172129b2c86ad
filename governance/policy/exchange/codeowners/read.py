"""Owners of data files, from the rules of a CODEOWNERS file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from governance.errors import InvalidPolicyError
from governance.policy.exchange.codeowners.rules import (
    ANY_NAME,
    Rule,
    deciding,
    matches,
    read_rules,
)
from governance.policy.exchange.cursor import Ledger, Said
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.owners import find_owner
from governance.policy.exchange.words import slug
from governance.policy.faults import as_errors

# NOTE: what a name's end says; what a file really is, is found out when it is scanned.
_DATA = frozenset(
    {
        ".arrow", ".avro", ".csv", ".db", ".duckdb", ".feather", ".json", ".jsonl", ".ndjson",
        ".orc", ".parquet", ".sqlite", ".sqlite3", ".tsv", ".xls", ".xlsx",
    }
)  # fmt: skip
_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})
_MOST_FILES = 10_000


def read_owners(
    file: str,
    data: bytes,
    ledger: Ledger,
    around: Surroundings,
    *,
    root: Path | None,
    below: str = "",
) -> list[Draft]:
    """Return a dataset, with its owner, for each rule that names data.

    A rule for code or documents makes none, nor does one whose files a later rule decides for, or
    a dataset of the workspace already declares.

    Args:
        root: The repository, to see which folders hold data; None if there is none.
        below: The workspace's folder in the repository, as ``governance/``.

    Raises:
        InvalidPolicyError: With every line that GitHub would pass over.
    """
    rules, faults = read_rules(file, data)
    if faults:
        lines = tuple(data.decode("utf-8", "replace").split("\n"))
        raise InvalidPolicyError(as_errors(faults, {file: lines}))
    drafts: list[Draft] = []
    for rule in rules:
        said = Said(rule.pattern, rule.position, rule.pattern)
        path = _data_path(rule.pattern, root)
        if path is None:
            ledger.lose(said, "it names no data")
            continue
        last = deciding(rules, _sample(path))
        if last is not None and last is not rule:
            ledger.lose(said, f"line {last.position.line} comes later and decides")
            continue
        if not path.startswith((below, "**/")):
            ledger.lose(said, "it lies outside the workspace")
            continue
        path = path.removeprefix(below)
        known = _declared(path, around)
        if known:
            ledger.lose(said, f"the dataset {known} lies there already; its owner stays")
            continue
        drafts.append(_draft(path, rule, ledger, around))
    _tell_overlaps(drafts, rules, ledger)
    return drafts


def _draft(path: str, rule: Rule, ledger: Ledger, around: Surroundings) -> Draft:
    draft = Draft(_id(path), rule.position)
    draft.put("locations", {"repository": {"path": path}}, rule.position)
    owners = [Said(owner, rule.position, rule.pattern) for owner in rule.owners]
    if not owners:
        draft.put("owner", "none", rule.position)
    elif len(owners) == 1:
        found = find_owner(owners[0], around, ledger)
        draft.put("owner", found.text if found else None, rule.position)
    else:
        reason = f"exactly one must answer, and {len(owners)} are named"
        ledger.lose(Said(rule.pattern, rule.position, f"{rule.pattern} owners"), reason)
    return draft


def _data_path(pattern: str, root: Path | None) -> str | None:
    """Return the place of data that a pattern names, or None."""
    plain = pattern.replace("\\ ", " ")
    is_anchored = "/" in plain.rstrip("/")
    path = plain.strip("/")
    suffixes = [end for end in PurePosixPath(path).suffixes if end.lower() not in _PACKED]
    if suffixes and suffixes[-1].lower() in _DATA and not plain.endswith("/"):
        return path if is_anchored else f"**/{path}"
    folder = path.removesuffix("/**").removesuffix("/*")
    if root is None or not is_anchored or "*" in folder or "?" in folder:
        return None
    if not _holds_data(root / folder):
        return None
    return f"{folder}/*" if path.endswith("/*") else f"{folder}/**"


def _holds_data(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    for number, path in enumerate(folder.rglob("*")):
        if number >= _MOST_FILES:
            return False
        if {end.lower() for end in path.suffixes} & _DATA:
            return True
    return False


def _declared(path: str, around: Surroundings) -> str | None:
    """Return the dataset of the workspace that lies at a place already."""
    for dataset in around.corpus.models("Dataset").values():
        for location in dataset.locations.values():
            known = location.path or location.url or ""
            if known and (known == path or matches(f"/{known}", _sample(path))):
                return str(dataset.id)
    return None


def _tell_overlaps(drafts: Sequence[Draft], rules: Sequence[Rule], ledger: Ledger) -> None:
    """Tell of rules whose files lie in the place of an earlier one too."""
    places = [(draft, draft.values["locations"]["repository"]["path"]) for draft in drafts]
    for rule in rules:
        for draft, place in places:
            sample = _sample(rule.pattern.strip("/"))
            is_later = rule.position.line > draft.position.line
            if is_later and "*" in place and matches(f"/{place}", sample):
                said = Said(rule.pattern, rule.position, rule.pattern)
                ledger.doubt(said, f"its files lie in the place of {draft.id} too")


def _sample(path: str) -> str:
    plain = path.replace("**", ANY_NAME).replace("*", ANY_NAME).replace("?", "0")
    return plain.rstrip("/")


def _id(path: str) -> str:
    """Return ``data.orders`` for ``data/orders/*.csv``: the steps that name something."""
    steps = [step for step in path.split("/") if not step.startswith("*")]
    if steps and "." in steps[-1]:
        steps[-1] = steps[-1].partition(".")[0]
    return ".".join(word for step in steps if (word := slug(step.replace("*", ""))))
