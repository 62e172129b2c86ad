"""A branch is judged by what its base says of how to judge; what it judges is the branch's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from governance.engine.yardsticks import SETTINGS, held_to
from governance.model.clearances import clearance_of
from governance.model.documents import Project
from governance.model.policy import EffectivePolicy
from governance.policy.workspace import load_workspace

HEADER = "apiVersion: governance/v1\nkind: "
BASE = {
    "governance.yaml": f"""{HEADER}Project
id: shop
timezone: Europe/Berlin
countries: [DE]
clearances: {{user:bo@example.org: internal, team:sales: public}}
review: {{cadence: 90d, access: 30d}}
limits: {{waiver_max: {{high: 30d}}, grant_max: 30d}}
gate: {{fail_on: [low]}}
""",
    "policies/team.yaml": f"""{HEADER}Team
id: sales
lead: user:ana@example.org
members:
  user:ana@example.org: {{since: 2024-01-01, clearance: internal}}
  user:bo@example.org: {{since: 2024-01-01}}
""",
    "policies/words.yaml": f"""{HEADER}Taxonomy
id: own
categories: {{user.shoe_size: {{description: the size of a shoe, personal: true}}}}
entities: {{SHOE: user.shoe_size}}
regions: {{HOME: [DE]}}
---
{HEADER}Detectors
id: shoes
detectors:
  shoe: {{entity: SHOE, patterns: {{plain: {{regex: 'EU \\d\\d', score: 0.8}}}}}}
""",
}


def _load(folder: Path, files: dict[str, str]) -> EffectivePolicy:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return load_workspace(folder)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> EffectivePolicy:
    return _load(tmp_path_factory.mktemp("base"), BASE)


def _edited(folder: Path, *pairs: tuple[str, str]) -> EffectivePolicy:
    files = dict(BASE)
    for old, new in pairs:
        (path,) = (path for path, text in files.items() if old in text)
        files[path] = files[path].replace(old, new)
    return _load(folder, files)


# What is judged, says where the documents lie that are, or is printed as it stands.
JUDGED = {"apiVersion", "kind", "id", "title", "include", "packs", "watch", "defaults",
          "organisation"}  # fmt: skip


def test_every_setting_that_judges_is_the_bases(base: EffectivePolicy) -> None:
    """A key of the Project that is new must be put on one of the two sides."""
    assert {*SETTINGS, "countries", *JUDGED} == Project.model_fields.keys()
    said = {name: object() for name in SETTINGS}
    marked = replace(base, project=base.project.model_copy(update=said))
    held = held_to(base, marked).project
    assert {name: getattr(held, name) for name in SETTINGS} == said


def test_nobody_clears_himself(base: EffectivePolicy, tmp_path: Path) -> None:
    head = _edited(
        tmp_path,
        ("user:bo@example.org: internal", "user:bo@example.org: restricted"),
        ("clearance: internal", "clearance: restricted"),
        (
            "  user:bo@example.org: {since: 2024-01-01}\n",
            "  user:bo@example.org: {since: 2024-01-01, clearance: restricted}\n"
            "  user:eve@example.org: {since: 2024-01-01, clearance: restricted}\n",
        ),
    )
    held, day = held_to(head, base), date(2026, 11, 23)
    for name, tier in (("ana", "internal"), ("bo", "internal"), ("eve", "public")):
        assert clearance_of(held, f"user:{name}@example.org", day) == tier


def test_what_is_looked_for_stays_and_may_grow(base: EffectivePolicy, tmp_path: Path) -> None:
    head = _edited(
        tmp_path,
        ("countries: [DE]", "countries: [US]"),
        ("personal: true", "personal: false"),
        ("SHOE: user.shoe_size", "SHOE: system.operations"),
        ("HOME: [DE]", "HOME: [DE, US]"),
        ("score: 0.8}}", "score: 0.1}}, allow: ['EU 42']"),
        ("detectors:\n", "detectors:\n  hat: {entity: HAT, patterns: {h: {regex: 'H\\d', "
         "score: 0.8}}}\n"),
        ("entities: {", "entities: {HAT: user.shoe_size, "),
    )  # fmt: skip
    held = held_to(head, base)
    assert held.project.countries == ("DE", "US")
    assert held.taxonomy.is_personal("user.shoe_size")
    assert held.taxonomy.category_of("SHOE") == "user.shoe_size"
    assert held.taxonomy.expand_regions(["HOME"]) == {"HOME", "DE"}
    assert held.detectors["shoe"] == base.detectors["shoe"]
    assert "hat" in held.detectors
