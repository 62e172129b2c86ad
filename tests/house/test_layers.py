"""Four floors; rooms never import each other; each heavy library lives in its room."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

# Who may import what; a library that is not listed may be used anywhere.
# The demo writes example data, so it needs a writer of Parquet too.
HOMES = {
    "apprise": ("engine/scheduling",),
    "apscheduler": ("engine/scheduling",),
    "cronsim": ("engine",),
    "pyhanko": ("engine",),
    "jinja2": ("reporting",),
    "presidio_analyzer": ("detectors",),
    "pyarrow": ("sources", "detectors", "anonymity", "engine/demo"),
    "rich": ("cli", "formats"),
    "spacy": ("detectors",),
    "sqlalchemy": ("trail", "facts"),
    "sqlmodel": ("trail", "facts"),
    "tldextract": ("detectors",),
    "typer": ("cli",),
    "weasyprint": ("reporting",),
    "yaml": ("policy",),
}
# Packs are YAML: the detectors of a pack are read by the policy room alone.


def test_import_contracts_hold(shell, root: Path) -> None:
    checked = shell(str(Path(sys.executable).parent / "lint-imports"), "--no-cache", cwd=root)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_heavy_libraries_stay_in_their_rooms(root: Path) -> None:
    package = root / "governance"
    strays = [
        f"{path.relative_to(root)} imports {library}: only {', '.join(HOMES[library])} may"
        for path in sorted(package.rglob("*.py"))
        for library in sorted(set(_imported(path)) & set(HOMES))
        if not any(path.is_relative_to(package / home) for home in HOMES[library])
    ]
    assert not strays, "\n".join(strays)


def test_rooms_load_nothing_when_they_are_named(root: Path) -> None:
    rooms = sorted(path for path in (root / "governance").glob("*/__init__.py"))
    eager = [str(path.relative_to(root)) for path in rooms if set(_imported(path)) - {"__future__"}]
    assert not eager, f"these import something: {eager}"


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
