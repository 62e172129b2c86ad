"""The witness as a small service over HTTP; one request at a time is all that it needs."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from governance.errors import TrailError
from governance.trail.witness import MAX_REQUEST_BYTES, Answer, Witness

_SECONDS = 20


def make_server(
    witness: Witness, address: tuple[str, int], tell: Callable[[str], None]
) -> ThreadingHTTPServer:
    """Return a server that listens at once; the caller calls ``serve_forever``.

    Args:
        tell: Takes one line for each request: status and path, never a body.

    Raises:
        OSError: If the address cannot be used.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS
        server_version, sys_version = "governance-witness", ""

        def do_POST(self) -> None:
            answer = self._answer()
            tell(
                f"{answer.status} {answer.body.strip()[:80] if answer.status != 200 else 'signed'}"
            )
            content = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *_values: object) -> None:
            """Say nothing: what a request holds is not for a log."""

        def _answer(self) -> Answer:
            if self.path.rstrip("/").rpartition("/")[2] != "add-checkpoint":
                return Answer(404, "POST to /add-checkpoint\n")
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
                self.close_connection = True
                return Answer(413, "the request is too long, or does not say how long it is\n")
            try:
                return witness.add_checkpoint(self.rfile.read(int(length)))
            except TrailError as error:
                tell(str(error))
                return Answer(500, "the witness cannot remember, so it signs nothing\n")

    return ThreadingHTTPServer(address, Handler)
