"""Order and layout of policy files mean nothing."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.policy.workspace import load_workspace

ACME = Path(__file__).resolve().parents[1] / "cases" / "policies" / "valid" / "acme"
EXPECTED = load_workspace(ACME)


class _PlainDumper(yaml.SafeDumper):
    """Writes every scalar without quotes where YAML allows it."""

    yaml_implicit_resolvers: dict[str, Any] = {}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    order=st.randoms(use_true_random=False),
    flow=st.sampled_from([None, True, False]),
    indent=st.integers(2, 6),
)
def test_reordered_and_reformatted_files_mean_the_same(
    order: random.Random, flow: bool | None, indent: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, documents in _files():
            order.shuffle(documents)
            shuffled = [_shuffled(document, order) for document in documents]
            text = yaml.dump_all(
                shuffled,
                Dumper=_PlainDumper,
                sort_keys=False,
                default_flow_style=flow,
                indent=indent,
                explicit_start=True,
            )
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        found = load_workspace(root)
    assert found.digest == EXPECTED.digest
    assert found.datasets == EXPECTED.datasets
    assert found.rules() == EXPECTED.rules()
    assert found.waivers == EXPECTED.waivers


def _files() -> Iterator[tuple[Path, list[Any]]]:
    for path in sorted(ACME.rglob("*.yaml")):
        documents = list(yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))
        yield path.relative_to(ACME), documents


def _shuffled(node: Any, order: random.Random) -> Any:
    if isinstance(node, dict):
        keys = list(node)
        order.shuffle(keys)
        return {key: _shuffled(node[key], order) for key in keys}
    if isinstance(node, list):
        return [_shuffled(item, order) for item in node]
    return node
