"""Approvals from GitHub: the reviews of the pull request that the event names.

Requests go to the address that the runner names, page by page. The token goes nowhere else and is
never told.
"""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from governance.engine.approvals import GITHUB, Approval, Approvals
from governance.errors import UsageError
from governance.policy.committed import Work

OPTION = "--approvals github"
_PAGES = 100
_MAX_BYTES = 10_000_000
_SECONDS = 20
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next"?')
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_LOGIN = re.compile(r"[A-Za-z0-9-]{1,100}(\[bot\])?")
COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
# A comment says nothing about an approval, and a pending review is not given yet.
_DECIDING = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What the event tells of a pull request."""

    repository: str
    number: int
    head: str
    author: str


@dataclass(frozen=True, slots=True)
class Api:
    """The address of the API and the token for it, which is never shown."""

    url: str
    token: str = field(repr=False)


def read_event(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the event at ``GITHUB_EVENT_PATH``, with the full name of its repository.

    Raises:
        UsageError: If there is no event.
    """
    path = environment.get("GITHUB_EVENT_PATH", "")
    if not path:
        remedy = "run it in GitHub Actions, or give --approvals a file"
        raise UsageError(OPTION, "GITHUB_EVENT_PATH is not set", remedy)
    try:
        with Path(path).open("rb") as stream:
            event = json.loads(stream.read(_MAX_BYTES))
    except OSError as cause:
        problem = f"the event cannot be read: {(cause.strerror or 'unknown reason').lower()}"
        raise UsageError(OPTION, problem, "run it in GitHub Actions") from None
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise _of_something_else()
    told = event.get("repository")
    name = told.get("full_name") if isinstance(told, dict) else None
    return event | {"repository": str(name or environment.get("GITHUB_REPOSITORY", ""))}


