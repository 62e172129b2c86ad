"""The gate in build services: the steps that ship, run as a runner runs them.

The expressions of a step's environment are filled in as the service would; its shell text is run
as it stands, with the options that the runner gives the shell.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.test_approvals_github import ANA, _git, _head
from tests.e2e.test_exit_codes import DATASET, GOVERNANCE, PROJECT, ROWS
from tests.e2e.test_policy_diff import _amended_by_eve
from tests.github_api import TOKEN, GitHub, event, queue_event, serving

pytestmark = [pytest.mark.slow, pytest.mark.network]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
PROJECT_MORE = "gate: {facts: facts.jsonl}\nlimits: {grant_max: 365d}\n"
ACCESS = """\
apiVersion: governance/v1
kind: Policy
id: orders-access
owner: team:sales
severity: high
rules:
  sales-read: {allow: [read], to: team:sales, for: essential}
---
apiVersion: governance/v1
kind: Pipeline
id: shop-api
owner: team:sales
purpose: essential
reads: [dataset:orders]
logs:
  access:
    type: access
    path: logs/access.jsonl
    fields: {at: ts, who: user, action: op, asset: on, purpose: why}
"""
READ = (
    '{"ts": "2026-11-02T09:00:00Z", "user": "ana@example.org", "op": "read", "on": "orders", '
    '"why": "essential"}\n'
)
TESTS = """\
apiVersion: governance/v1
kind: PolicyTest
id: gate
title: the gate
now: 2026-01-01T12:00
changes:
  longer-grants: {kind: Project, set: {limits.grant_max: 10y}, direction: weaker}
"""
CONTACTS = "contacts: {email: sales@example.org, "


@pytest.fixture(scope="module")
def main(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository whose main branch was scanned, with the facts committed."""
    folder = tmp_path_factory.mktemp("ci") / "shop"
    for name, text in {
        "governance.yaml": PROJECT + PROJECT_MORE,
        "policies/team.yaml": ANA.replace(CONTACTS, f'{CONTACTS}github: "@acme/sales", '),
        "policies/orders.yaml": DATASET,
        "policies/access.yaml": ACCESS,
        "policies/tests.yaml": TESTS,
        "logs/access.jsonl": READ,
        "data/orders.csv": ROWS,
        ".gitignore": ".governance/\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    _git(folder, "init", "-q", "-b", "main")
    for command in (("scan", "-q"), ("facts", "export", "-o", "facts.jsonl")):
        subprocess.run([GOVERNANCE, *command], cwd=folder, capture_output=True, check=False)
    assert (folder / "facts.jsonl").is_file()
    shutil.rmtree(folder / ".governance")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "the shop")
    _git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    _git(folder, "checkout", "-qb", "change")
    return folder


@pytest.fixture
def pull(main: Path, tmp_path: Path) -> Path:
    shutil.copytree(main, tmp_path / "shop")
    return tmp_path / "shop"


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    with serving() as server:
        yield server


