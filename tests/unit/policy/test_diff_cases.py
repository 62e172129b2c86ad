"""What counts as weaker: each row of the table in both directions, as data."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.model.policy import EffectivePolicy
from governance.policy.comparison.change import Change
from governance.policy.corpus import Memory
from governance.policy.diff import compare
from governance.policy.workspace import load_workspace

CASES = Path(__file__).resolve().parents[2] / "cases" / "policies" / "diff"
DAY = date(2026, 11, 23)
_MEMORY = Memory()
Documents = dict[str, Any]


class _PlainDumper(yaml.SafeDumper):
    """Writes every scalar without quotes where YAML allows it."""

    yaml_implicit_resolvers: dict[str, Any] = {}


def _cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("[!_]*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader):
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


class _Folder:
    """A workspace on disk; what is known of it is neither written nor read again."""

    def __init__(self, root: Path) -> None:
        self._root, self._texts = root, dict[str, str]()
        self._loaded: dict[str, EffectivePolicy] = {}

    def load(self, documents: Documents) -> EffectivePolicy:
        texts = {self._path(name): _text(each) for name, each in documents.items()}
        key = json.dumps(texts, sort_keys=True)
        if key not in self._loaded:
            for path in self._texts.keys() - texts.keys():
                (self._root / path).unlink()
            for path, text in texts.items():
                if self._texts.get(path) != text:
                    (self._root / path).write_text(text, encoding="utf-8")
            self._texts = texts
            self._loaded[key] = load_workspace(self._root, memory=_MEMORY)
        return self._loaded[key]

    def _path(self, name: str) -> str:
        is_project = name.startswith("Project ")
        return "governance.yaml" if is_project else f"policies/{name.replace(' ', '-')}.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> _Folder:
    root = tmp_path_factory.mktemp("workspace")
    (root / "policies").mkdir()
    return _Folder(root)


@pytest.mark.parametrize("case", tuple(_cases()))
def test_change_leads_where_its_case_says(case: dict[str, Any], folder: _Folder) -> None:
    documents = _patched(_workspace(), case.get("base", {}))
    base, head = folder.load(documents), folder.load(_patched(documents, case["head"]))
    _hold(case["there"], compare(base, head, day=DAY))
    _hold(case["back"], compare(head, base, day=DAY))


def test_every_row_of_the_table_is_told_in_both_directions() -> None:
    """Weaker and stronger, in each file of cases."""
    for path in CASES.glob("[!_]*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert "'weaker | " in text, path.name
        assert "'stronger | " in text, path.name


def _hold(expected: list[str], changes: tuple[Change, ...]) -> None:
    """Each expectation is: direction, a part of what is said, who must approve."""
    said = "\n".join(map(_told, changes))
    assert len(changes) == len(expected), f"expected {len(expected)} changes:\n{said}"
    for line, change in zip(sorted(expected), sorted(changes, key=_told), strict=True):
        direction, words, *approvers = (part.strip() for part in line.split("|"))
        assert change.direction == direction, said
        assert words in _told(change), said
        if approvers:
            assert ", ".join(change.approvers) == approvers[0], said
        if change.direction.is_held:
            assert change.approvers, f"nobody could approve:\n{said}"


def _told(change: Change) -> str:
    parts = (change.sentence, *change.consequences)
    return f"{change.direction.value} | {'; '.join(parts)} | {', '.join(change.approvers)}"


@functools.cache
def _workspace() -> Documents:
    text = (CASES / "_workspace.yaml").read_text(encoding="utf-8")
    documents = yaml.load_all(text, yaml.BaseLoader)
    return {f"{each['kind']} {each['id']}": each for each in documents}


def _text(document: dict[str, Any]) -> str:
    return _dumped(json.dumps(document))


@functools.cache
def _dumped(document: str) -> str:
    return yaml.dump(json.loads(document), Dumper=_PlainDumper, sort_keys=False)


def _patched(documents: Documents, patch: Documents) -> Documents:
    changed = copy.deepcopy(documents)
    for name, values in patch.items():
        kind, _, name_of = name.partition(" ")
        if values == "":
            del changed[name]
            continue
        header = {"apiVersion": "governance/v1", "kind": kind, "id": name_of}
        changed[name] = _merged(changed.get(name, header), values)
    return changed


def _merged(before: Any, values: Any) -> Any:
    """Lay values over a map; an empty one takes its key away."""
    if not isinstance(before, dict) or not isinstance(values, dict) or "!" in values:
        return values.get("!", values) if isinstance(values, dict) else values
    changed = dict(before)
    for key, value in values.items():
        if value == "":
            changed.pop(key, None)
        else:
            changed[key] = _merged(changed.get(key), value)
    return changed