def read_pull_request(event: Mapping[str, Any]) -> PullRequest:
    """Return the pull request of an event.

    Raises:
        UsageError: If it is of none.
    """
    try:
        return pull_request(event["repository"], event["pull_request"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _of_something_else() from None


def pull_request(repository: str, said: Mapping[str, Any]) -> PullRequest:
    """Return a pull request as an event or the API tells it.

    Raises:
        UsageError: If something of it is out of shape.
        ValueError, KeyError, TypeError, AttributeError: If it is none.
    """
    found = PullRequest(
        repository=repository,
        number=int(said["number"]),
        head=str(said["head"]["sha"]),
        author=str(said["user"]["login"]),
    )
    is_sound = NAME.fullmatch(found.repository) and COMMIT.fullmatch(found.head)
    if not is_sound or not _LOGIN.fullmatch(found.author) or found.number < 1:
        raise UsageError(OPTION, "the event is damaged", "run the job again")
    return found


def _of_something_else() -> UsageError:
    remedy = "run the job on: pull_request, pull_request_review or merge_group"
    return UsageError(OPTION, "the event is of no pull request", remedy)


def read_api(environment: Mapping[str, str]) -> Api:
    """Return the API that the runner names, and the token for it.

    Raises:
        UsageError: If the address is not safe for a token, or there is no token.
    """
    url = environment.get("GITHUB_API_URL") or "https://api.github.com"
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if not is_safe or not parts.hostname or parts.username or parts.password:
        remedy = "use the https address of the API, without a name or password"
        raise UsageError(OPTION, "GITHUB_API_URL is no address for a token", remedy)
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or ""
    if not token or not token.isprintable() or not token.isascii():
        remedy = "pass it to the step as env: GITHUB_TOKEN: ${{ github.token }}"
        raise UsageError(OPTION, "GITHUB_TOKEN is not set", remedy)
    return Api(url.rstrip("/"), token)


def fetch_approvals(pull: PullRequest, api: Api) -> Approvals:
    """Return the approvals of a pull request's head commit.

    Only the latest deciding review of each reviewer counts, only if it approves, and only if it
    is of the head commit. Bots approve nothing.

    Raises:
        UsageError: If the API does not answer as expected.
    """
    latest: dict[str, dict[str, Any]] = {}
    for review in sorted(_reviews(pull, api), key=_order):
        if review["state"] in _DECIDING:
            latest[review["login"].lower()] = review
    given, notes = [], []
    for login, review in sorted(latest.items()):
        if review["state"] != "APPROVED":
            continue
        problem = "it is a bot's" if review["is_bot"] else ""
        if review["commit"] != pull.head:
            problem = "it is of an earlier commit"
        if problem:
            notes.append(f"the approval of {GITHUB}{login} does not count: {problem}")
        else:
            given.append(Approval(f"{GITHUB}{login}", review["at"], commit=review["commit"]))
    return Approvals(
        tuple(given), (f"{GITHUB}{pull.author}",), f"{pull.repository}#{pull.number}",
        tuple(notes), "github", (pull.head,),
    )  # fmt: skip


def check_commit(pull: PullRequest, work: Work, environment: Mapping[str, str]) -> None:
    """See that the checkout is the pull request's head commit, or the runner's merge of it.

    Raises:
        UsageError: If it is another one, so that reviews would be of something else.
    """
    is_merge = environment.get("GITHUB_SHA") == work.head and pull.head in work.parents
    if work.head != pull.head and not (is_merge and len(work.parents) == 2):
        problem = f"the checkout is {work.head[:10]}, the pull request's head is {pull.head[:10]}"
        raise UsageError(OPTION, problem, "check out the pull request's head commit")


def _order(review: Mapping[str, Any]) -> tuple[datetime, int]:
    return review["at"], review["id"]


def _reviews(pull: PullRequest, api: Api) -> Iterator[dict[str, Any]]:
    url: str | None = (
        f"{api.url}/repos/{quote(pull.repository)}/pulls/{pull.number}/reviews?per_page=100"
    )
    for _ in range(_PAGES):
        if url is None:
            return
        body, url = _page(url, api)
        try:
            yield from (_review(each) for each in body if each.get("state") != "PENDING")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise unusable("its answer is no list of reviews") from None
    if url is not None:
        raise unusable(f"there are more than {_PAGES} pages of reviews")


def _review(said: Mapping[str, Any]) -> dict[str, Any]:
    # NOTE: the account of a reviewer may be gone; nobody is then whom it was.
    user = said["user"] or {"login": "ghost", "type": "User"}
    login = str(user["login"])
    at = datetime.fromisoformat(str(said["submitted_at"]))
    if not _LOGIN.fullmatch(login) or at.tzinfo is None:
        raise ValueError
    is_bot = user.get("type") == "Bot" or login.endswith("[bot]") or said["user"] is None
    return {
        "id": int(said["id"]), "login": login, "at": at, "is_bot": is_bot,
        "state": str(said["state"]).upper(), "commit": str(said["commit_id"]),
    }  # fmt: skip


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to an address that nobody named."""

    def redirect_request(self, *_: Any, **__: Any) -> None:  # noqa: ANN401
        return None


def _page(url: str, api: Api) -> tuple[list[Any], str | None]:
    """Return one page of a list, and the address of the next one."""
    body, link = fetch(url, api)
    if not isinstance(body, list):
        raise unusable("its answer is no list of reviews")
    found = _NEXT.search(link)
    return body, _same_origin(found[1], api) if found else None


def fetch(url: str, api: Api) -> tuple[Any, str]:
    """Return what the API answers, and the links to more of it.

    Raises:
        UsageError: If it does not answer, or not with JSON.
    """
    headers = {
        "Accept": "application/vnd.github+json", "Authorization": f"Bearer {api.token}",
        "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "governance",
    }  # fmt: skip
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 (https, or this machine)
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            data = answer.read(_MAX_BYTES + 1)
            link = answer.headers.get("Link", "")
    except urllib.error.HTTPError as cause:
        cause.close()
        raise _refused(cause.code) from None
    except (OSError, http.client.HTTPException, ValueError):
        # NOTE: no text of the library is told; it may hold the request.
        raise unusable("it does not answer") from None
    if len(data) > _MAX_BYTES:
        raise unusable("its answer is too large")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise unusable("its answer is no JSON") from None
    return body, link


def _same_origin(url: str, api: Api) -> str:
    if urlsplit(url)[:2] != urlsplit(api.url)[:2]:
        raise unusable("its next page is at another address")
    return url


def _refused(status: int) -> UsageError:
    remedies = {
        401: "pass a token that is valid",
        403: "give the job 'permissions: pull-requests: read', or wait for the rate limit",
        404: "give the token access to the repository: 'permissions: pull-requests: read'",
    }
    remedy = remedies.get(status, "try again, or give --approvals a file")
    return UsageError(OPTION, f"GitHub answers {status}", remedy)


def unusable(problem: str) -> UsageError:
    """Return the error for an answer that nothing can be read from."""
    return UsageError(OPTION, f"GitHub's reviews cannot be read: {problem}",
                      "try again, or give --approvals a file")  # fmt: skip
