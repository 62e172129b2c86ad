"""What the linters cannot say: lengths, words that do not belong, names to avoid."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

LONGEST_FILE = 300
# One file because it is handed to others: what it verifies, it verifies without us.
LONGER = {"governance/trail/verify_trail.py": 399}
LONGEST_FUNCTION = 50
_TEXT_SUFFIXES = {
    ".cfg", ".css", ".csv", ".html", ".j2", ".json", ".jsonl", ".md", ".py", ".sh", ".sql", ".svg",
    ".toml", ".txt", ".xml", ".yaml", ".yml", "",
}  # fmt: skip
# Spelled in pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "an issue number": re.compile(r"\b(?:issues?|closes|fixes|refs?|see)[ ]#?\b\d{1,4}\b", re.I),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|home/\w+|Users/\w+)/"),
    "a package index": re.compile(r"(?:extra-)?index" + r"-url|trusted" + r"-host", re.I),
    "a tool's signature": re.compile(r"co-authored" + r"-by|generated" + r" by an? ai\b", re.I),
}  # fmt: skip
_AVOIDED = re.compile(r"(?:Manager|Helper|Helpers|Util|Utils|Impl|Violation|Issue)$|^Data$|^Info$")


def test_files_are_short_enough_to_read(root: Path) -> None:
    long = [
        f"{path.relative_to(root)}: {lines} lines"
        for path in sorted((root / "governance").rglob("*.py"))
        if (lines := path.read_text(encoding="utf-8").count("\n"))
        > LONGER.get(str(path.relative_to(root)), LONGEST_FILE)
    ]
    assert not long, "\n".join(long)


def test_functions_are_short_enough_to_read(root: Path) -> None:
    long = [
        f"{path.relative_to(root)}:{node.lineno} {node.name}: {length} lines"
        for path, node in _definitions(root)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _code_lines(node)) > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_class_names_avoid_the_empty_words(root: Path) -> None:
    named = [
        f"{path.relative_to(root)}:{node.lineno} {node.name}"
        for path, node in _definitions(root)
        if isinstance(node, ast.ClassDef) and _AVOIDED.search(node.name)
    ]
    assert not named, f"see docs/glossary.md: {named}"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_names(what: str, tracked: tuple[Path, ...], root: Path) -> None:
    found = [
        f"{path.relative_to(root)}:{number}: {match.group()}"
        for path in tracked
        if path.suffix in _TEXT_SUFFIXES and path != Path(__file__).resolve()
        for number, line in enumerate(_lines(path), start=1)
        if (match := FORBIDDEN[what].search(line))
    ]
    assert not found, "\n".join(found)


def test_forbidden_patterns_would_be_seen() -> None:
    samples = [
        "see issue 12",
        "/work" + "/main/x.py",
        "--index" + "-url x",
        "Co-authored" + "-by: x",
    ]
    for pattern, sample in zip(FORBIDDEN.values(), samples, strict=True):
        assert pattern.search(sample)


def _definitions(root: Path) -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted((root / "governance").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield path, node


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    total = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
