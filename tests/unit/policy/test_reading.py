"""What the strict reader takes, and what it refuses."""

from __future__ import annotations

import pytest
import yaml

from governance.policy import reading
from governance.policy.nodes import Scalar, find
from governance.policy.reading import MAX_BYTES, MAX_DEPTH, read_documents


def test_file_larger_than_a_megabyte_is_refused_unread() -> None:
    content = read_documents("big.yaml", b"a: b\n" + b"#" * MAX_BYTES)
    assert [fault.problem for fault in content.faults] == ["the file is larger than 1 MB"]
    assert not content.complete


def test_fifty_levels_are_read_and_one_more_is_not() -> None:
    levels = MAX_DEPTH - 1
    deepest = f"a: {'[' * levels}x{']' * levels}\n"
    assert read_documents("deep.yaml", deepest.encode()).faults == ()
    deeper = f"a: {'[' * (levels + 1)}x{']' * (levels + 1)}\n"
    assert len(read_documents("deep.yaml", deeper.encode()).faults) == 1


def test_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    content = read_documents("dos.yaml", b"\xef\xbb\xbfa: b\r\nc: d\r\n")
    assert content.faults == ()
    assert str(find(content.documents[0], ("c",)).key) == "dos.yaml:2:1"


@pytest.mark.parametrize(
    "word", ["NO", "yes", "1.10", "2024-01-01", "0x10", "1_000", "12:30", ".5"]
)
def test_scalars_keep_their_spelling(word: str) -> None:
    content = read_documents("a.yaml", f"key: {word}\n".encode())
    node = find(content.documents[0], ("key",)).node
    assert isinstance(node, Scalar)
    assert (node.text, node.plain) == (word, True)


def test_positions_do_not_depend_on_the_parser_that_is_installed() -> None:
    text = "a: {b: [c, 'd'], ü: e}\n---\nf:\n  - g\n  - h: i\n"
    marks = [
        [
            (type(event), event.start_mark.line, event.start_mark.column)
            for event in _starts(loader, text)
        ]
        for loader in (reading.YAML_LOADER, yaml.SafeLoader)
    ]
    assert marks[0] == marks[1]


def _starts(loader: object, text: str) -> list[yaml.Event]:
    wanted = (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)
    return [event for event in yaml.parse(text, Loader=loader) if isinstance(event, wanted)]
