"""``policy fmt`` changes the layout alone: same meaning, same comments, and only once."""

from __future__ import annotations

import random
import re
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.policy.formatting import format_policy
from governance.policy.workspace import load_workspace
from tests.property.test_policy_formatting import ACME, EXPECTED, _files, _PlainDumper, _shuffled

_COMMENT = re.compile(r"# note \d+")


class _Indented(_PlainDumper):
    """Puts dashes below their key or into its column, as the test asks for."""

    indentless = True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless and self.indentless)


class _Indentless(_Indented):
    indentless = False


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10**9),
    dumper=st.sampled_from([_Indented, _Indentless]),
    flow=st.sampled_from([None, False]),
    indent=st.integers(1, 7),
    ending=st.sampled_from(["\n", "\r\n", "\n\n\n", ""]),
)
def test_formatted_files_mean_the_same_and_keep_every_comment(
    seed: int, dumper: type[Any], flow: bool | None, indent: int, ending: str
) -> None:
    order = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, documents in _files():
            text = yaml.dump_all(
                [_shuffled(document, order) for document in documents],
                Dumper=dumper, sort_keys=False, default_flow_style=flow, indent=indent,
                explicit_start=order.random() < 0.5, width=10_000,
            )  # fmt: skip
            text = _commented(text, order).rstrip("\n") + ending
            formatted = format_policy(str(path), text.encode())
            assert format_policy(str(path), formatted.encode()) == formatted
            assert sorted(_COMMENT.findall(formatted)) == sorted(_COMMENT.findall(text))
            assert formatted.endswith("\n") and not formatted.endswith("\n\n")
            _is_in_the_one_layout(formatted)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(formatted, encoding="utf-8")
        assert load_workspace(root).digest == EXPECTED.digest


def test_the_example_is_formatted_already() -> None:
    for path in ACME.rglob("*.yaml"):
        assert format_policy(path.name, path.read_bytes()) == path.read_text(encoding="utf-8")


def _commented(text: str, order: random.Random) -> str:
    """Return a text with comments and blank lines between its lines, and at their ends."""
    rows = []
    for number, row in enumerate(text.split("\n")):
        if order.random() < 0.2:
            spaces = len(row) - len(row.lstrip(" "))
            rows.append(" " * order.choice([0, spaces, spaces + 1]) + f"# note {number}0")
        if order.random() < 0.1:
            rows += ["", "  "]
        ends_open = row.endswith((",", "[", "{")) or not row.strip()
        rows.append(row if ends_open or order.random() < 0.8 else f"{row}  # note {number}1  ")
    return "\n".join(rows)


def _is_in_the_one_layout(text: str) -> None:
    assert "\r" not in text and "\n\n\n" not in text
    assert not re.search(r"[ \t]\n", text)
    for document in yaml.compose_all(text, yaml.SafeLoader):
        assert isinstance(document, yaml.MappingNode)
        keys = [key.value for key, _ in document.value]
        header = [key for key in ("apiVersion", "kind", "id", "title") if key in keys]
        assert keys[: len(header)] == header
        _is_indented(document, 0)


def _is_indented(node: Any, column: int) -> None:
    if node.flow_style or isinstance(node, yaml.ScalarNode):
        return
    assert node.start_mark.column == column
    children = [v for _, v in node.value] if isinstance(node, yaml.MappingNode) else node.value
    for child in children:
        if isinstance(child, yaml.CollectionNode) and not child.flow_style:
            _is_indented(child, column + 2)
