"""The documents follow the code: generated pages are current, manual pages are whole."""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest

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


def test_every_control_has_a_whole_manual_page() -> None:
    from governance.controls.manual import manual
    from governance.controls.registry import CONTROLS

    for control in CONTROLS:
        assert all(asdict(manual(control)).values()), control.id


def test_every_detector_has_a_whole_manual_page(generator: ModuleType) -> None:
    from governance.detectors.registry import DETECTORS

    incomplete = [
        f"{kind.__name__}: its docstring lacks {name}"
        for kind in DETECTORS
        for name in DETECTOR_SECTIONS
        if not kind.__doc__ or not generator.read_manual(kind).get(name)
    ]
    assert not incomplete, "\n".join(incomplete)


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
