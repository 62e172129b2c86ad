"""A trail of every released format verifies for ever, here and by hand.

A golden is written once, by the version that brought the format, and never again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from governance.model.trail import Assurance
from governance.trail import verify_trail
from governance.trail.keys import parse_public_key
from governance.trail.merkle import leaf_hash
from governance.trail.note import is_signed_by, parse_checkpoint
from governance.trail.proofs import included_root
from governance.trail.proving import parse_proof
from governance.trail.reading import read_entries
from governance.trail.storage import reading_engine
from governance.trail.tree import StoredTree
from governance.trail.verify import DEEP, verify

GOLDEN = Path(__file__).parents[2] / "golden" / "trail"
ROOTS = {
    "v2": "f82f24ac02e5d7c497d1af9aa98752b32680c374153d83c8434a05e819b542e0",
    "v2-lived": "875775614b5da32f89a90f221740245669e3eeeb6d50bfce07f9a57ea7d0b67e",
}
ROOT = "98b39873f6f33fdbecda458b593867e06b113cda9b7465938d6555ee2928b9be"


def test_format_1_verifies() -> None:
    pinned = parse_public_key((GOLDEN / "v1.pub").read_text())
    told = verify(GOLDEN / "v1.db", pinned=pinned, pin_source="v1.pub")
    assert (told.level, told.problem, told.root) == (Assurance.SIGNED, None, ROOT)
    assert (told.entries, told.checkpoint_size, told.unsigned_tail) == (295, 294, 1)


def test_format_1_reads() -> None:
    entries = list(read_entries(GOLDEN / "v1.db", types={"scan.started", "report.issued"}))
    assert [(entry.seq, entry.run, entry.actor) for entry in entries] == [
        (1, "r1", "user:ada"),
        (293, "r2", "service:ci"),
    ]
    assert entries[0].payload["targets"] == ["data/café.csv"]


def test_format_1_verifies_with_nothing_of_ours() -> None:
    """The steps of docs/trail.md, with the standard library and one signature check."""
    with closing(sqlite3.connect(f"file:{GOLDEN / 'v1.db'}?mode=ro", uri=True)) as connection:
        bodies = [row[0] for row in connection.execute("SELECT body FROM trail_entry ORDER BY seq")]
        newest = "SELECT note FROM trail_checkpoint ORDER BY size DESC LIMIT 1"
        (note,) = connection.execute(newest).fetchone()
    leaves = [hashlib.sha256(b"\x00" + body).digest() for body in bodies]
    for number, body in enumerate(bodies):
        content = json.loads(body)
        before = leaves[number - 1].hex() if number else "0" * 64
        assert (content["seq"], content["prev"]) == (number, before)
    text, _, signature = note.rpartition("\n\n")
    origin, size, root = text.split("\n")
    assert base64.b64decode(root) == _root(leaves[: int(size)])
    blob = base64.b64decode(signature.split()[2])
    pinned = base64.b64decode((GOLDEN / "v1.pub").read_text().split("+", 2)[2])
    assert blob[:4] == hashlib.sha256(origin.encode() + b"\n" + pinned).digest()[:4]
    Ed25519PublicKey.from_public_bytes(pinned[1:]).verify(blob[4:], f"{text}\n".encode())


def test_a_trail_that_lived_verifies() -> None:
    """Its key was rotated and revoked, a hold set and released, a person erased, a part pruned."""
    pinned, old = (
        parse_public_key((GOLDEN / f"v1-lived.{name}").read_text()) for name in ("pub", "old.pub")
    )
    path = GOLDEN / "v1-lived.db"
    told = verify(path, pinned=pinned, pin_source="", scope=DEEP)
    assert (told.level, told.problem) == (Assurance.SIGNED, None)
    assert (told.entries, told.pruned, told.unsigned_tail) == (279, 253, 0)
    assert "was revoked" in str(verify(path, pinned=old, pin_source="").problem)
    kept = [entry.type for entry in read_entries(path)][:3]
    assert kept == ["log.created", "legal_hold.set", "legal_hold.released"]
    (erased,) = read_entries(path, types={"subject.erased"})
    assert str(erased.payload["subject"]).startswith("subject:")


def test_a_proof_from_before_pruning_still_holds() -> None:
    proof = json.loads((GOLDEN / "v1-lived.proof.json").read_text())
    path = [bytes.fromhex(each) for each in proof["path"]]
    leaf = bytes.fromhex(proof["leaf"])
    root = included_root(leaf, proof["seq"], proof["size"], path)
    assert parse_checkpoint(proof["note"]).root == root
    pinned = parse_public_key((GOLDEN / "v1-lived.pub").read_text())
    assert is_signed_by(proof["note"], pinned)
    with reading_engine(GOLDEN / "v1-lived.db").connect() as connection:
        tree = StoredTree(connection)
        assert tree.leaf(proof["seq"]) == leaf and tree.root(proof["size"]) == root
    assert proof["seq"] not in {entry.seq for entry in read_entries(GOLDEN / "v1-lived.db")}


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def _program(*words: object) -> tuple[int, str]:
    """Run the program that goes along with exports; return its exit code and what it says."""
    command = [sys.executable, str(Path(verify_trail.__file__)), *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout


@pytest.mark.parametrize(
    ("name", "key", "entries", "pruned"),
    [("v2", "v2.pub", 308, 0), ("v2-lived", "v2-second.pub", 311, 255)],
)
def test_format_2_verifies(name: str, key: str, entries: int, pruned: int) -> None:
    pinned = parse_public_key((GOLDEN / key).read_text())
    told = verify(GOLDEN / f"{name}.db", pinned=pinned, pin_source="", scope=DEEP)
    assert (told.level, told.problem) == (Assurance.SIGNED, None)
    assert (told.entries, told.pruned, told.root) == (entries, pruned, ROOTS[name])


@pytest.mark.parametrize("name", ["v2.db", "v2-jsonl", "v2-tiles"])
def test_what_was_exported_once_verifies_for_ever(name: str) -> None:
    code, said = _program(GOLDEN / name, "--key", GOLDEN / "v2.pub")
    assert (code, said.split("\n")[0]) == (0, "SIGNED"), said
    assert "0 pruned, 307 signed" in said
    assert name == "v2-tiles" or ROOTS["v2"] in said  # tiles end with what was signed
    assert _program(GOLDEN / name, "--key", GOLDEN / "v1.pub")[0] == 4


@pytest.mark.parametrize("name", ["v2-lived.db", "v2-lived-jsonl", "v2-lived-tiles"])
def test_a_pruned_export_verifies_for_ever(name: str) -> None:
    witness = (GOLDEN / "v2-witness.pub").read_text().strip()
    code, said = _program(GOLDEN / name, "--key", GOLDEN / "v2-second.pub", "--witness", witness)
    assert (code, said.split("\n")[0]) == (0, "WITNESSED 1/1"), said
    assert "311 entries, 255 pruned" in said and ROOTS["v2-lived"] in said
    code, said = _program(GOLDEN / name, "--key", GOLDEN / "v2.pub")
    assert code == 4 and "was revoked" in said


@pytest.mark.parametrize(("name", "index"), [("v2-early", 77), ("v2-witnessed", 200)])
def test_a_proof_holds_for_ever(name: str, index: int) -> None:
    proof = GOLDEN / f"{name}.tlog-proof"
    code, said = _program(proof, "--key", GOLDEN / "v2.pub")
    assert code == 0 and f"entry {index} of " in said
    parsed = parse_proof(proof.read_text())
    assert parsed.root(leaf_hash(parsed.extra)) == parse_checkpoint(parsed.note).root
    # What it proves was pruned since; the tree of the trail still holds its leaf.
    with reading_engine(GOLDEN / "v2-lived.db").connect() as connection:
        assert StoredTree(connection).leaf(index) == leaf_hash(parsed.extra)
    assert index not in {entry.seq for entry in read_entries(GOLDEN / "v2-lived.db")}
