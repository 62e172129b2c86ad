"""Facts from an address: only from the host that was named, and no secret of it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from governance.errors import FactsError
from governance.facts.fetching import fetch

pytestmark = pytest.mark.network
SEEN: list[str | None] = []


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        SEEN.append(self.headers.get("Authorization"))
        path = self.path.partition("?")[0]
        port = self.server.server_address[1]
        targets = {"/near": "/facts", "/far": f"http://localhost:{port}/facts"}
        if path in targets:
            self.send_response(302)
            self.send_header("Location", targets[path])
            self.end_headers()
        elif path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "99")
            self.end_headers()
            self.wfile.write(b"half")
        else:
            self.send_response(200 if path == "/facts" else 404)
            self.end_headers()
            self.wfile.write(b"the facts")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """Return the host of a server on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_user_and_password_are_sent_and_not_told(host: str) -> None:
    data, told = fetch(f"http://ci:s%40cret@{host}/facts?token=s3cret#x")
    assert (data, told) == (b"the facts", f"http://{host}/facts")
    assert SEEN[-1] == "Basic Y2k6c0BjcmV0"


def test_a_redirect_is_followed_within_the_host_alone(host: str) -> None:
    assert fetch(f"http://{host}/near")[0] == b"the facts"
    with pytest.raises(FactsError, match="leads on to another host, localhost"):
        fetch(f"http://{host}/far")


@pytest.mark.parametrize("path", ["/nothing", "/short", "/far"])
def test_no_secret_is_in_an_error(host: str, path: str) -> None:
    with pytest.raises(FactsError) as error:
        fetch(f"http://ci:s3cret@{host}{path}?token=s3cret")
    assert "s3cret" not in str(error.value)


NOWHERE = (
    "http://ci:s3cret@127.0.0.1:1/x",
    "http://ci:s3cret@[x/",
    "https://ci:s3cret@127.0.0.1:port/",
    "http:///s3 cret",
)


@pytest.mark.parametrize("address", NOWHERE)
def test_an_address_that_leads_nowhere_is_a_clear_error(address: str) -> None:
    with pytest.raises(FactsError) as error:
        fetch(address)
    assert "s3cret" not in str(error.value)
