"""GitHub's merge queue: the pull request behind a commit that the queue made, and its reviews.

The queue merges a pull request into a branch of its own and asks the checks about that commit. Its
event names no pull request; the branch does, whose name nobody but the queue can use. Reviews
speak for the head of that one pull request alone, so the commit must hold nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from governance.engine.approvals import Approvals
from governance.engine.github import (
    COMMIT,
    NAME,
    OPTION,
    Api,
    PullRequest,
    check_commit,
    fetch,
    fetch_approvals,
    pull_request,
    read_api,
    read_event,
    read_pull_request,
    unusable,
)
from governance.errors import UsageError
from governance.policy.commits import Fork
from governance.policy.committed import Work

_BRANCH = re.compile(r"refs/heads/gh-readonly-queue/(?P<target>.+)/pr-(?P<number>[1-9]\d{0,9})-.+")


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """What the event of a merge queue tells.

    Args:
        number: The pull request that comes last in it. target: The branch that it goes to.
        head: The commit that the queue made. base: The one it was made on.
    """

    repository: str
    number: int
    target: str
    head: str
    base: str


def read_approvals(work: Work, fork: Fork, environment: Mapping[str, str]) -> Approvals:
    """Return the approvals of the pull request behind the event at ``GITHUB_EVENT_PATH``.

    Args:
        work: What is checked out. fork: What it is compared with.

    Raises:
        UsageError: If the event is of none, the checkout is another commit, or the API does not
            answer as expected.
    """
    event = read_event(environment)
    if "merge_group" not in event:
        pull = read_pull_request(event)
        check_commit(pull, work, environment)
        return fetch_approvals(pull, read_api(environment))
    group, api = read_merge_group(event), read_api(environment)
    _check_group(group, work, fork)
    pull = _queued(group, api)
    _check_parents(group, pull, work)
    return fetch_approvals(pull, api)


def read_merge_group(event: Mapping[str, Any]) -> MergeGroup:
    """Return the group of an event of a merge queue.

    Raises:
        UsageError: If it is out of shape.
    """
    said = event["merge_group"]
    said = said if isinstance(said, dict) else {}
    branch = _BRANCH.fullmatch(str(said.get("head_ref")))
    head, base = str(said.get("head_sha")), str(said.get("base_sha"))
    repository = str(event["repository"])
    is_sound = COMMIT.fullmatch(head) and COMMIT.fullmatch(base) and NAME.fullmatch(repository)
    if branch is None or not is_sound or said.get("base_ref") != f"refs/heads/{branch['target']}":
        raise UsageError(OPTION, "the event of the merge queue is damaged", "run the job again")
    return MergeGroup(repository, int(branch["number"]), branch["target"], head, base)


def _check_group(group: MergeGroup, work: Work, fork: Fork) -> None:
    """See that the commit of the queue is checked out, and held against the one it was made on."""
    if work.head != group.head:
        problem = f"the checkout is {work.head[:10]}, the merge group's head is {group.head[:10]}"
        raise UsageError(OPTION, problem, "check out the commit of the merge group")
    if fork.commit != group.base:
        problem = f"the merge group was made on {group.base[:10]}, not on {fork.commit[:10]}"
        remedy = "compare with --base ${{ github.event.merge_group.base_sha }}"
        raise UsageError(OPTION, problem, remedy)


def _queued(group: MergeGroup, api: Api) -> PullRequest:
    said, _ = fetch(f"{api.url}/repos/{quote(group.repository)}/pulls/{group.number}", api)
    try:
        pull, target = pull_request(group.repository, said), said["base"]["ref"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise unusable("its answer is no pull request") from None
    if pull.number != group.number or target != group.target:
        raise unusable("the pull request of the merge group is another one")
    return pull


def _check_parents(group: MergeGroup, pull: PullRequest, work: Work) -> None:
    """See that the commit is this pull request's alone, merged or squashed onto the base."""
    if work.parents in ((group.base, pull.head), (group.base,)):
        return
    problem = f"the merge group holds more than the head of pull request {pull.number}"
    remedy = "let the queue merge or squash, and build each pull request by itself"
    raise UsageError(OPTION, problem, remedy)
