"""Keys that hand over, are revoked, or are lost: who may still vouch for what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from governance.errors import TrailError
from governance.model.trail import Assurance, Event, Verification
from governance.trail.keyring import Successor
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.reading import read_newest_note
from governance.trail.verify import Scope, verify

from .conftest import ORIGIN

Open = Callable[..., Trail]
EVENT = Event("scan.started", {})


@pytest.fixture
def new(tmp_path: Path) -> SigningKey:
    return load_or_create_key(tmp_path / "new")


def found(path: Path, key: SigningKey) -> Verification:
    return verify(path, pinned=key.public, pin_source="test")


def test_a_rotation_is_signed_by_both_and_either_pin_verifies(
    trail: Path, opened: Open, key: SigningKey, new: SigningKey
) -> None:
    with opened() as writing:
        writing.rotate(new)
        note = read_newest_note(trail) or ""
        assert note.count("\u2014 governance/acme ") == 2
        writing.append([EVENT])
        writing.checkpoint()
    for pinned in (key, new):
        assert (found(trail, pinned).level, found(trail, pinned).entries) == (Assurance.SIGNED, 14)


def test_the_old_key_cannot_go_on_and_the_new_one_can(
    trail: Path, opened: Open, key: SigningKey, new: SigningKey
) -> None:
    with opened() as writing:
        writing.rotate(new)
    with pytest.raises(TrailError, match="another signing key"):
        opened(key=key)
    opened(key=new).close()


def test_a_key_does_not_come_back(
    trail: Path, opened: Open, key: SigningKey, new: SigningKey
) -> None:
    with opened() as writing:
        writing.rotate(new)
        with pytest.raises(TrailError, match="with that key before"):
            writing.rotate(key)


def test_a_rotation_that_one_of_them_did_not_sign_is_found(
    trail: Path, opened: Open, key: SigningKey, new: SigningKey, tmp_path: Path
) -> None:
    from governance.trail.keyring import rotation

    stranger = load_or_create_key(tmp_path / "stranger")
    forged = rotation(ORIGIN, 12, stranger, new).payload
    payload = {**forged, "old": key.public.named(ORIGIN).text}
    with opened() as writing:
        writing.append([Event("key.rotated", payload)])
        writing.checkpoint()
    assert "without the signatures" in str(found(trail, key).problem)


def test_who_holds_a_rotated_key_cannot_rewrite_what_followed(
    trail: Path, opened: Open, key: SigningKey, new: SigningKey, tamper
) -> None:
    with opened() as writing:
        writing.rotate(new)
        writing.append([EVENT])
        writing.checkpoint()
    # Cut back to before the rotation, and go on with the old key.
    tamper(
        *(f"DELETE FROM trail_{t} WHERE seq > 11" for t in ("entry", "index")),
        "DELETE FROM trail_checkpoint WHERE size > 12",
    )
    with opened(key=key) as forging:
        forging.append([EVENT])
        forging.checkpoint()
    assert found(trail, new).level is Assurance.UNVERIFIABLE
    assert "pinned key" in str(found(trail, new).problem)


def test_a_revoked_key_vouches_for_nothing_but_its_successor_does(
    trail: Path, opened: Open, key: SigningKey, new: SigningKey
) -> None:
    with opened() as writing:
        writing.rotate(new)
        writing.revoke(key.public.named(ORIGIN).key_id.hex(), after=6, told={})
    assert found(trail, new).level is Assurance.SIGNED
    assert "was revoked in entry 13" in str(found(trail, key).problem)


def test_only_an_earlier_key_is_revoked(trail: Path, opened: Open, key: SigningKey) -> None:
    with opened() as writing, pytest.raises(TrailError, match="no earlier key"):
        writing.revoke(key.public.named(ORIGIN).key_id.hex(), after=0, told={})


def test_a_lost_key_does_not_lose_the_log_but_asks_for_a_new_pin(
    trail: Path, opened: Open, key: SigningKey, new: SigningKey
) -> None:
    with opened(key=Successor(new, {"by": "subject:0"})) as writing:
        writing.append([EVENT])
        writing.checkpoint()
    opened(key=new).close()
    assert found(trail, new).level is Assurance.SIGNED
    assert found(trail, key).level is Assurance.UNVERIFIABLE


def test_an_earlier_time_verifies_under_the_key_that_followed(
    trail: Path, opened: Open, new: SigningKey
) -> None:
    from datetime import timedelta

    from .conftest import START

    later = START + timedelta(days=1)
    with opened(start=later) as writing:
        writing.rotate(new)
    before = verify(
        trail, pinned=new.public, pin_source="t", scope=Scope(until=later - timedelta(seconds=1))
    )
    assert (before.level, before.entries) == (Assurance.SIGNED, 12)


def test_an_entry_about_keys_that_the_index_hides_is_found(
    trail: Path, opened: Open, key: SigningKey, new: SigningKey, tamper
) -> None:
    with opened() as writing:
        writing.rotate(new)
    tamper("UPDATE trail_index SET type = 'scan.started' WHERE seq = 12")
    assert found(trail, key).level is Assurance.UNVERIFIABLE
