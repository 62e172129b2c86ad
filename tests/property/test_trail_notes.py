"""Notes and proofs from hostile hands: refused or read, never a crash, never too generous."""

from __future__ import annotations

import base64
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.trail.cosignature import WitnessKey, cosign, cosigned_at
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.note import (
    Checkpoint,
    is_signed_by,
    parse_checkpoint,
    sign_checkpoint,
    signature_lines,
    with_signatures,
)
from governance.trail.proving import EntryProof, parse_proof
from governance.trail.witness import parse_request

ORIGIN = "governance/acme"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROUNDS = 100_000 if "TORTURE" in os.environ else 3_000
# The examples of C2SP tlog-checkpoint and tlog-cosignature.
PUBLISHED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
    "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs"
    "X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return load_or_create_key(Path(tmp_path_factory.mktemp("keys")))


@pytest.fixture(scope="module")
def note(key: SigningKey) -> str:
    return sign_checkpoint(Checkpoint(ORIGIN, 12, bytes(range(32))), key)


def test_published_examples_are_read() -> None:
    told = parse_checkpoint(PUBLISHED)
    assert (told.origin, told.size) == ("example.com/behind-the-sofa", 20852163)
    assert len(signature_lines(PUBLISHED)) == 2


def test_one_changed_character_never_verifies(key: SigningKey, note: str) -> None:
    public = key.public.named(ORIGIN)
    draw, accepted = random.Random(1), 0
    for _ in range(ROUNDS):
        at = draw.randrange(len(note))
        other = draw.choice(["", "\n", " ", "=", "A", "+", "\u2014", "\x00", "\x7f", chr(at), "0"])
        changed = note[:at] + other + note[at + draw.randrange(2) :]
        if changed == note:
            continue
        if is_signed_by(changed, public):
            accepted += 1
            assert parse_checkpoint(changed) == parse_checkpoint(note)
    assert accepted == 0 or accepted < ROUNDS // 100


@settings(max_examples=80)
@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("utf-8", "replace"))))
def test_arbitrary_text_is_refused_without_a_crash(text: str) -> None:
    for read in (parse_checkpoint, parse_proof, lambda each: parse_request(each.encode())):
        with pytest.raises((ValueError, UnicodeError)):
            read(text)
    assert signature_lines(text) == [] or "\u2014" in text or "\n\n" in text


def test_malleable_and_doubled_signatures(key: SigningKey, note: str) -> None:
    """Ed25519 signatures with s + L, or beside a wrong one under the same name, are refused."""
    public = key.public.named(ORIGIN)
    blob = base64.b64decode(note.rsplit(" ", 1)[1])
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(blob[36:], "little") + order
    if s < 2**256:
        other = blob[:36] + s.to_bytes(32, "little")
        line = f"\u2014 {ORIGIN} {base64.b64encode(other).decode()}\n"
        assert not is_signed_by(note.rsplit("\n\n", 1)[0] + "\n\n" + line, public)
    wrong = f"\u2014 {ORIGIN} {base64.b64encode(blob[:4] + bytes(64)).decode()}\n"
    assert not is_signed_by(with_signatures(note, [wrong]), public)
    strangers = [
        f"\u2014 other/{n} {base64.b64encode(bytes([n]) * 68).decode()}\n" for n in range(16)
    ]
    assert is_signed_by(with_signatures(note, strangers), public)
    with pytest.raises(ValueError):
        with_signatures(note, [f"{line[:-1]}{n}\n" for line in strangers for n in range(64)])
    assert note == with_signatures(note, signature_lines(note))


def test_a_changed_cosignature_never_counts(key: SigningKey, note: str) -> None:
    witness = WitnessKey("w1", key.public.raw)
    line = cosign(note, "w1", key, NOW)
    signed = with_signatures(note, [line])
    assert cosigned_at(signed, witness) == NOW
    blob = base64.b64decode(line.rsplit(" ", 1)[1])
    for at in range(4, len(blob)):
        other = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
        changed = f"\u2014 w1 {base64.b64encode(other).decode()}\n"
        assert cosigned_at(with_signatures(note, [changed]), witness) is None


@given(
    st.integers(0, 2**40), st.lists(st.binary(min_size=32, max_size=32), max_size=63), st.binary()
)
def test_proofs_are_read_as_they_are_written(
    note: str, index: int, path: list[bytes], extra: bytes
) -> None:
    proof = EntryProof(index, tuple(path), note, extra)
    assert parse_proof(proof.encode()) == proof
