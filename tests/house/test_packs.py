"""Every folder of ``policies/`` loads without a fault."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.controls.registry import CONTROLS
from governance.engine.policytest import TestRequest, open_pack, run_tests
from governance.engine.workspace import open_workspace
from governance.errors import InvalidPolicyError
from governance.formats.testrun import as_text
from governance.model.policy import EffectivePolicy
from governance.model.selectors import holds
from governance.policy.workspace import load_builtin, load_workspace

POLICIES = Path(__file__).resolve().parents[2] / "policies"
FOLDERS = sorted(path for path in POLICIES.iterdir() if path.is_dir())
WORKSPACES = [path for path in FOLDERS if (path / "governance.yaml").is_file()]
PACKS = [path for path in FOLDERS if path not in WORKSPACES]
_PROJECT = "apiVersion: governance/v1\nkind: Project\nid: adopter\npacks: [{}]\n"


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.name)
def test_pack_loads_into_an_empty_workspace(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "governance.yaml").write_text(_PROJECT.format(pack.name))
    assert _load(tmp_path).files


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.name)
def test_pack_says_what_it_is_for(pack: Path) -> None:
    readme = pack / "README.md"
    assert readme.is_file(), "a pack has a README.md"
    assert readme.read_text(encoding="utf-8").startswith("# ")


TESTED = [path for path in FOLDERS if (path / "tests" / "governance.yaml").is_file()]


@pytest.mark.parametrize("pack", TESTED, ids=lambda path: path.name)
def test_pack_passes_the_tests_that_it_ships(pack: Path) -> None:
    run = run_tests(TestRequest(open_pack(pack.name), pack.name, coverage=True))
    assert run.exit_code == 0, as_text(run)


@pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda path: path.name)
def test_example_workspace_passes_its_tests(workspace: Path, tmp_path: Path) -> None:
    copy = tmp_path / workspace.name
    shutil.copytree(workspace, copy)
    run = run_tests(TestRequest(open_workspace(copy, explicit=True), coverage=True))
    assert run.exit_code == 0, as_text(run)


@pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda path: path.name)
def test_example_workspace_loads(workspace: Path, tmp_path: Path) -> None:
    copy = tmp_path / workspace.name
    shutil.copytree(workspace, copy)
    assert _load(copy).teams


def test_baseline_knows_what_every_entity_means() -> None:
    policy = load_builtin()
    unmapped = {
        f"{name}: {detector.entity}"
        for name, detector in policy.detectors.items()
        if policy.taxonomy.category_of(detector.entity) is None
    }
    assert not unmapped, f"map these in a pack's taxonomy.yaml: {sorted(unmapped)}"
    unknown = set(policy.taxonomy.entities.values()) - set(policy.taxonomy.categories)
    assert not unknown, f"categories that no taxonomy describes: {sorted(unknown)}"


def _load(root: Path) -> EffectivePolicy:
    try:
        return load_workspace(root)
    except InvalidPolicyError as faults:
        pytest.fail("\n".join(str(fault) for fault in faults.errors))


ALL = "baseline, gdpr, hipaa, pci-dss, eu-ai-act"
BEYOND_BASELINE = [path for path in PACKS if path.name != "baseline"]
LETTERS = "ABCDEFGHIJKLMNOPQR"


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> EffectivePolicy:
    root = tmp_path_factory.mktemp("together")
    (root / "governance.yaml").write_text(_PROJECT.format(ALL))
    return _load(root)


def _documents(pack: Path) -> list[dict[str, Any]]:
    texts = (path.read_text(encoding="utf-8") for path in sorted(pack.glob("*.yaml")))
    return [each for text in texts for each in yaml.safe_load_all(text)]


def test_all_packs_load_together_and_are_all_that_there_are(together: EffectivePolicy) -> None:
    assert {path.name for path in PACKS} == set(ALL.split(", "))
    prefixes = {policy.partition(".")[0] for policy in together.policies}
    assert prefixes == {path.name for path in BEYOND_BASELINE}


def test_a_pack_allows_nothing_and_takes_nothing_back(together: EffectivePolicy) -> None:
    """No allow rule, no detector that excuses a value, no word that makes data impersonal."""
    assert not [ref.id for ref in together.rules() if ref.rule.allow]
    assert not (together.grants or together.waivers)
    for ref in together.rules():
        assert ref.rule.verify.max_hits == 0 and ref.rule.verify.technique_check, ref.id
    for pack in BEYOND_BASELINE:
        for document in _documents(pack):
            for detector in document.get("detectors", {}).values():
                assert "allow" not in detector
                category = together.taxonomy.category_of(detector["entity"])
                assert together.taxonomy.is_personal(category)
            for spec in document.get("categories", {}).values():
                assert spec.get("personal") is not False and spec.get("special") is not False
            assert "regions" not in document


@pytest.mark.parametrize("pack", BEYOND_BASELINE, ids=lambda path: path.name)
def test_every_rule_of_a_pack_says_why_and_how_and_cites_what_is_listed(pack: Path) -> None:
    documents = _documents(pack)
    (references,) = [each for each in documents if each["kind"] == "References"]
    assert references["checked_on"] and len(references["checked_how"]) > 80
    listed, cited = set(references["articles"]), set[str]()
    for policy in (each for each in documents if each["kind"] == "Policy"):
        assert policy["owner"] == "none" and policy["applies_to"]["may_be_empty"] is True
        for name, rule in policy["rules"].items():
            assert rule.get("why") and rule.get("fix"), f"{policy['id']}.{name}"
            cited |= set(rule.get("references") or policy["references"])
    cited |= {each for served in references["controls"].values() for each in served}
    assert cited == listed, f"cited and not listed, or the other way round: {cited ^ listed}"
    assert set(references["controls"]) <= {control.id for control in CONTROLS}


@pytest.mark.parametrize("pack", BEYOND_BASELINE, ids=lambda path: path.name)
def test_a_pack_says_what_it_does_not_check(pack: Path) -> None:
    assert "does not check" in (pack / "README.md").read_text(encoding="utf-8")


def test_each_of_the_eighteen_identifiers_has_its_rule(together: EffectivePolicy) -> None:
    cited = {
        reference
        for ref in together.rules()
        if ref.policy.id.startswith("hipaa.safe-harbor.")
        for reference in ref.references
    }
    assert {f"hipaa:164.514(b)(2)(i)({letter})" for letter in LETTERS} <= cited
    rules = {ref.id: ref.rule for ref in together.rules()}
    assert len(rules["hipaa.safe-harbor.b-zip.three-digits"].never) == 17


def test_every_category_that_names_a_person_has_a_rule_of_safe_harbor(
    together: EffectivePolicy,
) -> None:
    """What stays out is listed here, so that a new category makes somebody decide."""
    covered = set()
    for policy in together.policies.values():
        if policy.id.startswith("hipaa.safe-harbor."):
            covered |= {
                name
                for name in together.taxonomy.categories
                if policy.applies_to.category is not None
                and holds(policy.applies_to.category, (name,), key="category")
            }
    direct = {
        name
        for name in together.taxonomy.categories
        if name.startswith(
            ("user.name", "user.government_id", "user.biometric", "user.unique_id", "user.account",
             "user.authorization", "user.contact")
        )
    } - {
        "user.contact", "user.contact.organization",
        "user.contact.address.country", "user.contact.address.state",
    }  # fmt: skip
    assert direct <= covered, sorted(direct - covered)


def test_gdpr_asks_for_a_ground_for_every_special_category(together: EffectivePolicy) -> None:
    chosen = together.policies["gdpr.special-categories"].applies_to.category
    special = {name for name in together.taxonomy.categories if together.taxonomy.is_special(name)}
    assert chosen is not None
    missed = {name for name in special if not holds(chosen, (name,), key="category")}
    assert not missed


def test_every_pack_ships_tests() -> None:
    assert {path.name for path in TESTED} >= {path.name for path in PACKS}
