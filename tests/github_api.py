"""A local server that speaks the part of GitHub's API which approvals are read from.

It answers as GitHub does: pages with a ``Link`` header, 401 without the token, 404 for what the
token may not see. It remembers what it was asked, and with which headers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_" + "k" * 36


@dataclass
class GitHub:
    """What the server holds, and what it was asked.

    Args:
        reviews: In the order in which GitHub tells them, the oldest first.
        pull: The pull request itself, where it may be asked for.
        next_page: Sent instead of the true address of the next page.
        answers: Sent as they are instead of a list: status, headers, body.
    """

    url: str = ""
    repository: str = "acme/shop"
    number: int = 7
    page: int = 100
    reviews: list[dict[str, Any]] = field(default_factory=list)
    pull: dict[str, Any] | None = None
    next_page: str | None = None
    answer: tuple[int, dict[str, str], bytes] | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def review(self, login: str, state: str, commit: str, **more: Any) -> None:
        """Add a review; ``user`` and ``submitted_at`` can be given otherwise."""
        number = len(self.reviews) + 1
        at = f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z"
        self.reviews.append({
            "id": number, "user": {"login": login, "type": "User"}, "state": state,
            "commit_id": commit, "submitted_at": at, "body": "words of a person",
        } | more)  # fmt: skip

    def environment(self, event: str) -> dict[str, str]:
        """Return what a runner sets for a step."""
        return {"GITHUB_API_URL": self.url, "GITHUB_EVENT_PATH": event, "GITHUB_TOKEN": TOKEN,
                "GITHUB_REPOSITORY": self.repository}  # fmt: skip


def event(head: str, author: str = "eve-x", number: int = 7) -> dict[str, Any]:
    """Return what GitHub tells a job of a pull request, as far as it matters."""
    return {
        "action": "synchronize",
        "number": number,
        "pull_request": {
            "number": number,
            "user": {"login": author, "type": "User"},
            "head": {"sha": head, "ref": "change"},
            "base": {"ref": "main"},
        },
        "repository": {"full_name": "acme/shop"},
    }


def review_event(head: str, action: str = "submitted", state: str = "approved") -> dict[str, Any]:
    """Return what GitHub tells of a review; its pull request says less than an event of its own."""
    said = event(head)
    user = {"login": "ana-s", "type": "User"}
    return {
        "action": action,
        "review": {"id": 1, "user": user, "state": state, "commit_id": head, "body": "words"},
        "pull_request": said["pull_request"],
        "repository": said["repository"],
        "sender": user,
    }


def queue_event(head: str, base: str, number: int = 7) -> dict[str, Any]:
    """Return what GitHub tells of a merge group: no pull request but in the branch's name."""
    return {
        "action": "checks_requested",
        "merge_group": {
            "head_sha": head,
            "head_ref": f"refs/heads/gh-readonly-queue/main/pr-{number}-{base}",
            "base_sha": base,
            "base_ref": "refs/heads/main",
            "head_commit": {
                "id": head, "tree_id": "0" * 40, "message": "Merge pull request #7",
                "timestamp": "2026-01-01T00:00:00Z",
                "author": {"name": "eve", "email": "eve@example.org"},
                "committer": {"name": "GitHub", "email": "noreply@github.com"},
            },
        },
        "repository": {"full_name": "acme/shop"},
        "sender": {"login": "github-merge-queue[bot]", "type": "Bot"},
    }  # fmt: skip


@contextmanager
def serving() -> Iterator[GitHub]:
    """Serve until the block ends."""
    held = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held.asked.append((self.path, dict(self.headers)))
            status, headers, body = _answer(held, self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(held: GitHub, path: str, authorization: str) -> tuple[int, dict[str, str], bytes]:
    if held.answer is not None:
        return held.answer
    if authorization != f"Bearer {TOKEN}":
        return 401, {}, b'{"message": "Bad credentials"}'
    parts = urlsplit(path)
    if parts.path == f"/repos/{held.repository}/pulls/{held.number}" and held.pull:
        return 200, {}, json.dumps(held.pull).encode()
    if parts.path != f"/repos/{held.repository}/pulls/{held.number}/reviews":
        return 404, {}, b'{"message": "Not Found"}'
    asked = parse_qs(parts.query)
    size = min(int(asked.get("per_page", ["30"])[0]), held.page)
    page = int(asked.get("page", ["1"])[0])
    shown = held.reviews[(page - 1) * size : page * size]
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if len(held.reviews) > page * size:
        following = held.next_page or f"{held.url}{parts.path}?per_page={size}&page={page + 1}"
        first = f"{held.url}{parts.path}?per_page={size}&page=1"
        headers["Link"] = f'<{first}>; rel="first", <{following}>; rel="next"'
    return 200, headers, json.dumps(shown).encode()
