"""What is told, what is not told twice, and what arrives at mail, web and chat servers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from governance.engine.scheduling.notices import (
    Item,
    Today,
    compose,
    inert,
    items_of,
    known_since,
    sent_events,
    untold,
)
from governance.engine.scheduling.sending import send
from governance.model.run import Run
from tests.unit.engine.test_listing import DAYS, SINCE, findings_of, listed, outcome
from tests.unit.engine.test_past import DAY

# A plugin of apprise looks whether it can have a module that Python 3.13 dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_a_notice_names_no_message_and_nobody_is_told_twice() -> None:
    items = tuple(items_of(Today(listed())))
    assert [item.topic for item in items] == ["new findings"] * 3  # the waived one is not told
    told = dict.fromkeys((items[0].key,), NOW)
    assert untold(items, told, {}) == items[1:]
    came_back = untold(items, told, {items[0].key: NOW + DAY})
    assert came_back == items
    many = [Item("new findings", f"k{number}", f"line {number}") for number in range(4_500)]
    notice = compose("shop", "env:X", many)
    assert "first 20 of 4,500" in notice.body and notice.title.endswith("4500 new findings")
    events = sent_events(notice, "nightly")
    assert sum(len(event.payload["keys"]) for event in events) == 4_500


def rows(*outcomes):
    run = Run("r", "check", "p", NOW, NOW, "1", "d", 0, (), outcomes)
    return findings_of(run, SINCE, DAYS)


def test_what_is_due_is_told_apart_from_what_soon_will_be() -> None:
    due = outcome("d1", control="breach-drilled", asset="trail")
    soon = outcome("d2", control="reviewed-in-time")
    ends = outcome("d3", control="waiver-expired")
    quiet = outcome("d4", control="reviewed-in-time", state="waived")
    found = outcome("d5", control="pii-declared")  # would be found later too, but by no time alone
    today = Today(rows(due), rows(due, soon, ends, quiet, found), now=NOW, notice=30 * DAY)
    assert {item.line.split()[1]: (item.topic, item.key[:7]) for item in items_of(today)} == {
        "breach-drilled": ("reviews that are due", "d100000"),
        "reviewed-in-time": ("reviews that soon fall due", "soon d2"),
        "waiver-expired": ("waivers that soon end", "soon d3"),
    }
    items = tuple(items_of(today))
    for ago, again in ((29, 0), (31, 2)):  # a year later it comes round again
        told = {item.key: NOW - ago * DAY for item in items}
        assert len(untold(items, told, known_since(today))) == again
    overdue = Today(rows(due, soon), rows(due, soon), now=NOW, notice=30 * DAY)
    told = {item.key: NOW - DAY for item in items}
    (item,) = untold(tuple(items_of(overdue)), told, known_since(overdue))
    assert item.topic == "reviews that are due"


def test_each_missed_start_is_told_once_and_the_finding_of_it_not_besides() -> None:
    first, second = NOW - 2 * DAY, NOW - DAY
    finding = rows(outcome("e1", control="scans-ran-on-schedule", asset="trail"))
    (item,) = items_of(Today(finding, missed={"nightly": (first,), "weekly": ()}))
    assert item.topic == "schedules with missed runs" and "2026-11-21 10:00" in item.line
    (newer,) = untold(
        items_of(Today(finding, missed={"nightly": (first, second)})), {item.key: NOW}, {}
    )
    assert "2 missed lately" in newer.line and "2026-11-22" in newer.line


@pytest.mark.parametrize(
    "name", ["@channel", "data/@here.csv", "<!channel>", "<https://x.example.org|y>", "[a](b)",
             "https://x.example.org", "www.example.org", "\x1b[2J @all"]
)  # fmt: skip
def test_no_name_from_data_calls_anybody_or_leads_anywhere(name: str) -> None:
    (item,) = items_of(Today(rows(outcome("f1", asset=name))))
    for lively in ("@channel", "@here", "@all", "<!", "<h", "](", "://", "www."):
        assert lively not in item.line
    assert inert("team:sales, user:ana@example.org") == "team:sales, user:ana@example.org"


class _Receiver(BaseHTTPRequestHandler):
    got: list[dict[str, str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append({"path": self.path, **json.loads(body)})
        self.send_response(500 if "broken" in self.path else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def receiver() -> Iterator[str]:
    """Return the address of a local web server that keeps what it is sent."""
    _Receiver.got.clear()
    with HTTPServer(("127.0.0.1", 0), _Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"json://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.network
def test_a_notice_arrives_at_a_web_server_and_a_refusal_is_told(receiver: str, capfd) -> None:
    secret = receiver.replace("://", "://user:hunter2hunter2@")
    assert send("env:A", "title", "<b>body</b>", {"A": secret}) is None
    assert _Receiver.got[-1]["title"] == "title"
    assert _Receiver.got[-1]["message"] == "<b>body</b>"
    for environment, reason in (
        ({}, "is not set"),
        ({"A": "no address"}, "holds no address"),
        ({"A": f"{secret}/broken"}, "could not be delivered"),
        ({"A": "json://user:hunter2hunter2@127.0.0.1:9/"}, "could not be delivered"),
    ):
        told = send("env:A", "title", "body", environment)
        assert told is not None and reason in told
        assert "hunter2" not in told
    assert "hunter2" not in "".join(capfd.readouterr())


@pytest.mark.network
def test_a_notice_arrives_in_a_chat_and_a_refusal_is_told(receiver: str) -> None:
    host = receiver.removeprefix("json://")
    body = compose("shop", "env:A", [Item("new findings", "k", "high pii-declared on orders")]).body
    for address, word, path in (
        (f"mmost://{host}/3ccdd113474722377935511fc85d3dd4", "text", "/hooks/3ccdd113"),
        (f"ntfy://{host}/governance", "message", "/"),
        (f"rocket://3ccdd113474722377935511fc85d3dd4/mp8wtzyx@{host}/#ops", "text", "/hooks/"),
    ):
        assert send("env:A", "one new finding", body, {"A": address}) is None, address
        got = _Receiver.got[-1]
        assert got["path"].startswith(path) and "high pii-declared on orders" in got[word].replace(
            "\\", ""
        )
        assert "one new finding" in json.dumps(got)
    both = f"mmost://{host}/3ccdd113474722377935511fc85d3dd4 ntfy://127.0.0.1:9/governance"
    told = send("env:A", "title", body, {"A": both})
    assert told == "it could not be delivered" and _Receiver.got[-1]["path"].startswith("/hooks")


@pytest.mark.network
def test_a_notice_arrives_as_mail() -> None:
    from aiosmtpd.controller import Controller

    got = []

    class Keep:
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
            got.append(envelope.content.decode())
            return "250 OK"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keep(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        address = f"mailto://127.0.0.1:{port}?from=g@example.org&to=ops@example.org&mode=insecure"
        assert send("env:A", "two new findings", "high pii-declared", {"A": address}) is None
    finally:
        controller.stop()
    assert "two new findings" in got[0]