class Runner:
    """What a runner of GitHub gives each step: files for outputs and summaries, an environment."""

    def __init__(
        self, checkout: Path, folder: Path, said: Mapping[str, Any], **inputs: str
    ) -> None:
        self.checkout = checkout
        self.folder = folder
        self.known = {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        target = said.get("pull_request", {}).get("base", {}).get("ref", "")
        queued_on = said.get("merge_group", {}).get("base_sha", "")
        target_branch = "format('origin/{0}', github.event.pull_request.base.ref)"
        self.known |= {
            "github.event.pull_request.base.ref": target,
            "github.event.merge_group.base_sha": queued_on,
            f"github.event.merge_group.base_sha || {target_branch}": queued_on
            or f"origin/{target}",
            "github.token": TOKEN,
            "github.action_path": str(Path(__file__).parents[2]),
            "runner.temp": str(folder),
            "vars.GOVERNANCE_FACTS": "",
            "vars.GOVERNANCE_PACKAGE": "",
        }
        (folder / "event.json").write_text(json.dumps(said), encoding="utf-8")

    def filled(self, text: str) -> str:
        return EXPRESSION.sub(lambda found: self.known[found[1]], text)

    def run(self, step: Mapping[str, Any], *, env: Mapping[str, str]) -> tuple[int, str]:
        """Run a step's shell text; the default shell of a workflow knows no pipefail."""
        own = {name: self.filled(value) for name, value in step.get("env", {}).items()}
        bin_folder = str(Path(GOVERNANCE).parent)
        setting = {
            "PATH": os.pathsep.join([bin_folder, "/usr/bin", "/bin"]),
            "HOME": str(self.folder),
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / f"summary-{step['name'][:12]}"),
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_SHA": _head(self.checkout),
        }
        script = self.folder / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
        command = shell if step.get("shell") else ["bash", "-e"]
        done = subprocess.run(
            [*command, str(script)], cwd=self.checkout, env=setting | dict(env) | own,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stdout
        assert TOKEN not in done.stdout
        return done.returncode, done.stdout

    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "output").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


def _action(root: Path) -> dict[str, Any]:
    action: dict[str, Any] = yaml.safe_load((root / "action.yml").read_text(encoding="utf-8"))
    return action


def _used(
    root: Path, pull: Path, folder: Path, github: GitHub,
    said: dict[str, Any] | None = None, **inputs: str,
) -> tuple[int, Runner]:  # fmt: skip
    """Return how the action ended in a checkout; what it installs is this checkout."""
    action = _action(root)
    given = {name.replace("-", "_"): told["default"] for name, told in action["inputs"].items()}
    folder.mkdir()
    runner = Runner(pull, folder, said or event(_head(pull)), **given | {"token": TOKEN} | inputs)
    (folder / "governance" / "bin").mkdir(parents=True)
    (folder / "governance" / "bin" / "governance").symlink_to(GOVERNANCE)
    (step,) = (each for each in action["runs"]["steps"] if each.get("id") == "gate")
    code, runner.said = runner.run(step, env={"GITHUB_API_URL": github.url})
    assert runner.outputs()["exit-code"] == str(code)
    return code, runner


def _edited(pull: Path, before: str, after: str) -> None:
    path = pull / "policies" / "orders.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    _git(pull, "commit", "-qam", "a change")
    _amended_by_eve(pull)


def test_the_action_lets_a_harmless_pull_request_pass(
    root: Path, pull: Path, tmp_path: Path, github: GitHub
) -> None:
    _edited(pull, "title: Orders", "title: Orders of the shop")
    code, runner = _used(root, pull, tmp_path / "runner", github, junit="junit.xml")
    assert code == 0, runner.said
    assert "1 neutral" in runner.said
    log = json.loads((pull / runner.outputs()["sarif"]).read_text(encoding="utf-8"))
    assert log["version"] == "2.1.0"
    assert (pull / "junit.xml").read_text(encoding="utf-8").startswith("<?xml")
    summary = (tmp_path / "runner" / "summary-Gate").read_text(encoding="utf-8")
    assert "Governance policy diff" in summary
    assert summary.count("# ") >= 2


def test_the_action_stops_a_weakening_until_an_owner_approves_it(
    root: Path, pull: Path, tmp_path: Path, github: GitHub
) -> None:
    _edited(pull, "classification: confidential", "classification: internal")
    github.reviews.clear()
    code, runner = _used(root, pull, tmp_path / "a", github)
    assert (code, "ask team:sales" in runner.said) == (1, True), runner.said
    code, runner = _used(root, pull, tmp_path / "b", github, approvals="github")
    assert code == 1, runner.said
    github.review("ana-s", "APPROVED", _head(pull))
    code, runner = _used(root, pull, tmp_path / "c", github, approvals="github")
    assert code == 0, runner.said
    assert "approved by user:ana@example.org" in runner.said


