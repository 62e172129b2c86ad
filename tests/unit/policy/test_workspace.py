"""A small valid organisation: what holds in the end, and where each value comes from."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from governance.errors import InvalidPolicyError
from governance.model.ladders import Classification, Duration, State
from governance.model.policy import EffectivePolicy
from governance.policy.workspace import find_workspace, load_builtin, load_workspace

ACME = Path(__file__).resolve().parents[2] / "cases" / "policies" / "valid" / "acme"
_ENDING = "no pattern reads this file: 'policies/**/*.yaml' asks for the ending .yaml"
_AWAY = "remove it, or move it elsewhere"
PROJECT = "apiVersion: governance/v1\nkind: Project\nid: tiny\n"


@pytest.fixture
def acme() -> EffectivePolicy:
    return load_workspace(ACME)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    (tmp_path / "governance.yaml").write_text(PROJECT)
    (tmp_path / "policies").mkdir()
    return tmp_path


def test_nearest_default_wins_and_says_so(acme: EffectivePolicy) -> None:
    dataset = acme.datasets["sales.orders"]
    assert (dataset.owner, dataset.classification) == ("team:sales", Classification.CONFIDENTIAL)
    origin = acme.origin("Dataset", "sales.orders", "owner")
    assert origin is not None
    assert origin.via == "inherited from policies/sales/_defaults.yaml"
    assert str(origin.position) == "policies/sales/_defaults.yaml:3:11"


def test_dataset_tightens_what_it_inherits(acme: EffectivePolicy) -> None:
    dataset = acme.datasets["sales.orders"]
    assert dataset.residency == ("DE", "IE")
    assert dataset.retention is not None
    assert dataset.retention.max_age == Duration.parse("1y")
    assert dataset.retention.then == "anonymise", "what the dataset leaves unsaid comes from above"
    origin = acme.origin("Dataset", "sales.orders", "residency")
    assert origin is not None
    assert origin.via == "declared"


def test_field_inherits_the_classification_of_its_dataset(acme: EffectivePolicy) -> None:
    fields = acme.datasets["sales.orders"].fields
    assert fields["order_id"].classification is Classification.CONFIDENTIAL
    assert fields["customer_email"].classification is Classification.RESTRICTED
    assert fields["customer_email"].state == {"export": State.PSEUDONYMISED}
    origin = acme.origin("Dataset", "sales.orders", "fields.order_id.classification")
    assert origin is not None
    assert origin.via == "inherited from Dataset sales.orders"


def test_text_stays_text_and_dates_become_dates(acme: EffectivePolicy) -> None:
    model = acme.models["churn"]
    assert model.version == "1.10"
    assert model.training == {"dataset:sales.orders": "2026-01-01"}
    assert model.trained_on == date(2026, 1, 10)
    assert acme.project.countries == ("DE", "NO", "US")


def test_workspace_says_a_purpose_in_its_own_words(acme: EffectivePolicy) -> None:
    assert acme.taxonomy.purposes["billing"] == "What Acme calls billing"
    assert "marketing.advertising" in acme.taxonomy.purposes
    assert acme.taxonomy.category_of("LOYALTY_NUMBER") == "user.unique_id.loyalty_number"
    assert acme.taxonomy.is_personal("user.unique_id.loyalty_number")


def test_files_carry_the_digest_of_their_bytes(acme: EffectivePolicy) -> None:
    digests = {file.path: file.sha256 for file in acme.files}
    expected = hashlib.sha256((ACME / "governance.yaml").read_bytes()).hexdigest()
    assert digests["governance.yaml"] == expected
    assert "pack:gdpr/rules.yaml" in digests


def test_moving_a_document_keeps_the_digest_and_a_changed_word_does_not(tmp_path: Path) -> None:
    before = load_workspace(ACME).digest
    shutil.copytree(ACME, tmp_path, dirs_exist_ok=True)
    (tmp_path / "policies" / "people").mkdir()
    teams = tmp_path / "policies" / "teams.yaml"
    teams.rename(tmp_path / "policies" / "people" / "all.yaml")
    assert load_workspace(tmp_path).digest == before
    rules = tmp_path / "policies" / "rules.yaml"
    rules.write_text(rules.read_text().replace("max_hits: 0", "max_hits: 1"))
    assert load_workspace(tmp_path).digest != before


def test_builtin_policy_has_words_and_no_rules() -> None:
    policy = load_builtin()
    assert policy.project.id == "adhoc"
    assert policy.rules() == ()
    assert len(policy.taxonomy.regions["EU"]) == 27
    assert len(policy.taxonomy.regions["EEA"]) == 30
    assert policy.taxonomy.is_special("user.demographic.religious_belief")
    assert not policy.taxonomy.is_personal("system.operations.time")


def test_workspace_is_found_from_below(tiny: Path) -> None:
    below = tiny / "data" / "deep"
    below.mkdir(parents=True)
    assert find_workspace(below) == tiny.resolve()


def test_folder_without_project_file_is_refused(tmp_path: Path) -> None:
    assert _problems(tmp_path) == [f"not found in {tmp_path}"]


def test_link_that_leaves_the_workspace_is_not_read(
    tiny: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "team.yaml"
    outside.write_text("apiVersion: governance/v1\nkind: Team\nid: x\nlead: user:a@example.org\n")
    (tiny / "policies" / "team.yaml").symlink_to(outside)
    assert _problems(tiny) == ["'policies/team.yaml' is a link that leaves the workspace"]


def test_what_looks_like_a_policy_file_and_is_not_read_is_told(tiny: Path) -> None:
    policies = tiny / "policies"
    (policies / "deep").mkdir()
    (policies / "deep" / "old.yml").write_text(PROJECT)
    (policies / "LOUD.YAML").write_text("a: b\n")
    os.mkfifo(policies / "pipe.yaml")
    (policies / "folder.yaml").mkdir()
    (policies / "gone.yaml").symlink_to(policies / "nowhere")
    (policies / "linked").symlink_to(policies / "deep")
    (policies / "notes.txt").write_text("a: b\n")
    with pytest.raises(InvalidPolicyError) as caught:
        load_workspace(tiny)
    told = {error.where: (error.problem, error.remedy) for error in caught.value.errors}
    assert told == {
        "policies/LOUD.YAML:1:1": (_ENDING, "rename it so that it ends in .yaml"),
        "policies/deep/old.yml:1:1": (_ENDING, "rename it so that it ends in .yaml"),
        "policies/folder.yaml:1:1": ("a folder, and no file of policies", _AWAY),
        "policies/gone.yaml:1:1": ("a link to nothing, and no file of policies", _AWAY),
        "policies/linked:1:1": (
            "a link to a folder, which no pattern follows",
            "move the folder here in place of the link",
        ),
        "policies/pipe.yaml:1:1": (
            "a pipe, a socket or a device, and no file of policies",
            _AWAY,
        ),
    }


def test_a_pattern_of_its_own_reads_the_other_ending_and_foreign_files_may_lie_there(
    tiny: Path,
) -> None:
    team = "apiVersion: governance/v1\nkind: Team\nid: x\nlead: user:a@example.org\n"
    (tiny / "governance.yaml").write_text(PROJECT + "include: [policies/*.yaml, policies/t.yml]\n")
    (tiny / "policies" / "a.yaml").write_text(team)
    (tiny / "policies" / "t.yml").write_text(team.replace("id: x", "id: y"))
    (tiny / "policies" / "compose.yml").write_text("services: {}\n")
    assert set(load_workspace(tiny).teams) == {"x", "y"}
    (tiny / "policies" / "u.yml").write_text(team.replace("id: x", "id: z"))
    assert _problems(tiny) == [_ENDING.replace("**/*", "*")]


def test_defaults_apply_even_where_include_does_not_name_them(tiny: Path) -> None:
    (tiny / "governance.yaml").write_text(PROJECT + "include: [policies/orders.yaml]\n")
    (tiny / "policies" / "orders.yaml").write_text(
        "apiVersion: governance/v1\nkind: Dataset\nid: orders\n"
    )
    (tiny / "policies" / "_defaults.yaml").write_text(
        "apiVersion: governance/v1\nkind: Defaults\ndataset: {classification: restricted}\n"
    )
    assert load_workspace(tiny).datasets["orders"].classification is Classification.RESTRICTED


def test_waiver_control_is_unchecked_when_nobody_knows_the_controls(tiny: Path) -> None:
    shutil.copytree(ACME, tiny, dirs_exist_ok=True)
    assert load_workspace(tiny).waivers
    with pytest.raises(InvalidPolicyError) as caught:
        load_workspace(tiny, known_controls=frozenset({"pii-declared"}))
    assert [error.problem for error in caught.value.errors] == ["unknown control 'retention-kept'"]


def _problems(root: Path) -> list[str]:
    with pytest.raises(InvalidPolicyError) as caught:
        load_workspace(root)
    return [error.problem for error in caught.value.errors]
