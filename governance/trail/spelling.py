"""Whether an entry's bytes stand where they are stored, seen without reading all of them.

The canonical spelling puts the keys in order, and a quotation mark inside a string is always
written with a backslash; so the fields around the payload stand at places that nothing inside
a string can imitate. Whether the whole body is canonical, ``body.decode_body`` says, at twenty
times the cost.
"""

from __future__ import annotations

from governance.trail.body import ALGORITHM, VERSION

_BEGIN = b'{"actor":{"identity":"'
_ACTOR_ENDS = b'"},"alg":"'
_END = b'","v":%d}' % VERSION
_TIME_BYTES = 27


def log_mark(origin: str) -> bytes:
    """Return what stands between actor and payload in every entry of a log."""
    return b'"},"alg":"%s","log":"%s","payload":{' % (ALGORITHM.encode(), origin.encode())


def time_in_place(body: bytes, mark: bytes, seq: int, prev: bytes) -> bytes | None:
    """Return the time that an entry tells, or None unless it fits its place.

    Args:
        mark: What ``log_mark`` returned. prev: The leaf hash of the entry before.
    """
    before = body.rfind(b'},"prev":"%s","run":' % prev.hex().encode())
    numbered = b',"seq":%d,"ts":"' % seq
    at = body.rfind(numbered) + len(numbered)
    fits = (
        len(numbered) < before + len(numbered) < at
        and body.startswith(_BEGIN)
        and body.endswith(_END)
        and 0 < body.find(_ACTOR_ENDS) == body.find(mark)
        and body.startswith(b'Z","type":"', at + _TIME_BYTES - 1)
    )
    return body[at : at + _TIME_BYTES] if fits else None
