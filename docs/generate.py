"""Write the pages of ``docs/generated`` from the code: ``python docs/generate.py [--check]``.

With ``--check`` nothing is written; stale pages are named and the exit code is 1.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from governance.model.world import Control

GENERATED = Path(__file__).resolve().parent / "generated"
SECTIONS = ("Why", "Fails when", "Fix", "Source")
_HEADING = re.compile(rf"({'|'.join(SECTIONS)}):\s*(.*)")
_NOTE = "<!-- Written by `make docs` from the docstrings; edit those. -->"


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` compare them; return the exit code."""
    check = "--check" in arguments
    stale = []
    for name, make in PAGES.items():
        path, text = GENERATED / name, make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            GENERATED.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    for name in stale:
        sys.stdout.write(
            f"docs/generated/{name}: {'stale, run make docs' if check else 'written'}\n"
        )
    return int(check and bool(stale))


def read_manual(thing: object) -> dict[str, str]:
    """Return a docstring as its summary (key ``""``) and its sections, each as one paragraph.

    Raises:
        ValueError: If there is no docstring, or no summary.
    """
    written = inspect.cleandoc(inspect.getdoc(thing) or "")
    found: dict[str, list[str]] = {"": []}
    section = ""
    for line in written.splitlines():
        heading = _HEADING.fullmatch(line)
        if heading:
            section = heading[1]
            found[section] = [heading[2]]
        else:
            found[section].append(line.strip())
    manual = {name: " ".join(" ".join(lines).split()) for name, lines in found.items()}
    if not manual[""]:
        raise ValueError(f"{thing}: a docstring begins with its summary")
    return {name: _markdown(text) for name, text in manual.items()}


def controls_page() -> str:
    """Return the catalogue of controls."""
    from governance.controls.manual import manual
    from governance.controls.registry import CONTROLS

    pages = [manual(each) for each in CONTROLS]
    rows = [
        f"| [`{each.id}`](#{each.id}) | {each.severity.value} | {_kinds(each)} | "
        f"{_first_sentence(_markdown(page.summary))} |"
        for each, page in zip(CONTROLS, pages, strict=True)
    ]
    lines = ["# Controls", "", _NOTE, "", "| control | severity | meets | requires |"]
    lines += ["|---|---|---|---|", *rows]
    for each, page in zip(CONTROLS, pages, strict=True):
        said = zip(SECTIONS, (page.why, page.fails_when, page.fix, page.source), strict=True)
        lines += ["", f"## {each.id}", "", _markdown(page.summary), ""]
        lines += [f"- **{name}:** {_markdown(text)}" for name, text in said]
        lines += [f"- **Version:** {each.version}"]
    return "\n".join(lines) + "\n"


def detectors_page() -> str:
    """Return the detectors: those written in Python, Presidio's, and those of the packs."""
    from governance.policy.workspace import load_builtin

    taxonomy = load_builtin().taxonomy
    lines = ["# Detectors", "", _NOTE, ""]
    lines += [
        "A country in the third column means: looked for only where the project names it, or the"
    ]
    lines += ["header asks for it. What a find means follows from its entity's category.", ""]
    lines += _table("Written in Python", _python_detectors(), taxonomy.category_of)
    lines += _table("From Presidio", _presidio_detectors(), taxonomy.category_of)
    lines += _table("From the packs", _pack_detectors(), taxonomy.category_of)
    return "\n".join(lines)


def policy_schema_page() -> str:
    """Return the combined JSON Schema of the policy files."""
    from governance.policy.schema import policy_schema

    return _json(policy_schema(None))


def run_schema_page() -> str:
    """Return the JSON Schema of the run document."""
    from governance.formats.schema import RUN_SCHEMA

    return _json(RUN_SCHEMA)


PAGES: Mapping[str, Callable[[], str]] = {
    "controls.md": controls_page,
    "detectors.md": detectors_page,
    "policy-schema.json": policy_schema_page,
    "run-schema.json": run_schema_page,
}

# Id, entity, countries, what it means.
_Row = tuple[str, str, Iterable[str], str]


def _python_detectors() -> Iterator[_Row]:
    from governance.detectors.registry import DETECTORS

    for kind in DETECTORS:
        each, manual = kind(), read_manual(kind)
        said = f"{_first_sentence(manual[''])} {_capital(manual['Why'])}"
        yield each.id, each.entity, each.countries, f"{said} *Source:* {manual['Source']}"


def _presidio_detectors() -> Iterator[_Row]:
    from governance.detectors.presidio import presidio_detectors

    for each in sorted(presidio_detectors(), key=lambda each: each.id):
        yield each.id, each.entity, each.countries, "only where the header asks" * each.on_request


def _pack_detectors() -> Iterator[_Row]:
    from governance.assets import asset_folder
    from governance.policy.workspace import load_workspace

    folders = sorted(path for path in asset_folder("policies").iterdir() if path.is_dir())
    packs = [path.name for path in folders if not (path / "governance.yaml").is_file()]
    with tempfile.TemporaryDirectory() as folder:
        project = (
            f"apiVersion: governance/v1\nkind: Project\nid: docs\npacks: [{', '.join(packs)}]\n"
        )
        (Path(folder) / "governance.yaml").write_text(project, encoding="utf-8")
        detectors = load_workspace(Path(folder)).detectors
    for name, each in sorted(detectors.items()):
        kind = f" ({each.secret})" if each.secret else ""
        yield name, each.entity, each.countries, f"{each.why or ''}{kind}"


def _table(title: str, rows: Iterable[_Row], category_of: Callable[[str], str | None]) -> list[str]:
    lines = [f"## {title}", "", "| detector | entity | countries | category | meaning |"]
    lines += ["|---|---|---|---|---|"]
    for name, entity, countries, meaning in rows:
        where = ", ".join(sorted(countries)) or "all"
        category = f"`{found}`" if (found := category_of(entity)) else "none"
        said = " ".join(meaning.split()).replace("|", "\\|")
        lines.append(f"| `{name}` | `{entity}` | {where} | {category} | {said} |")
    return [*lines, ""]


def _kinds(control: Control) -> str:
    return ", ".join(sorted(kind.value for kind in control.applies_to))


def _markdown(text: str) -> str:
    return text.replace("``", "`")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


def _json(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
