"""Approvals from GitHub, read from a local server that answers as GitHub does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.engine.github import fetch_approvals, read_api, read_event, read_pull_request
from governance.errors import UsageError
from tests.e2e.test_exit_codes import PROJECT, TEAM
from tests.e2e.test_policy_diff import ORDERS, PRIVACY, _amended_by_eve, _diff, _longer
from tests.github_api import TOKEN, GitHub, event, serving

pytestmark = pytest.mark.network
GATE = ("--fail-on", "weakened", "--approvals", "github")
ANA = TEAM.replace(
    "  user:ana@example.org: {since: 2024-01-01}",
    '  user:ana@example.org: {since: 2024-01-01, accounts: ["github:Ana-S"]}',
).replace(
    "  user:bo@example.org: {since: 2024-01-01}",
    '  user:bo@example.org: {since: 2024-01-01, until: 2025-12-31, accounts: ["github:bo-b"]}\n'
    '  user:eve@example.org: {since: 2024-01-01, accounts: ["github:eve-x"]}\n'
    '  user:robot@example.org: {since: 2024-01-01, accounts: ["github:shop-robot[bot]"]}',
)


@pytest.fixture(scope="module")
def server() -> Iterator[GitHub]:
    with serving() as github:
        yield github


@pytest.fixture(scope="module")
def pull(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pull request of Eve's that keeps orders longer, which the team sales must allow."""
    folder = tmp_path_factory.mktemp("github") / "shop"
    (folder / "policies").mkdir(parents=True)
    (folder / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    texts = {"team": ANA, "privacy": PRIVACY, "orders": yaml.safe_dump(ORDERS)}
    for name, text in texts.items():
        (folder / "policies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "the shop")
    _git(folder, "checkout", "-qb", "change")
    _longer(folder)
    _amended_by_eve(folder)
    return folder


@pytest.fixture
def github(server: GitHub, pull: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """Return the server behind a step that runs in the pull request's checkout."""
    server.reviews.clear()
    server.asked.clear()
    server.page, server.next_page, server.answer = 100, None, None
    monkeypatch.chdir(pull)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    _event(tmp_path, monkeypatch, event(_head(pull)))
    for name, value in server.environment(str(tmp_path / "event.json")).items():
        monkeypatch.setenv(name, value)
    return server


def _git(folder: Path, *command: str) -> str:
    names = ("-c", "user.name=Cy", "-c", "user.email=cy@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *names, *command], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _head(folder: Path) -> str:
    return _git(folder, "rev-parse", "HEAD")


def _event(folder: Path, monkeypatch: pytest.MonkeyPatch, said: Any) -> None:
    path = folder / "event.json"
    path.write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))


def _refusal() -> str:
    """Return why GitHub's reviews cannot be read, as the command would say before exit code 2."""
    with pytest.raises(UsageError) as caught:
        fetch_approvals(read_pull_request(read_event(os.environ)), read_api(os.environ))
    assert caught.value.exit_code == 2
    assert TOKEN not in str(caught.value)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_a_member_of_the_owning_team_approves(github: GitHub) -> None:
    head = _head(Path())
    assert _diff(*GATE)[0] == 1
    github.review("ana-s", "APPROVED", head)
    code, said = _diff(*GATE)
    assert (code, "approved by user:ana@example.org" in said) == (0, True), said
    path, headers = github.asked[-1]
    assert path == "/repos/acme/shop/pulls/7/reviews?per_page=100"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["X-Github-Api-Version"] == "2022-11-28"
    assert TOKEN not in said


@pytest.mark.parametrize(
    ("reviews", "why"),
    [
        ([("ana-s", "COMMENTED", {})], ""),
        ([("ana-s", "PENDING", {"submitted_at": None})], ""),
        ([("ana-s", "APPROVED", {}), ("ana-s", "DISMISSED", {})], ""),
        ([("ana-s", "APPROVED", {}), ("Ana-S", "CHANGES_REQUESTED", {})], ""),
        ([("ana-s", "DISMISSED", {})], ""),
        ([("ana-s", "APPROVED", {"commit_id": "0" * 40})], "it is of an earlier commit"),
        ([("ana-s", "APPROVED", {"submitted_at": "2999-01-01T00:00:00Z"})], "dated in the future"),
        ([("eve-x", "APPROVED", {})], "wrote a part of the change"),
        ([("shop-robot[bot]", "APPROVED", {"user": {"login": "shop-robot[bot]", "type": "Bot"}})],
         "it is a bot's"),
        ([("shop-robot[bot]", "APPROVED", {})], "it is a bot's"),
        ([("ghost", "APPROVED", {"user": None})], "it is a bot's"),
        ([("bo-b", "APPROVED", {})], ""),
        ([("stranger", "APPROVED", {})], "no member of a team has this account"),
        ([("kim-p", "APPROVED", {})], ""),
    ],
    ids=["comment", "pending", "dismissed-later", "changed-mind", "dismissed", "stale", "future",
         "author", "bot", "bot-by-name", "ghost", "former-member", "stranger", "other-team"],
)  # fmt: skip
def test_a_review_that_is_no_approval_of_this_commit_by_an_owner_does_not_count(
    github: GitHub, reviews: list[tuple[str, str, dict[str, Any]]], why: str
) -> None:
    head = _head(Path())
    for login, state, more in reviews:
        github.review(login, state, head, **more)
    code, said = _diff(*GATE)
    assert (code, why in said) == (1, True), said


def test_a_comment_behind_an_approval_takes_nothing_back(github: GitHub) -> None:
    head = _head(Path())
    github.review("ana-s", "CHANGES_REQUESTED", head)
    github.review("ana-s", "APPROVED", head)
    github.review("ana-s", "COMMENTED", head)
    assert _diff(*GATE)[0] == 0


@pytest.mark.parametrize("size", [1, 40, 100])
def test_every_page_is_read(github: GitHub, size: int) -> None:
    head = _head(Path())
    github.page = size
    for number in range(45):
        github.review(f"reader-{number}", "COMMENTED", head)
    github.review("ana-s", "APPROVED", head)
    assert _diff(*GATE)[0] == 0
    assert len(github.asked) == -(-46 // size)


def test_a_dismissal_on_a_later_page_counts(github: GitHub) -> None:
    head = _head(Path())
    github.page = 1
    github.review("ana-s", "APPROVED", head)
    github.review("ana-s", "DISMISSED", head)
    assert _diff(*GATE)[0] == 1


def test_pages_without_end_are_refused(github: GitHub) -> None:
    github.page = 1
    for _ in range(120):
        github.review("reader", "COMMENTED", _head(Path()))
    assert "more than 100 pages" in _refusal()


def test_a_next_page_elsewhere_never_sees_the_token(github: GitHub) -> None:
    github.page = 1
    for _ in range(3):
        github.review("reader", "COMMENTED", _head(Path()))
    with serving() as other:
        github.next_page = f"{other.url}/repos/acme/shop/pulls/7/reviews?page=2"
        assert "its next page is at another address" in _refusal()
        github.answer = (302, {"Location": f"{other.url}/"}, b"")
        assert "GitHub answers 302" in _refusal()
        assert not other.asked


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (401, b"{}", "pass a token that is valid"),
        (403, b"{}", "pull-requests: read"),
        (404, b"{}", "pull-requests: read"),
        (500, b"{}", "GitHub answers 500"),
        (200, b"<html>", "its answer is no JSON"),
        (200, b'{"message": "x"}', "its answer is no list of reviews"),
        (200, b"[1]", "its answer is no list of reviews"),
        (200, b'[{"state": "APPROVED"}]', "its answer is no list of reviews"),
        (200, b"[" * 100_000, "its answer is no JSON"),
        (200, b"[" + b" " * 10_000_001 + b"]", "its answer is too large"),
    ],
    ids=["401", "403", "404", "500", "html", "object", "numbers", "half", "deep", "huge"],
)  # fmt: skip
def test_what_is_no_answer_is_no_approval(
    github: GitHub, status: int, body: bytes, why: str
) -> None:
    github.answer = (status, {}, body)
    assert why in _refusal()


def test_without_a_token_nothing_is_asked(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    for token in ("", "line\nbreak", "t\u00f6ken"):
        monkeypatch.setenv("GITHUB_TOKEN", token)
        said = _refusal()
        assert said.startswith("--approvals github: GITHUB_TOKEN is not set. pass it to the step")
        assert not token or token not in said
    assert not github.asked


def test_a_wrong_token_is_never_told(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "wrong-token-4711")
    code, said = _diff(*GATE)
    assert (code, "GitHub answers 401" in said, "4711" in said) == (2, True, False)


@pytest.mark.parametrize(
    "url",
    ["http://api.example.org", "ftp://127.0.0.1", "https://user:secret@api.example.org", "file:///x",
     "http://127.0.0.1.example.org", "http://localhost@example.org"],
)  # fmt: skip
def test_the_token_goes_nowhere_unsafe(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", url)
    said = _refusal()
    assert ("is no address for a token" in said, "secret" in said) == (True, False)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{", "of no pull request"),
        ("[]", "of no pull request"),
        ({"ref": "refs/heads/main"}, "of no pull request"),
        (event("0" * 39), "the event is damaged"),
        (event("0" * 40, author="../x"), "the event is damaged"),
        (event("0" * 40, number=0), "the event is damaged"),
        (event("0" * 40) | {"repository": {"full_name": "a/b/../c"}}, "the event is damaged"),
    ],
    ids=["broken", "list", "push", "short", "author", "number", "repository"],
)  # fmt: skip
def test_an_event_of_something_else_is_refused(
    github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Any, why: str
) -> None:
    _event(tmp_path, monkeypatch, said)
    assert why in _refusal()
    assert not github.asked


def test_the_runners_own_merge_may_be_checked_out_and_no_other(
    github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a pull request the runner checks out a merge of the head into its target."""
    shutil.copytree(Path(), tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    head = _head(Path())
    github.review("ana-s", "APPROVED", head)
    _git(Path(), "checkout", "-q", "--detach", "main")
    _git(Path(), "merge", "-q", "--no-ff", "-m", "merge", "change")
    code, said = _diff(*GATE)
    assert (code, "check out the pull request's head commit" in said) == (2, True), said
    monkeypatch.setenv("GITHUB_SHA", _head(Path()))
    code, said = _diff(*GATE)
    assert code == 0, said
    with (Path("policies") / "team.yaml").open("a", encoding="utf-8") as file:
        file.write("# in no commit\n")
    assert _diff(*GATE)[0] == 1


def test_the_author_is_known_by_the_event_too(
    github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens the pull request approves nothing, whatever the commits say."""
    head = _head(Path())
    _event(tmp_path, monkeypatch, event(head, author="Ana-S"))
    github.review("ana-s", "APPROVED", head)
    code, said = _diff(*GATE)
    assert (code, "wrote a part of the change" in said) == (1, True), said
