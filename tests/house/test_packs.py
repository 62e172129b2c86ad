"""Every folder of ``policies/`` loads without a fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from governance.engine.policytest import TestRequest, open_pack, run_tests
from governance.engine.workspace import open_workspace
from governance.errors import InvalidPolicyError
from governance.formats.testrun import as_text
from governance.model.policy import EffectivePolicy
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
