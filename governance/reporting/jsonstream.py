"""Read one large JSON object piece by piece: its long lists are handed on in parts.

Items are parsed many at a time where the lines show where one ends, else each by itself; a reader
of single events (ijson) takes many times as long for a million of them.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol

Take = Callable[[dict[str, Any], list[Any]], None]
"""Called with what was read of the object so far, and the next items of the list."""


class Reads(Protocol):
    """Makes items of JSON."""

    def many(self, text: str) -> list[Any]:
        """Return the items of a whole list; ValueError where it is none, or asks for ``one``."""

    def one(self, value: Any) -> Any:  # noqa: ANN401 (JSON)
        """Return the item that a parsed value is; ValueError where it is none."""


class Plain:
    """Leaves items as they are parsed."""

    def many(self, text: str) -> list[Any]:
        """Return the items of a whole list."""
        return list(json.loads(text))

    def one(self, value: Any) -> Any:  # noqa: ANN401 (JSON)
        """Return the value itself."""
        return value


_DECODER = json.JSONDecoder()
_END = "\n    },"
"""What ends an item of a list in an object, with two spaces a level, where another follows."""
_SPACE = re.compile(r"[ \t\n\r]*")


def read_object(
    chunks: Iterable[bytes], lists: Mapping[str, Take], reads: Reads | None = None
) -> dict[str, Any]:
    """Return the object without the lists named in ``lists``, whose items go to the callbacks.

    Memory is that of the largest single item, or of what is returned.

    Args:
        chunks: UTF-8, cut anywhere. reads: What their items become; None: what they are.

    Raises:
        ValueError: If it is not one JSON object, or a key comes twice.
    """
    text, reads = _Text(chunks), reads or Plain()
    found: dict[str, Any] = {}
    text.expect("{")
    if text.peek() == "}":
        text.expect("}")
        text.end()
        return found
    while True:
        key = text.value()
        if not isinstance(key, str) or key in found:
            raise ValueError("a key comes twice, or is none")
        text.expect(":")
        take = lists.get(key)
        if take is not None and text.peek() == "[":
            found[key] = None
            _read_list(text, partial(take, found), reads)
            del found[key]
        else:
            found[key] = text.value()
        if text.separator("}"):
            text.end()
            return found


def _read_list(text: _Text, take: Callable[[list[Any]], None], reads: Reads) -> None:
    text.expect("[")
    if text.peek() == "]":
        text.expect("]")
        return
    while True:
        items = text.run(reads.many)
        take([*items, reads.one(text.value())])
        if text.separator("]"):
            return


class _Text:
    """Text that is read as far as it is needed; what was used is let go."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._chunks: Iterator[bytes] | None = iter(chunks)
        self._held = ""
        self._at = 0
        self._tried = False

    def run(self, parse: Callable[[str], list[Any]]) -> list[Any]:
        """Return the items up to the last that is seen to end, and take the comma behind it.

        A line break in JSON is never inside a text, so that a line which closes a brace as the
        items do may well end one. It is only a guess: what is cut there is taken if it is a list
        of whole items, and else none are.
        """
        self.peek()
        start = self._at
        end = -1 if self._tried else self._held.rfind(_END, start)
        if end < 0:
            return []
        cut = end + len(_END) - 1
        try:
            items = parse(f"[{self._held[start:cut]}]")
        except ValueError:
            self._tried = True
            return []
        self._at = cut + 1
        return items

    def value(self) -> Any:  # noqa: ANN401 (JSON)
        """Return the next value; raises ValueError when there is none."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise
                continue
            # NOTE: a number that ends with the text at hand may go on in the next piece.
            if end < len(self._held) or not self._more():
                self._at = end
                return value

    def peek(self) -> str:
        """Return the next character that is no space; empty at the end."""
        while True:
            space = _SPACE.match(self._held, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._more():
                return ""

    def expect(self, character: str) -> None:
        if self.peek() != character:
            raise ValueError(f"expected {character}")
        self._at += 1

    def separator(self, closing: str) -> bool:
        """Take a comma, or the closing bracket and return True."""
        found = self.peek()
        if found not in (",", closing):
            raise ValueError("expected a comma or a bracket")
        self._at += 1
        return found == closing

    def end(self) -> None:
        if self.peek():
            raise ValueError("something follows the object")

    def _more(self) -> bool:
        """Read at least as much again as is held, so that one large value stays linear."""
        if self._chunks is None:
            return False
        kept = self._held[self._at :]
        parts, size = [kept], 0
        while size <= len(kept):
            chunk = next(self._chunks, None)
            if chunk is None:
                parts.append(self._decoder.decode(b"", final=True))
                self._chunks = None
                break
            parts.append(self._decoder.decode(chunk))
            size += len(parts[-1])
        self._held, self._at, self._tried = "".join(parts), 0, False
        return True