def test_a_merge_queue_holds_its_commit_against_what_it_was_made_on(
    root: Path, workflow: list[dict[str, Any]], pull: Path, tmp_path: Path, github: GitHub
) -> None:
    """Neither the action nor the workflow takes a commit without a pull request for no change."""
    _edited(pull, "classification: confidential", "classification: internal")
    reviewed, base = _head(pull), _git(pull, "rev-parse", "main")
    _git(pull, "checkout", "-q", "--detach", "main")
    _git(pull, "merge", "-q", "--no-ff", "-m", "Merge pull request #7", "change")
    said = queue_event(_head(pull), base)
    github.reviews.clear()
    github.pull = event(reviewed)["pull_request"]
    for folder, expected in (("a", 1), ("b", 0)):
        code, runner = _used(root, pull, tmp_path / folder, github, said, approvals="github")
        (gate,) = (step for step in workflow if "weakened" in step["name"])
        in_workflow, told = runner.run(gate, env={"GITHUB_API_URL": github.url})
        assert (code, in_workflow) == (expected, expected), runner.said + told
        github.review("ana-s", "APPROVED", reviewed)


def test_the_worst_step_decides_and_the_others_are_told(
    root: Path, pull: Path, tmp_path: Path, github: GitHub
) -> None:
    """No facts, a broken file, hostile names: never green, and never an injected command."""
    (pull / "facts.jsonl").unlink()
    _edited(pull, "title: Orders", "title: Orders of the shop")
    code, runner = _used(root, pull, tmp_path / "a", github)
    assert code in (2, 3), runner.said
    (pull / "policies" / "broken.yaml").write_text("::stop-commands::x: [1\n", encoding="utf-8")
    _edited(pull, "the shop", "a shop")
    code, runner = _used(root, pull, tmp_path / "b", github)
    assert code == 2, runner.said
    assert not re.search(r"^\s*::stop-commands", runner.said, re.MULTILINE)
    assert runner.said.count("::group::") == runner.said.count("::endgroup::") == 4


def test_inputs_are_no_part_of_a_command(
    root: Path, pull: Path, tmp_path: Path, github: GitHub
) -> None:
    hostile = "x\"; touch pwned; $(touch pwned) `touch pwned` '"
    names = ("workspace", "base", "approvals", "facts")
    code, _ = _used(root, pull, tmp_path / "all", github, **dict.fromkeys(names, hostile))
    assert code in (2, 3)
    assert not (pull / "pwned").exists()


@pytest.fixture
def workflow(root: Path) -> list[dict[str, Any]]:
    path = root / "policies/starter/ci/github/.github/workflows/governance.yml"
    job = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["gate"]
    return [step | {"env": job["env"] | step.get("env", {})} for step in job["steps"]
            if "run" in step]  # fmt: skip


def test_the_workflow_installs_nothing_that_nobody_named(
    workflow: list[dict[str, Any]], pull: Path, tmp_path: Path
) -> None:
    (tmp_path / "runner").mkdir()
    runner = Runner(pull, tmp_path / "runner", event(_head(pull)))
    code, said = runner.run(workflow[0], env={})
    assert (code, "::error::set the variable GOVERNANCE_PACKAGE" in said) == (2, True)


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [
        ("title: Orders", "title: Orders of the shop", (0, 0, 0, 0)),
        ("  email: {category: user.contact.email}\n", "", (0, 0, 1, 1)),
        ("category: user.contact.email", "category: user.contact.emial", (2, 2, 2, 2)),
    ],
    ids=["harmless", "undeclared", "broken"],
)  # fmt: skip
def test_each_step_of_the_workflow_decides_its_own_thing(
    workflow: list[dict[str, Any]], pull: Path, tmp_path: Path, github: GitHub,
    before: str, after: str, ends: tuple[int, ...],
) -> None:  # fmt: skip
    _edited(pull, before, after)
    github.reviews.clear()
    (tmp_path / "runner").mkdir()
    runner = Runner(pull, tmp_path / "runner", event(_head(pull)))
    done = [runner.run(step, env={"GITHUB_API_URL": github.url}) for step in workflow[1:]]
    assert tuple(code for code, _ in done) == ends, done


