"""Keys stay private and whole; notes are those of C2SP."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from governance.errors import TrailError
from governance.trail.keys import (
    PublicKey,
    SigningKey,
    load_key,
    load_or_create_key,
    load_or_create_secret,
    parse_public_key,
)
from governance.trail.note import (
    Checkpoint,
    is_origin,
    is_signed_by,
    parse_checkpoint,
    sign_checkpoint,
)

# The example of the Go project's note package, which C2SP's signed-note describes.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKv"
    "qfqdngotpRZb6KE6RyyBwJnAM=\n"
)
CHECKPOINT = Checkpoint("governance/acme", 7, bytes(range(32)))


def test_a_note_that_others_made_verifies() -> None:
    assert is_signed_by(NEUMANN_NOTE, parse_public_key(NEUMANN))
    assert not is_signed_by(NEUMANN_NOTE.replace("answer", "Answer"), parse_public_key(NEUMANN))


def test_a_public_key_reads_back_from_its_text(key: SigningKey) -> None:
    public = key.public.named("governance/acme")
    assert parse_public_key(f" {public.text}\n") == public


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00000000+", NEUMANN[:-1], NEUMANN.replace("c74f", "c74e"), "a+b+ü", "++"],
)
def test_a_public_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(TrailError, match="not an Ed25519 key"):
        parse_public_key(text)


def test_the_same_folder_gives_the_same_key(tmp_path: Path) -> None:
    assert load_key(tmp_path / "keys") is None
    first = load_or_create_key(tmp_path / "keys")
    again = load_key(tmp_path / "keys")
    assert again is not None and again.public == first.public
    assert sorted(file.name for file in (tmp_path / "keys").iterdir()) == [
        ".gitignore",
        "trail-signing.pem",
    ]


def test_a_seed_from_outside_touches_no_file(tmp_path: Path) -> None:
    seed = base64.b64encode(bytes(32)).decode()
    key = load_or_create_key(tmp_path / "keys", seed)
    # The public key of the seed of 32 zero bytes, as every Ed25519 library derives it.
    assert base64.b64encode(key.public.raw) == b"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("seed", ["", "abc", base64.b64encode(bytes(31)).decode(), "ü"])
def test_a_seed_that_is_none_is_refused_and_not_shown(tmp_path: Path, seed: str) -> None:
    with pytest.raises(TrailError, match="not the base64 of 32 bytes"):
        load_or_create_key(tmp_path, seed)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_or_create_key(tmp_path)
    (tmp_path / "trail-signing.pem").chmod(0o644)
    with pytest.raises(TrailError, match="other users may read"):
        load_or_create_key(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_damaged_key_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "trail-signing.pem"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(TrailError, match="restore the key"):
        load_or_create_key(tmp_path)
    assert file.read_bytes() == content


def test_a_secret_is_random_private_and_stays(tmp_path: Path) -> None:
    secret = load_or_create_secret(tmp_path / "keys", "fingerprint.key")
    assert len(secret) == 32 and secret != load_or_create_secret(tmp_path / "keys", "other.key")
    assert secret == load_or_create_secret(tmp_path / "keys", "fingerprint.key")
    assert stat.S_IMODE((tmp_path / "keys" / "fingerprint.key").stat().st_mode) == 0o600


def test_the_private_key_shows_in_no_repr(key: SigningKey) -> None:
    assert "Ed25519" not in repr(key)


def test_a_checkpoint_reads_back_from_its_note(key: SigningKey) -> None:
    note = sign_checkpoint(CHECKPOINT, key)
    assert parse_checkpoint(note) == CHECKPOINT
    assert note.startswith("governance/acme\n7\nAAEC")
    assert is_signed_by(note, key.public.named("governance/acme"))
    assert not is_signed_by(note, key.public.named("governance/other"))
    assert not is_signed_by(note, key.public)


def test_a_signature_of_somebody_unknown_is_passed_over(key: SigningKey) -> None:
    note = sign_checkpoint(CHECKPOINT, key)
    cosigned = note + NEUMANN_NOTE.rpartition("\n\n")[2]
    assert is_signed_by(cosigned, key.public.named("governance/acme"))


def test_a_second_wrong_signature_of_a_known_key_spoils_the_note(key: SigningKey) -> None:
    note = sign_checkpoint(CHECKPOINT, key)
    public = key.public.named("governance/acme")
    wrong = base64.b64encode(public.key_id + bytes(64)).decode()
    assert not is_signed_by(f"{note}\u2014 governance/acme {wrong}\n", public)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        "a\n1\n\n",
        CHECKPOINT.text,
        CHECKPOINT.text + "\n",
        CHECKPOINT.text.replace("7", "07") + "\n\u2014 a AAAAAAA=\n",
        CHECKPOINT.text.replace("7", "-7") + "\n\u2014 a AAAAAAA=\n",
        CHECKPOINT.text.replace("\n7", "\n7\x1b[2J") + "\n\u2014 a AAAAAAA=\n",
        CHECKPOINT.text + "extension\n\n\u2014 a AAAAAAA=\n",
        "a b\n1\nAAAA\n\n\u2014 a AAAAAAA=\n",
        CHECKPOINT.text + "\n" + "\u2014 a AAAAAAA=\n" * 65,
    ],
)
def test_a_note_in_another_form_is_no_checkpoint(note: str) -> None:
    with pytest.raises(ValueError):
        parse_checkpoint(note)


@pytest.mark.parametrize(
    ("text", "fits"),
    [("governance/acme", True), ("", False), ("a b", False), ("a+b", False), ("a\n", False)],
)
def test_names_of_logs(text: str, fits: bool) -> None:
    assert is_origin(text) is fits


def test_the_key_id_depends_on_the_name() -> None:
    raw = bytes(32)
    assert PublicKey(raw, "a").key_id != PublicKey(raw, "b").key_id
