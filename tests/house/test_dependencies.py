"""Every import is declared, every declaration has a tested version, none has an address."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.+!]+)")
# Imported for the sake of another library; it comes with the one named.
COMES_WITH = {
    "regex": "presidio-analyzer",
    "sqlalchemy": "sqlmodel",
    "tldextract": "presidio-analyzer",
}
# An extra, which need not be installed.
COMES_WITH |= {"pyhanko": "pyhanko"}
COMES_WITH |= {"click": "typer", "markupsafe": "jinja2", "spacy": "presidio-analyzer"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins(root: Path) -> dict[str, str]:
    pins = {}
    for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines():
        stated = line.partition("#")[0].partition(";")[0].strip()
        if stated:
            match = _PIN.fullmatch(stated)
            assert match, f"constraints.txt: not an exact version, or an address: {stated}"
            pins[_normal(match[1])] = match[2]
    return pins


def test_every_dependency_has_a_tested_version(project: dict, pins: dict[str, str]) -> None:
    declared = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    assert not sorted({_name(each) for each in declared} - set(pins))


def test_every_lower_bound_has_its_reason(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("dependencies = [", 1)[1].split("\n]", 1)[0]
    bare = [line.strip() for line in block.splitlines() if ">=" in line and "#" not in line]
    assert not bare


def test_every_import_is_declared(project: dict, root: Path) -> None:
    extras = chain.from_iterable(project["project"]["optional-dependencies"].values())
    declared = {_name(each) for each in (*project["project"]["dependencies"], *extras)}
    owners = packages_distributions()
    missing = {
        f"{path.relative_to(root)}: {module}"
        for path in (root / "governance").rglob("*.py")
        for module in _imports(path) - set(sys.stdlib_module_names) - {"governance"}
        if not {_normal(owner) for owner in owners.get(module, [])} & declared
        and COMES_WITH.get(module) not in declared
    }
    assert not missing, "\n".join(sorted(missing))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match
    return _normal(match.group())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
