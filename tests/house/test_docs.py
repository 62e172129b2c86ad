"""The documents follow the code: generated pages are current, manual pages are whole."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

CONTROL_SECTIONS = ("Why", "Fails when", "Fix", "Source")
DETECTOR_SECTIONS = ("Why", "Source")


@pytest.fixture(scope="module")
def generator(root: Path) -> ModuleType:
    """Return ``docs/generate.py`` as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", root / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_current(root: Path, shell) -> None:
    ended = shell(sys.executable, str(root / "docs" / "generate.py"), "--check")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_control_has_a_whole_manual_page(generator: ModuleType) -> None:
    from governance.controls.registry import CONTROLS

    _whole(generator, CONTROLS, CONTROL_SECTIONS)


def test_every_detector_has_a_whole_manual_page(generator: ModuleType) -> None:
    from governance.detectors.registry import DETECTORS

    _whole(generator, DETECTORS, DETECTOR_SECTIONS)


def test_manual_page_is_read_into_paragraphs(generator: ModuleType) -> None:
    class Sample:
        """What it asks for,
        in two lines.

        Why:
            Because ``x``
            matters.
        Source: a law.
        """

    manual = generator.read_manual(Sample)
    assert manual == {
        "": "What it asks for, in two lines.", "Why": "Because `x` matters.", "Source": "a law."
    }  # fmt: skip


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    pages = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken, "\n".join(broken)


def _whole(generator: ModuleType, things: tuple, sections: tuple[str, ...]) -> None:
    incomplete = []
    for thing in things:
        kind = thing if inspect.isclass(thing) else type(thing)
        manual = generator.read_manual(kind)
        missing = [name for name in sections if not manual.get(name)]
        if missing or not kind.__doc__:
            incomplete.append(f"{kind.__name__}: its docstring lacks {', '.join(missing)}")
    assert not incomplete, "\n".join(incomplete)
