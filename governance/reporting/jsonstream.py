"""Read one large JSON object piece by piece: its long lists are handed on item by item.

Each item is parsed whole by the standard decoder; a reader of single events (ijson) takes three
times as long for a million of them.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Take = Callable[[dict[str, Any], Any], None]
"""Called with what was read of the object so far, and the next item of the list."""

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


def read_object(chunks: Iterable[bytes], lists: Mapping[str, Take]) -> dict[str, Any]:
    """Return the object without the lists named in ``lists``, whose items go to the callbacks.

    Memory is that of the largest single item, or of what is returned.

    Args:
        chunks: UTF-8, cut anywhere.

    Raises:
        ValueError: If it is not one JSON object, or a key comes twice.
    """
    text = _Text(chunks)
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
            _read_list(text, found, take)
            del found[key]
        else:
            found[key] = text.value()
        if text.separator("}"):
            text.end()
            return found


def _read_list(text: _Text, found: dict[str, Any], take: Take) -> None:
    text.expect("[")
    if text.peek() == "]":
        text.expect("]")
        return
    while True:
        take(found, text.value())
        if text.separator("]"):
            return


class _Text:
    """Text that is read as far as it is needed; what was used is let go."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._chunks: Iterator[bytes] | None = iter(chunks)
        self._held = ""
        self._at = 0

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
        self._held, self._at = "".join(parts), 0
        return True
