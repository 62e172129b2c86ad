"""The baseline speaks the keys of the Fides taxonomy, so that files can be exchanged."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from governance.model.taxonomy import TaxonomyIndex
from governance.policy.workspace import load_builtin, load_workspace

CASES = Path(__file__).resolve().parents[2] / "cases" / "taxonomy"
FIDES: dict[str, dict[str, str | None]] = yaml.safe_load(
    (CASES / "fideslang-3.1.4.yaml").read_text(encoding="utf-8")
)
BASELINE = Path(__file__).resolve().parents[3] / "policies" / "baseline"


@pytest.fixture(scope="module")
def taxonomy() -> TaxonomyIndex:
    return load_builtin().taxonomy


@pytest.mark.parametrize("part", sorted(FIDES))
def test_every_key_of_fides_resolves_with_its_parent(part: str, taxonomy: TaxonomyIndex) -> None:
    known = getattr(taxonomy, part)
    missing = {key for key in FIDES[part] if key not in known}
    assert not missing
    for key, parent in FIDES[part].items():
        assert parent is None or (parent in known and key.rpartition(".")[0] == parent)


def test_our_own_keys_stand_apart_from_those_of_fides() -> None:
    """The file that names fideslang as its source holds all of its keys and no other."""
    theirs = yaml.safe_load((BASELINE / "taxonomy.yaml").read_text(encoding="utf-8"))
    assert "fideslang 3.1.4" in theirs["source"]
    assert theirs["checked_on"]
    for part, keys in FIDES.items():
        assert set(theirs[part]) == set(keys)


def test_every_key_has_its_parent_described(taxonomy: TaxonomyIndex) -> None:
    for known in (taxonomy.categories, taxonomy.purposes):
        orphans = {key for key in known if "." in key and key.rpartition(".")[0] not in known}
        assert not orphans


def test_what_names_a_person_is_personal_and_art_9_is_special(taxonomy: TaxonomyIndex) -> None:
    assert all(taxonomy.is_personal(key) for key in taxonomy.categories if key.startswith("user"))
    assert not any(taxonomy.is_personal(key) for key in taxonomy.categories if key[:4] != "user")
    for key in ("user.biometric.retinal", "user.authorization.biometric", "user.biometric.health"):
        assert taxonomy.is_special(key)


def test_a_workspace_says_whose_data_it_is_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "governance.yaml").write_text(
        "apiVersion: governance/v1\nkind: Project\nid: own\n"
        "---\napiVersion: governance/v1\nkind: Taxonomy\nid: own\n"
        "subjects: {patient: Somebody in our wards, donor: Somebody who gave blood}\n"
    )
    subjects = load_workspace(tmp_path).taxonomy.subjects
    assert subjects["patient"] == "Somebody in our wards"
    assert {"donor", "customer"} <= subjects.keys()
