"""Plain values as YAML that every parser reads alike, whichever version it follows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from governance.policy.nodes import Path

# Plain scalars that no version of YAML reads as anything but text.
_PLAIN = re.compile(
    r"[A-Za-z_/](?:[A-Za-z0-9_./@+=-]|:(?=[A-Za-z0-9_/]))*(?: [A-Za-z0-9_./@+=(),;-]+)*"
    r"|[0-9]{1,6}[ymwd]"
)
_TAKEN = re.compile(r"(?i)true|false|yes|no|on|off|null|y|n|[-+]?\.?(inf|nan)")
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_WIDTH = 96


def to_yaml(value: Mapping[str, Any], notes: Mapping[Path, str] | None = None) -> str:
    """Return one document of a map of texts, numbers, days, truth values, lists and maps.

    Args:
        notes: A comment for the line of the key or item at a path.
    """
    lines = list(_Writer(notes or {}).mapping(value, (), 0))
    return "".join(f"{line}\n" for line in lines)


def scalar(value: object, *, in_flow: bool = False) -> str:
    """Return a single value on one line, quoted where a parser could misread it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    is_plain = _PLAIN.fullmatch(text) and not _TAKEN.fullmatch(text)
    if is_plain and not (in_flow and "," in text):
        return text
    return _UNSAFE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


class _Writer:
    def __init__(self, notes: Mapping[Path, str]) -> None:
        self._notes = notes
        self._noted_below = {path[:depth] for path in notes for depth in range(len(path))}

    def mapping(self, value: Mapping[str, Any], path: Path, indent: int) -> Iterator[str]:
        for key, item in value.items():
            yield from self._entry(f"{scalar(key)}:", item, (*path, key), indent)

    def _sequence(self, value: Sequence[Any], path: Path, indent: int) -> Iterator[str]:
        for index, item in enumerate(value):
            inner = (*path, index)
            if isinstance(item, Mapping) and item:
                lines = list(self.mapping(item, inner, indent + 2))
                yield f"{' ' * indent}- {lines[0].lstrip()}"
                yield from lines[1:]
            else:
                yield from self._entry("-", item, inner, indent)

    def _entry(self, lead: str, value: Any, path: Path, indent: int) -> Iterator[str]:  # noqa: ANN401
        start = f"{' ' * indent}{lead}"
        note = f"  # {self._notes[path]}" if path in self._notes else ""
        flow = None if path in self._noted_below else _flow(value, _WIDTH - len(start) - len(note))
        if flow is not None:
            yield f"{start} {flow}{note}"
        elif isinstance(value, Mapping):
            yield f"{start}{note}"
            yield from self.mapping(value, path, indent + 2)
        elif isinstance(value, list | tuple):
            yield f"{start}{note}"
            yield from self._sequence(value, path, indent + 2)
        else:
            block = _block(str(value), indent + 2) if isinstance(value, str) else None
            if block:
                yield f"{start} {block[0]}{note}"
                yield from block[1:]
            else:
                yield f"{start} {scalar(value)}{note}"


def _flow(value: Any, width: int) -> str | None:  # noqa: ANN401
    """Return a short list or map of single values on one line, or None."""
    if isinstance(value, list | tuple):
        if any(isinstance(item, Mapping | list | tuple) for item in value):
            return None
        shown = f"[{', '.join(scalar(item, in_flow=True) for item in value)}]"
    elif isinstance(value, Mapping):
        if any(isinstance(item, Mapping | list | tuple) for item in value.values()):
            return None
        pairs = (f"{scalar(key)}: {scalar(item, in_flow=True)}" for key, item in value.items())
        shown = f"{{{', '.join(pairs)}}}"
    else:
        return None
    return shown if len(shown) <= width or not value else None


def _block(text: str, indent: int) -> list[str] | None:
    """Return a text of several lines as a literal block, or None where it would not survive."""
    body = text.removesuffix("\n")
    rows = body.split("\n")
    is_safe = (
        len(rows) > 1
        and bool(rows[0].strip())
        and bool(rows[-1].strip())
        and rows[0][0] not in " \t"
        and all(row == row.rstrip() for row in rows)
        and not re.search("[\x00-\x09\x0b-\x1f]", body)
        and not _UNSAFE.search(body)
    )
    if not is_safe:
        return None
    head = "|" if text.endswith("\n") else "|-"
    return [head, *(f"{' ' * indent}{row}" if row else "" for row in rows)]
