"""What means the same is no change: whatever moves, is renamed, split, reordered or requoted."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from governance.policy.corpus import Memory
from governance.policy.diff import compare
from governance.policy.workspace import load_workspace

CASES = Path(__file__).resolve().parents[1] / "cases" / "policies"
WORKSPACES = {name: CASES / "valid" / name for name in ("acme", "handbook")}
EXAMPLE = Path(__file__).resolve().parents[1] / "e2e" / "example"
WORKSPACES["example"] = EXAMPLE
DAY = date(2026, 11, 23)
DEFAULTS = "_defaults.yaml"
# Words that are text for every reader of YAML, quoted or not.
_WORD = re.compile(r"[a-z]+(?:[.:@_-][a-z]+)+")
_MEMORY = Memory()


class _Requoting(yaml.SafeDumper):
    """Writes scalars plain, but some words in quotes of either kind."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    order = random.Random(0)


def _text(dumper: Any, value: str) -> Any:
    style = dumper.order.choice(["", "'", '"']) if _WORD.fullmatch(value) else ""
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style or None)


_Requoting.add_representer(str, _text)


def _documents(root: Path) -> Iterator[tuple[PurePosixPath, dict[str, Any]]]:
    """Yield each document with the folder of the workspace that it lies in."""
    for path in sorted(root.rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(encoding="utf-8"), yaml.BaseLoader):
            yield PurePosixPath(path.relative_to(root).parent.as_posix()), document


def _shuffled(node: Any, order: random.Random) -> Any:
    """Reorder keys, and the items of lists: every list of the language is a set."""
    if isinstance(node, dict):
        keys = list(node)
        order.shuffle(keys)
        return {key: _shuffled(node[key], order) for key in keys}
    if isinstance(node, list):
        items = [_shuffled(item, order) for item in node]
        order.shuffle(items)
        return items
    return node


def _target(
    folder: PurePosixPath, document: dict[str, Any], names: dict[str, str], order: random.Random
) -> PurePosixPath:
    """Return a file for a document: another name, another depth, below the same defaults."""
    if document["kind"] == "Project":
        return PurePosixPath("governance.yaml")
    renamed = PurePosixPath(folder.parts[0], *(names[part] for part in folder.parts[1:]))
    if document["kind"] == "Defaults":
        return renamed / DEFAULTS
    deeper = order.choice(["", "more", "more/and more"])
    return renamed / deeper / f"{order.choice('abc')}.yaml"


# NOTE: what fails is told by its seed; shrinking whole workspaces takes minutes.
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(
    name=st.sampled_from(sorted(WORKSPACES)),
    order=st.randoms(use_true_random=False),
    flow=st.sampled_from([None, True, False]),
    indent=st.integers(2, 6),
    comment=st.sampled_from(["", "# a word\n", "\n\n   # a word\n\n"]),
)
def test_a_pure_refactoring_changes_nothing(
    name: str, order: random.Random, flow: bool | None, indent: int, comment: str
) -> None:
    source = WORKSPACES[name]
    documents = list(_documents(source))
    order.shuffle(documents)
    parts = sorted({part for folder, _ in documents for part in folder.parts[1:]})
    names = {part: f"{order.choice('xyz')}-{number}" for number, part in enumerate(parts)}
    texts: dict[PurePosixPath, str] = {}
    _Requoting.order = order
    for folder, document in documents:
        target = _target(folder, document, names, order)
        text = yaml.dump(
            _shuffled(document, order), Dumper=_Requoting, sort_keys=False,
            default_flow_style=flow, indent=indent, allow_unicode=True,
            width=order.choice([60, 10**6]),
        )  # fmt: skip
        joint = f"{comment}---\n{comment}" if target in texts else comment
        texts[target] = f"{texts.get(target, '')}{joint}{text}"
    with tempfile.TemporaryDirectory() as folder_name:
        root = Path(folder_name)
        for path, text in texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        base, head = load_workspace(source, memory=_MEMORY), load_workspace(root)
    assert compare(base, head, day=DAY) == ()
    assert compare(head, base, day=DAY) == ()
    assert base.digest == head.digest