@pytest.mark.parametrize(
    ("before", "after", "end"),
    [
        ("classification: confidential", "classification: internal", 1),
        ("category: user.contact.email", "category: user.contact.emial", 2),
    ],
    ids=["weakening", "broken"],
)  # fmt: skip
def test_the_script_of_gitlab_ends_with_the_worst(
    root: Path, pull: Path, tmp_path: Path, before: str, after: str, end: int
) -> None:
    _edited(pull, before, after)
    path = root / "policies" / "starter" / "ci" / "gitlab" / ".gitlab-ci.yml"
    job = yaml.safe_load(path.read_text(encoding="utf-8"))["governance"]
    setting = {
        "PATH": os.pathsep.join([str(Path(GOVERNANCE).parent), "/usr/bin", "/bin"]),
        "HOME": str(tmp_path), **job["variables"],
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": _git(pull, "rev-parse", "main"),
    }  # fmt: skip
    # NOTE: GitLab joins the lines of 'script' into one text for bash.
    shell = ["bash", "-eo", "pipefail", "-c"]
    install, gate = job["script"]
    refused = subprocess.run([*shell, install], env=setting, cwd=pull, capture_output=True,
                             text=True, check=False)  # fmt: skip
    assert (refused.returncode, "GOVERNANCE_PACKAGE" in refused.stdout) == (2, True)
    done = subprocess.run([*shell, gate], env=setting, cwd=pull, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == end, done.stdout + done.stderr
    if end != 2:
        assert json.loads((pull / "gl-code-quality.json").read_text(encoding="utf-8")) is not None
        assert (pull / "governance.xml").is_file()


def test_the_hooks_run_in_pre_commit(root: Path, pull: Path, tmp_path: Path) -> None:
    """Pre-commit installs a clone of this repository and runs what the manifest names.

    The dependencies are lent by this environment, so that nothing is fetched.
    """
    source = tmp_path / "governance"
    names = ("governance", "policies", "reports", "pyproject.toml", "README.md", "LICENSE",
             ".pre-commit-hooks.yaml")  # fmt: skip
    source.mkdir()
    for name in names:
        path = root / name
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        copy(path, source / name)
    _git(source, "init", "-q")
    _git(source, "add", "-A")
    _git(source, "commit", "-qm", "a release")
    hooks = ["governance-lint", "governance-test", "governance-codeowners"]
    config = {"repos": [{"repo": str(source), "rev": _head(source),
                         "hooks": [{"id": hook} for hook in hooks]}]}  # fmt: skip
    (pull / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    subprocess.run([GOVERNANCE, "policy", "export", "codeowners", "-o", "CODEOWNERS"], cwd=pull,
                   check=True, capture_output=True)  # fmt: skip
    _git(pull, "add", "-A")

    def committed() -> tuple[int, str]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path),
            "PRE_COMMIT_HOME": str(tmp_path / "hooks"),
            "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0",
            "VIRTUALENV_NO_DOWNLOAD": "1", "PYTHONPATH": sysconfig.get_paths()["purelib"],
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--color=never", "--verbose"], cwd=pull,
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    code, said = committed()
    assert (code, said.count("Passed")) == (0, 3), said
    team = pull / "policies" / "team.yaml"
    team.write_text(team.read_text("utf-8").replace("@acme/sales", "@acme/traders"), "utf-8")
    _git(pull, "add", "-A")
    code, said = committed()
    assert (code, said.count("Passed"), "CODEOWNERS" in said) == (1, 2, True), said
    (pull / "policies" / "tests.yaml").unlink()
    team.write_text(team.read_text("utf-8").replace("lead:", "laed:"), "utf-8")
    _git(pull, "add", "-A")
    code, said = committed()
    assert (code, "did you mean" in said) == (1, True), said
