"""What ``governance init`` writes: a workspace that an editor understands, and a gate for it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from governance.cli.main import app
from governance.errors import GovernanceError

LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")
FILES = {"github": ".github/workflows/governance.yml", "gitlab": ".gitlab-ci.yml"}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def _init(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["init", *arguments])
    if isinstance(done.exception, GovernanceError):
        return done.exception.exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def _policies(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.yaml"))
    assert found
    return found


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    code, said = _init("acme")
    assert (code, "governance.schema.json" in said) == (0, True)
    return tmp_path / "acme"


def test_an_editor_finds_the_schema_of_every_policy_file_and_it_holds(started: Path) -> None:
    for path in _policies(started):
        text = path.read_text(encoding="utf-8")
        line = LINE.match(text)
        assert line, f"{path} does not begin with a line for the language server"
        schema = json.loads((path.parent / line[1]).read_text(encoding="utf-8"))
        for document in yaml.load_all(text, yaml.BaseLoader):
            assert document["kind"] in schema["properties"]["kind"]["enum"]
            typed = yaml.safe_load(json.dumps(yaml.safe_load(text), default=str))
            assert not [str(each) for each in Draft202012Validator(schema).iter_errors(typed)]


def test_the_layout_keeps_the_line_for_the_editor(
    started: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in _policies(started):
        text = path.read_text(encoding="utf-8")
        untidy = text.replace("apiVersion: governance/v1\n", "apiVersion:   governance/v1\n\n\n\n")
        untidy = untidy.replace("kind:", "kind: ", 1) + "\n\n"
        path.write_text(untidy, encoding="utf-8")
    monkeypatch.chdir(started)
    done = CliRunner().invoke(app, ["policy", "fmt"])
    assert done.exit_code == 0, done.output
    for path in _policies(started):
        assert LINE.match(path.read_text(encoding="utf-8")), path


def test_the_schema_of_the_workspace_is_the_one_that_the_command_prints(started: Path) -> None:
    printed = CliRunner().invoke(app, ["policy", "schema"]).stdout
    assert (started / "governance.schema.json").read_text(encoding="utf-8") == printed


@pytest.mark.parametrize("service", FILES)
def test_the_gate_is_written_at_the_root_of_the_repository(started: Path, service: str) -> None:
    before = {path: path.read_bytes() for path in started.rglob("*") if path.is_file()}
    code, said = _init("acme", "--ci", service)
    assert (code, "GOVERNANCE_PACKAGE" in said) == (0, True), said
    gate = started.parent / FILES[service]
    text = gate.read_text(encoding="utf-8")
    assert LINE.match(text)
    assert 'WORKSPACE: "acme"' in text
    assert {path: path.read_bytes() for path in started.rglob("*") if path.is_file()} == before
    gate.write_text("mine\n", encoding="utf-8")
    code, said = _init("acme", "--ci", service)
    assert (code, "there is a file already" in said) == (2, True), said
    assert gate.read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize("service", FILES)
def test_a_gate_and_a_workspace_can_begin_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _init("--ci", service)[0] == 0
    assert 'WORKSPACE: "."' in Path(FILES[service]).read_text(encoding="utf-8")
    assert Path("governance.yaml").is_file()


def test_what_cannot_be_begun_is_refused_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    code, said = _init("--ci", "jenkins")
    assert (code, "use one of: github, gitlab" in said) == (2, True), said
    for name in ("${{ github.token }}", 'a"b', "$(id)", "-w", "a\nb"):
        (tmp_path / name).mkdir()
        code, said = _init("--ci", "github", "--", name)
        assert (code, "may take for more" in said) == (2, True), said
        assert not list((tmp_path / name).iterdir())
    assert not (tmp_path / ".github").exists()


def _check(schema: str, path: Path, *options: str) -> None:
    from check_jsonschema import main
    from click.testing import CliRunner as ClickRunner

    done = ClickRunner().invoke(main, ["--builtin-schema", f"vendor.{schema}", *options, str(path)])
    assert done.exit_code == 0, done.output


def test_what_github_and_gitlab_read_is_valid(root: Path) -> None:
    """By the schemas that GitHub and GitLab publish, as check-jsonschema carries them."""
    starters = root / "policies" / "starter" / "ci"
    _check("github-workflows", starters / "github" / FILES["github"])
    _check("gitlab-ci", starters / "gitlab" / FILES["gitlab"], "--data-transform", "gitlab-ci")
    _check("github-actions", root / "action.yml")


def test_nothing_of_a_pull_request_becomes_a_part_of_a_command(root: Path) -> None:
    """Every value reaches a shell by its environment, and every foreign action is pinned."""
    workflow = root / "policies" / "starter" / "ci" / "github" / FILES["github"]
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    action = yaml.safe_load((root / "action.yml").read_text(encoding="utf-8"))
    steps = [*jobs["gate"]["steps"], *action["runs"]["steps"]]
    assert sum("run" in step for step in steps) >= 7
    for step in steps:
        assert "${{" not in step.get("run", "")
        assert "uses" not in step or PINNED.fullmatch(step["uses"]), step


def test_the_gate_has_no_right_that_it_does_not_need(root: Path) -> None:
    path = root / "policies" / "starter" / "ci" / "github" / FILES["github"]
    workflow = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["gate"]["permissions"] == {
        "contents": "read", "pull-requests": "read", "security-events": "write",
    }  # fmt: skip
    assert "pull_request_target" not in workflow["on"]
    # NOTE: a pull request that is turned towards another branch keeps its green check otherwise.
    assert "edited" in workflow["on"]["pull_request"]["types"]
    (checkout,) = (each for each in workflow["jobs"]["gate"]["steps"]
                   if each.get("uses", "").startswith("actions/checkout@"))  # fmt: skip
    assert checkout["with"] == {"fetch-depth": "0", "persist-credentials": "false"}


def test_the_hooks_are_a_manifest_of_commands_that_exist(root: Path) -> None:
    from pre_commit.clientlib import load_manifest

    hooks = load_manifest(str(root / ".pre-commit-hooks.yaml"))
    assert [hook["id"] for hook in hooks] == [
        "governance-lint", "governance-test", "governance-codeowners",
    ]  # fmt: skip
    for hook in hooks:
        command, *arguments = hook["entry"].split()
        assert command == "governance"
        assert CliRunner().invoke(app, [*arguments, "--help"]).exit_code == 0
