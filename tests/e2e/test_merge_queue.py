"""GitHub's other events: a review that is submitted, and a commit that the merge queue made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_approvals_github import GATE, _event, _git, _head
from tests.e2e.test_approvals_github import pull as pull
from tests.e2e.test_policy_diff import _diff
from tests.github_api import GitHub, event, queue_event, review_event, serving

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def server() -> Iterator[GitHub]:
    with serving() as github:
        yield github


@pytest.fixture
def github(server: GitHub, pull: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """Return the server behind a step in a copy of the checkout, with the pull request it knows."""
    server.reviews.clear()
    server.pull = event(_head(pull))["pull_request"]
    shutil.copytree(pull, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    monkeypatch.delenv("GH_TOKEN", raising=False)
    for name, value in server.environment(str(tmp_path / "event.json")).items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda said: _event(tmp_path, monkeypatch, said)


def _queued(way: str) -> tuple[str, str]:
    """Make the queue's commit of the branch on main; return it and what it was made on."""
    base = _git(Path(), "rev-parse", "main")
    _git(Path(), "checkout", "-q", "--detach", "main")
    if way == "merge":
        _git(Path(), "merge", "-q", "--no-ff", "-m", "Merge pull request #7", "change")
    else:
        _git(Path(), "merge", "-q", "--squash", "change")
        _git(Path(), "commit", "-qm", "Keep orders longer (#7)")
    return _head(Path()), base


@pytest.mark.parametrize("action", ["submitted", "dismissed"])
def test_a_review_asks_the_gate_again(github: GitHub, tell: Any, action: str) -> None:
    """The event of a review tells the pull request; what counts is what the API says of it now."""
    head = _head(Path())
    tell(review_event(head, action, "dismissed" if action == "dismissed" else "approved"))
    github.review("ana-s", "APPROVED" if action == "submitted" else "DISMISSED", head)
    code, said = _diff(*GATE)
    assert code == (0 if action == "submitted" else 1), said


@pytest.mark.parametrize("way", ["merge", "squash"])
def test_reviews_of_the_pull_request_speak_for_the_commit_of_the_queue(
    github: GitHub, tell: Any, way: str
) -> None:
    reviewed = _head(Path())
    tell(queue_event(*_queued(way)))
    code, said = _diff(*GATE)
    assert (code, "ask team:sales" in said) == (1, True), said
    github.review("ana-s", "APPROVED", reviewed)
    code, said = _diff(*GATE)
    assert (code, "approved by user:ana@example.org" in said) == (0, True), said


def test_whoever_opened_the_pull_request_approves_nothing_in_the_queue(
    github: GitHub, tell: Any
) -> None:
    reviewed = _head(Path())
    assert github.pull is not None
    github.pull["user"]["login"] = "ana-s"
    tell(queue_event(*_queued("merge")))
    github.review("ana-s", "APPROVED", reviewed)
    code, said = _diff(*GATE)
    assert (code, "wrote a part of the change" in said) == (1, True), said


def test_a_group_of_several_pull_requests_is_refused(github: GitHub, tell: Any) -> None:
    """The reviews of the last one say nothing about those before it."""
    reviewed = _head(Path())
    _git(Path(), "checkout", "-qb", "first", "main")
    _git(Path(), "commit", "-q", "--allow-empty", "-m", "another pull request")
    base = _git(Path(), "rev-parse", "main")
    _git(Path(), "merge", "-q", "--no-ff", "-m", "Merge pull request #7", "change")
    tell(queue_event(_head(Path()), base))
    github.review("ana-s", "APPROVED", reviewed)
    code, said = _diff(*GATE)
    assert (code, "holds more than the head of pull request 7" in said) == (2, True), said


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"head": {"sha": "1" * 40}}, "holds more than the head of pull request 7"),
        ({"base": {"ref": "release"}}, "the pull request of the merge group is another one"),
        ({"number": 8}, "the pull request of the merge group is another one"),
        ({"head": None}, "its answer is no pull request"),
    ],
    ids=["pushed-since", "another-target", "another-number", "no-pull-request"],
)
def test_a_pull_request_that_the_queue_did_not_merge_is_refused(
    github: GitHub, tell: Any, changed: dict[str, Any], why: str
) -> None:
    tell(queue_event(*_queued("merge")))
    github.pull = {**(github.pull or {}), **changed}
    code, said = _diff(*GATE)
    assert (code, why in said) == (2, True), said


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("head_sha", "2" * 40, "the merge group's head is 2222222222"),
        ("base_sha", "2" * 40, "base ${{ github.event.merge_group.base_sha }}"),
        ("base_ref", "refs/heads/release", "the event of the merge queue is damaged"),
        ("head_ref", "refs/heads/change", "the event of the merge queue is damaged"),
        ("head_ref", "refs/heads/gh-readonly-queue/main/pr-0-x", "is damaged"),
        ("head_sha", None, "the event of the merge queue is damaged"),
    ],
)
def test_an_event_that_is_not_of_the_checkout_is_refused(
    github: GitHub, tell: Any, key: str, value: Any, why: str
) -> None:
    said = queue_event(*_queued("merge"))
    said["merge_group"][key] = value
    tell(said)
    asked = len(github.asked)
    code, told = _diff(*GATE)
    assert (code, why in told) == (2, True), told
    assert len(github.asked) == asked
