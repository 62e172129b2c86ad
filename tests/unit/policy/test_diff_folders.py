"""Defaults of a folder are compared too where no dataset of today inherits them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from governance.policy.comparison.change import Change
from governance.policy.diff import compare
from governance.policy.workspace import load_workspace

HEADER = "apiVersion: governance/v1\nkind: "
FILES = {
    "governance.yaml": f"{HEADER}Project\nid: shop\ncountries: [DE]\n"
    "defaults: {dataset: {classification: internal}}\n",
    "policies/team.yaml": f"{HEADER}Team\nid: sales\nlead: user:ana@example.org\n"
    "members: {user:ana@example.org: {since: 2024-01-01}}\n",
    "policies/rules.yaml": f"{HEADER}Policy\nid: all\nowner: team:privacy\nseverity: low\n"
    "rules: {owned: {require: [owner]}}\n",
    # No dataset lies here yet, only the team that will own what comes.
    "policies/hr/team.yaml": f"{HEADER}Team\nid: privacy\nlead: user:kim@example.org\n"
    "members: {user:kim@example.org: {since: 2024-01-01}}\n",
    "policies/hr/_defaults.yaml": f"{HEADER}Defaults\n"
    "dataset: {classification: confidential, residency: [DE], "
    "retention: {max_age: 1y, then: delete}}\n",
}
DATASET = (
    f"{HEADER}Dataset\nid: staff\ntitle: Staff\nowner: team:sales\nclassification: restricted\n"
    "residency: [DE]\nretention: {max_age: 6m, then: delete}\n"
    "locations: {here: {path: data/staff.csv}}\nfields: {id: {category: system.operations}}\n"
)
DEFAULTS = "policies/hr/_defaults.yaml"


def _changes(tmp_path: Path, before: dict[str, str], after: dict[str, str]) -> list[Change]:
    loaded = []
    for name, files in (("base", before), ("head", after)):
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text, encoding="utf-8")
        loaded.append(load_workspace(tmp_path / name))
    return list(compare(loaded[0], loaded[1], day=date(2026, 11, 23)))


def _with(old: str, new: str) -> dict[str, str]:
    assert old in FILES[DEFAULTS]
    return FILES | {DEFAULTS: FILES[DEFAULTS].replace(old, new)}


@pytest.mark.parametrize(
    ("old", "new", "weaker"),
    [
        ("confidential", "internal", "changes the classification from confidential to internal"),
        ("[DE]", "[DE, US]", "adds US to the residency"),
        ("residency: [DE], ", "", "takes DE from the residency"),
        ("1y", "2y", "changes the longest age of rows of the retention from 1y to 2y"),
        ("delete", "archive", "changes the end of rows too old of the retention"),
    ],
)  # fmt: skip
def test_a_default_that_nobody_inherits_is_told_in_both_directions(
    tmp_path: Path, old: str, new: str, weaker: str
) -> None:
    (there,) = _changes(tmp_path / "there", FILES, _with(old, new))
    assert there.direction == "weaker", there
    assert there.sentence.startswith(f"Defaults {DEFAULTS} ")
    assert weaker in there.sentence
    assert there.approvers == ("team:privacy",)
    assert there.base and there.base.file == DEFAULTS
    (back,) = _changes(tmp_path / "back", _with(old, new), FILES)
    assert back.direction == "stronger", back


def test_a_file_of_defaults_that_goes_is_told_key_by_key(tmp_path: Path) -> None:
    gone = {path: text for path, text in FILES.items() if path != DEFAULTS}
    found = _changes(tmp_path, FILES, gone)
    assert {each.path for each in found} == {"classification", "residency", "retention"}
    assert {each.direction for each in found} == {"weaker"}


def test_a_dataset_that_says_more_itself_does_not_hide_it(tmp_path: Path) -> None:
    """The dataset of today keeps all it has; the next one in the folder would not."""
    staff = {"policies/hr/staff.yaml": DATASET}
    (found,) = _changes(tmp_path, FILES | staff, _with("[DE]", "[DE, US]") | staff)
    assert (found.kind, found.direction) == ("Defaults", "weaker")
    assert found.assets == ("staff",)
    assert found.approvers == ("team:sales",)


def test_a_folder_that_is_renamed_and_a_default_that_moves_up_change_nothing(
    tmp_path: Path,
) -> None:
    renamed = {path.replace("/hr/", "/people/"): text for path, text in FILES.items()}
    assert not _changes(tmp_path / "renamed", FILES, renamed)
    up = {path: text for path, text in FILES.items() if path != DEFAULTS}
    up["policies/_defaults.yaml"] = FILES[DEFAULTS]
    found = _changes(tmp_path / "up", FILES, up)
    assert {each.direction for each in found} <= {"stronger"}


def test_a_folder_may_not_be_emptied_to_lose_its_defaults(tmp_path: Path) -> None:
    moved = {path: text for path, text in FILES.items() if path != DEFAULTS}
    moved["policies/privacy.yaml"] = moved.pop("policies/hr/team.yaml")
    found = _changes(tmp_path, FILES, moved)
    assert {each.direction for each in found} == {"weaker"}
