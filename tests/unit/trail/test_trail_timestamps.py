"""RFC 3161 time stamps of a local authority: they lift the level, for their checkpoint alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.errors import TrailError
from governance.model.trail import Assurance, Receipt, Verification
from governance.trail.asking import ask_authority
from governance.trail.keys import SigningKey
from governance.trail.log import Trail
from governance.trail.outside import Outside
from governance.trail.proving import open_tree
from governance.trail.timestamps import load_authorities, read_stamp
from governance.trail.verify import verify

from .authority import Authority, serving
from .conftest import START

Open = Callable[..., Trail]
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs OpenSSL")
MESSAGE = b"a note\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "two")


@pytest.fixture(scope="module")
def answer(authority: Authority) -> bytes:
    with serving(authority) as url:
        return ask_authority(url, MESSAGE)


def test_a_stamp_tells_when_and_by_whom(authority: Authority, answer: bytes) -> None:
    stamp = read_stamp(answer, MESSAGE, [authority.root.read_bytes()])
    assert stamp is not None and stamp.authority == "Local TSA tsa"
    assert abs((datetime.now(UTC) - stamp.time).total_seconds()) < 600


def test_a_stamp_of_something_else_proves_nothing(
    authority: Authority, stranger: Authority, answer: bytes
) -> None:
    root = [authority.root.read_bytes()]
    assert read_stamp(answer, b"another note\n", root) is None
    assert read_stamp(answer, MESSAGE, [stranger.root.read_bytes()]) is None
    assert read_stamp(answer, MESSAGE, []) is None
    assert read_stamp(b"", MESSAGE, root) is None
    assert read_stamp(answer[:-1], MESSAGE, root) is None
    changed = 0
    for at in range(0, len(answer), 23):
        flipped = answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]
        stamp = read_stamp(flipped, MESSAGE, root)
        changed += stamp is None
        assert stamp is None or stamp == read_stamp(answer, MESSAGE, root)
    assert changed > 20


def test_what_is_no_certificate_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrailError, match="not a certificate"):
        load_authorities([b"nonsense"])


@pytest.mark.network
def test_stamps_anchor_the_trail(
    trail: Path, opened: Open, key: SigningKey, authority: Authority, stranger: Authority
) -> None:
    with open_tree(trail) as prover:
        note = prover.newest_note()
    with serving(authority) as url:
        token = ask_authority(url, note.encode())
    with opened(start=START.replace(day=24)) as writing:
        writing.anchor(Receipt("tsa", 12, token, "Local TSA tsa"))

    def found(*roots: Authority) -> Verification:
        outside = Outside(authorities=tuple(each.root.read_bytes() for each in roots))
        return verify(trail, pinned=key.public, pin_source="p", outside=outside)

    done = found(authority)
    assert (done.level, done.problem, done.unanchored_tail) == (Assurance.ANCHORED, None, 1)
    assert done.anchored is not None and done.anchored.source == "Local TSA tsa"
    assert found(stranger).level is Assurance.SIGNED
    assert found().remarks == ("1 receipt(s) of kind tsa prove nothing under what is pinned",)


def test_a_stamp_is_of_its_own_checkpoint(
    trail: Path, opened: Open, key: SigningKey, authority: Authority
) -> None:
    """An old receipt that is moved to a newer checkpoint proves nothing there."""
    with open_tree(trail) as prover:
        note = prover.newest_note()
    token = authority.answer(_query(note))
    with opened(start=START.replace(day=24)) as writing:
        writing.anchor(Receipt("tsa", 6, token, "x"))
    outside = Outside(authorities=(authority.root.read_bytes(),))
    done = verify(trail, pinned=key.public, pin_source="p", outside=outside)
    assert (done.level, done.anchors) == (Assurance.SIGNED, ())


def _query(note: str) -> bytes:
    from governance.trail.timestamps import make_request

    return make_request(note.encode())
