"""Asking over HTTP: a witness to co-sign, an authority for a time stamp.

The only connections that the trail opens, each to an address that the user named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from governance.errors import TrailError
from governance.trail.cosignature import WitnessKey, cosigned_at
from governance.trail.note import parse_checkpoint, with_signatures
from governance.trail.timestamps import make_request
from governance.trail.witness import SIZE_TYPE, AddCheckpoint

_SECONDS = 20
_MAX_BYTES = 65_536
_OK, _CONFLICT = 200, 409


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    type: str
    body: bytes


def ask_witness(
    url: str, key: WitnessKey, note: str, prove: Callable[[int, int], list[bytes]]
) -> str:
    """Return the note with the witness's signature added.

    Args:
        note: The log's newest checkpoint.
        prove: Makes the proof from an old size to a new one.

    Raises:
        TrailError: If the witness cannot be reached, refuses, has seen more than this log has,
            or answers with something else than its signature.
    """
    size = parse_checkpoint(note).size
    old = 0
    for _ in range(3):  # the first answer tells what it knows; another log's writer may be faster
        proof = tuple(prove(old, size))
        reply = _post(f"{url.rstrip('/')}/add-checkpoint", AddCheckpoint(old, proof, note).encode())
        if reply.status != _CONFLICT or reply.type != SIZE_TYPE:
            break
        known = _size(url, reply.body)
        if known > size:
            raise TrailError(
                where=url,
                problem=f"the witness saw {known} entries, but the trail has {size}: cut or forked",
                remedy="keep the trail as it is and run 'governance audit verify'",
            )
        if known == old:
            break
        old = known
    if reply.status == _CONFLICT:
        problem = f"the witness saw another history of the first {size} entries"
        raise TrailError(url, problem, "keep the trail as it is and compare it with a copy")
    if reply.status != _OK:
        problem = f"the witness refused the checkpoint ({reply.status})"
        raise TrailError(url, problem, "see that it knows the log and its key")
    try:
        signed = with_signatures(note, reply.body.decode("utf-8").splitlines(keepends=True))
    except ValueError:
        signed = note
    if cosigned_at(signed, key) is None:
        problem = "the answer holds no signature of the pinned witness"
        raise TrailError(url, problem, "see that trail.witnesses names its key")
    return signed


def ask_authority(url: str, message: bytes) -> bytes:
    """Return the DER of an authority's answer; whether it proves anything is not checked here.

    Raises:
        TrailError: If it cannot be reached or answers with an error.
    """
    reply = _post(url, make_request(message), "application/timestamp-query")
    if reply.status != _OK:
        problem = f"the time stamp authority refused ({reply.status})"
        raise TrailError(url, problem, "see that the address is that of an RFC 3161 service")
    return reply.body


def _size(url: str, body: bytes) -> int:
    text = body.decode("ascii", "replace").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise TrailError(url, "the witness's answer is not readable", "see that it is a witness")
    return int(text)


def _post(url: str, body: bytes, kind: str = "text/plain; charset=utf-8") -> _Reply:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TrailError(url, "not an address of http or https", "write it as https://host/path")
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname, parts.port, timeout=_SECONDS)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection.request("POST", target, body, {"Content-Type": kind})
        response = connection.getresponse()
        content = response.read(_MAX_BYTES + 1)
    except (OSError, HTTPException) as cause:
        reason = (getattr(cause, "strerror", None) or type(cause).__name__).lower()
        problem = f"cannot be reached: {reason}"
        raise TrailError(
            url, problem, "see that it runs and that this machine may ask it"
        ) from None
    finally:
        connection.close()
    if len(content) > _MAX_BYTES:
        raise TrailError(url, "the answer is too long", "see that the address is the right one")
    return _Reply(response.status, response.headers.get("Content-Type", ""), content)
