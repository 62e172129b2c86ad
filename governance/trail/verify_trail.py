"""Verify an exported trail with nothing but Python and the package ``cryptography``.

    python verify_trail.py WHERE --key name+keyid+base64 [--checkpoint FILE] [--witness KEY]

WHERE is a folder that 'governance audit export' wrote, a trail's SQLite file, or a .tlog-proof
file. This program imports nothing of the tool that wrote the trail: it was written a second time,
to disagree where the first is wrong. It prints the level that it can show and ends with 0 only at
SIGNED or above. Time stamps it leaves to others: openssl ts -verify.
"""

import argparse
import base64
import hashlib
import json
import re
import sqlite3
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Entry = tuple[int, bytes | None, bytes | None]
"""Number, body (None where it was pruned), leaf hash (None where the body alone is given)."""
FIELDS = {"v", "alg", "log", "seq", "prev", "ts", "type", "run", "actor", "payload"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
WIDTH = 256


class Broken(Exception):  # noqa: N818 (what is broken is the trail, not this program)
    """The trail does not hold; the message says where."""


class Key:
    """A public key of a signed note: ``name+keyid+base64``; 1 signs logs, 4 co-signs."""

    def __init__(self, text: str) -> None:
        self.name, key_id, encoded = str(text).strip().split("+", 2)
        typed = base64.b64decode(encoded, validate=True)
        self.text, self.kind, self.raw = str(text).strip(), typed[0], typed[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + typed).digest()[:4]
        if self.id.hex() != key_id or len(self.raw) != 32:
            raise Broken("a public key that is not what it says")

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Return whether the signature is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def signed(self, note: str) -> bool:
        """Return whether a note carries this key's signature, and no wrong one in its name."""
        text, _, lines = note.rpartition("\n\n")
        found = []
        for line in lines.splitlines():
            dash, name, encoded = line.split(" ")
            blob = base64.b64decode(encoded, validate=True)
            if dash == "\u2014" and name == self.name and blob[:4] == self.id:
                found.append(self._signed(f"{text}\n", blob[4:]))
        return bool(found) and all(found)

    def _signed(self, text: str, blob: bytes) -> bool:
        head = f"cosignature/v1\ntime {int.from_bytes(blob[:8])}\n" if self.kind == 4 else ""
        return self.verifies((head + text).encode(), blob[8:] if head else blob)


class Tree:
    """The Merkle tree of RFC 6962, as the roots of its perfect subtrees."""

    def __init__(self) -> None:
        self.size, self.hashes = 0, list[bytes]()

    def push(self, leaf: bytes) -> None:
        """Append one leaf hash."""
        self.hashes.append(leaf)
        size, self.size = self.size, self.size + 1
        while size & 1:
            right = self.hashes.pop()
            self.hashes[-1] = node(self.hashes[-1], right)
            size >>= 1

    def root(self) -> bytes:
        """Return the root over all leaves."""
        root = self.hashes[-1] if self.hashes else hashlib.sha256(b"").digest()
        for left in reversed(self.hashes[:-1]):
            root = node(left, root)
        return root


class Trail:
    """One reading of a log from its first entry to its last."""

    def __init__(self, pinned: Key | None) -> None:
        self.pinned, self.tree = pinned, Tree()
        self.origin, self.leaf, self.time = pinned.name if pinned else "", bytes(32), ""
        self.keys: list[dict[str, Any]] = []
        self.gaps, self.roots = list[int](), dict[int, bytes]()
        self.claim: tuple[int, dict[str, Any]] | None = None

    def read(self, entries: Iterator[Entry], wanted: set[int]) -> None:
        """Take every entry, and remember the roots at the sizes that are wanted."""
        for seq, body, leaf in entries:
            if seq != self.tree.size:
                raise Broken(f"entry {self.tree.size} is missing, or entry {seq} was put in")
            if body is not None:
                told = hashlib.sha256(b"\x00" + body).digest()
                if leaf is not None and told != leaf:
                    raise Broken(f"entry {seq} was changed: its bytes do not have its hash")
                self._take(seq, body)
                leaf = told
            else:
                self.gaps.append(seq)
            self.leaf = leaf or b""
            self.tree.push(self.leaf)
            if self.tree.size % WIDTH == 0 or self.tree.size in wanted:
                self.roots[self.tree.size] = self.tree.root()
        if not self.tree.size:
            raise Broken("the trail holds no entries")

    def _take(self, seq: int, stored: bytes) -> None:
        body = parse(stored, seq)
        self.origin = self.origin or body["log"]
        if body["log"] != self.origin:
            raise Broken(f"entry {seq} belongs to another log")
        if body["seq"] != seq or body["prev"] != self.leaf.hex():
            raise Broken(f"entry {seq} does not follow the entry before it")
        if not TIME.fullmatch(body["ts"]) or body["ts"] < self.time:
            raise Broken(f"entry {seq} is dated before the entry before it")
        self.time = body["ts"]
        try:
            self._learn(seq, body["type"], body["payload"])
        except (KeyError, ValueError, TypeError, IndexError, AttributeError):
            raise Broken(f"entry {seq} changes the keys without what this needs") from None

    def _learn(self, seq: int, kind: str, said: dict[str, Any]) -> None:
        if kind == "log.created" and seq == 0:
            self.keys.append({"key": Key(said["key"]), "since": 0, "heir": True, "upto": None})
        elif kind in ("key.rotated", "key.added"):
            heir = kind == "key.rotated"
            names, act = (
                (("old", "new"), "rotation") if heir else (("previous", "key"), "succession")
            )
            old, new = (Key(said[name]) for name in names)
            by = said["signatures"] if heir else {"new": said["signature"]}
            message = self._said(act, seq, old.text, new.text)
            sound = old.raw == self.keys[-1]["key"].raw and new.name == old.name == self.origin
            sound &= all(each["key"].raw != new.raw for each in self.keys)
            sound &= new.verifies(message, base64.b64decode(by["new"]))
            if not sound or (heir and not old.verifies(message, base64.b64decode(by["old"]))):
                raise ValueError
            self.keys.append({"key": new, "since": seq, "heir": heir, "upto": None})
        elif kind == "key.revoked":
            key, after = Key(said["key"]), said["after"]
            earlier = [each for each in self.keys[:-1] if each["key"].raw == key.raw]
            message = self._said("revocation", seq, key.text, str(after))
            sound = self.keys[-1]["key"].verifies(message, base64.b64decode(said["signature"]))
            if type(after) is not int or not sound:
                raise ValueError
            bound = earlier[0]["upto"]
            earlier[0]["upto"] = after if bound is None else min(after, bound)
        elif kind == "segment.pruned":
            self.claim = (seq, said)
        elif kind == "log.created":
            raise ValueError

    def _said(self, kind: str, seq: int, *said: str) -> bytes:
        lines = (f"governance trail key {kind} v1", self.origin, str(seq), *said, "")
        return "\n".join(lines).encode()

    def vouched(self, note: str, size: int) -> bool | None:
        """Return whether the pinned key answers for a note; None: its word counts no more."""
        if self.pinned is None:
            return True
        places = [n for n, each in enumerate(self.keys) if each["key"].raw == self.pinned.raw]
        numbers = [n for n, each in enumerate(self.keys) if each["since"] < size]
        if not places or not numbers:
            return self.pinned.signed(note)
        if self.keys[places[0]]["upto"] is not None:
            raise Broken("the pinned key was revoked: pin the one that followed it")
        number = numbers[-1]
        heirs = all(each["heir"] for each in self.keys[places[0] + 1 : number + 1])
        if not heirs or not self.keys[number]["key"].signed(note):
            return False
        upto = self.keys[number]["upto"]
        return None if upto is not None and size > upto else True

    def hold(self, notes: list[str], place: str) -> int:
        """Hold the log against signed notes; return the largest size that counts."""
        newest = 0
        for note in notes:
            origin, size, root = checkpoint(note)
            if size > self.tree.size:
                raise Broken(f"{self.tree.size} entries, but {size} are in {place}: cut off")
            if origin != self.origin or size < 1 or self.roots[size] != root:
                raise Broken(f"the first {size} entries are not those in {place}")
            vouched = self.vouched(note, size)
            if vouched is False:
                raise Broken(f"the checkpoint of size {size} is not signed with the pinned key")
            newest = max(newest, size) if vouched else newest
        return newest

    def mind_the_gaps(self, signed: int) -> None:
        """Check that a signed entry answers for every body that is missing."""
        if not self.gaps and self.claim is None:
            return
        seq, said = self.claim or (-1, {})
        end, kept = said.get("end", 0), said.get("kept", [])
        sound = 0 < end <= seq and self.roots.get(end) == bytes.fromhex(said.get("root", ""))
        sound = sound and set(self.gaps) == set(range(end)) - set(kept)
        if not sound:
            raise Broken("entries are missing, and what was pruned is not what was logged")
        if self.pinned and signed <= seq:
            raise Broken("entries are missing, and no signature covers that they were pruned")


def parse(stored: bytes, seq: int) -> dict[str, Any]:
    """Return a body; Broken unless it is the canonical spelling of an entry."""
    try:
        body = json.loads(stored)
        plain = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        known = plain.encode() == stored and set(body) == FIELDS
        if not known or (body["v"], body["alg"]) != (1, "rfc6962-sha256") or body["v"] is True:
            raise ValueError
        texts = all(isinstance(body[name], str) for name in ("log", "prev", "ts", "type"))
        if not texts or not isinstance(body["payload"], dict) or type(body["seq"]) is not int:
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise Broken(f"entry {seq} is not readable") from None
    return body  # type: ignore[no-any-return]


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def checkpoint(note: str) -> tuple[str, int, bytes]:
    """Return origin, size and root of a signed note."""
    try:
        text, separator, _ = note.rpartition("\n\n")
        origin, size, root = text.split("\n")
        if not separator or str(int(size)) != size:
            raise ValueError
        return origin, int(size), base64.b64decode(root, validate=True)
    except ValueError:
        raise Broken("a checkpoint is unreadable") from None


def read_folder(folder: Path) -> tuple[Iterator[Entry], list[str], list[str]]:
    """Return entries, notes and receipts of witnesses of an exported folder."""
    told = lines(folder / "checkpoints.jsonl")
    receipts = [each for each in lines(folder / "anchors.jsonl") if each["kind"] == "witness"]
    cosigned = [base64.b64decode(each["receipt"]).decode() for each in receipts]
    if (folder / "entries.jsonl").exists():
        return read_lines(folder / "entries.jsonl"), told, cosigned
    told.append((folder / "checkpoint").read_text(encoding="utf-8"))
    return read_bundles(folder, checkpoint(told[-1])[1]), told, cosigned


def read_lines(path: Path) -> Iterator[Entry]:
    """Yield the entries of a file with one body a line; of a pruned one its leaf hash."""
    with path.open("rb") as file:
        for seq, line in enumerate(file):
            pruned = re.fullmatch(rb'\{"pruned":"([0-9a-f]{64})"\}\n', line)
            leaf = bytes.fromhex(pruned[1].decode()) if pruned else None
            yield seq, None if pruned else line.removesuffix(b"\n"), leaf


def read_bundles(folder: Path, size: int) -> Iterator[Entry]:
    """Yield the entries of C2SP tlog-tiles; a pruned bundle is absent, its tile is not."""
    kept = {each["seq"]: base64.b64decode(each["body"]) for each in lines(folder / "kept.jsonl")}
    for first in range(0, size, WIDTH):
        idx, width = first // WIDTH, min(WIDTH, size - first)
        name = f"{idx % 1000:03}"
        while idx := idx // 1000:
            name = f"x{idx % 1000:03}/{name}"
        name += f".p/{width}" if width < WIDTH else ""
        hashes, bundle = (folder / f"tile/0/{name}").read_bytes(), folder / f"tile/entries/{name}"
        content = bundle.read_bytes() if bundle.exists() else None
        at = 0
        for n in range(width):
            leaf, body = hashes[32 * n : 32 * n + 32], kept.get(first + n)
            if content is not None:
                (length,) = struct.unpack_from(">H", content, at)
                body, at = content[at + 2 : at + 2 + length], at + 2 + length
            yield first + n, body, leaf
        if len(hashes) != 32 * width or (content is not None and at != len(content)):
            raise Broken(f"the tile or bundle of entry {first} has another length")


def read_database(path: Path) -> tuple[Iterator[Entry], list[str], list[str]]:
    """Return entries, notes and receipts of witnesses of a trail's own file."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    database.execute("PRAGMA trusted_schema = OFF")
    if database.execute("SELECT 1 FROM sqlite_schema WHERE type = 'view'").fetchone():
        raise Broken("a view stands where a table should")
    query = "SELECT note FROM trail_checkpoint ORDER BY size"
    notes = [row[0] for row in database.execute(query)]
    query = "SELECT receipt FROM trail_anchor WHERE kind = 'witness'"
    return read_rows(database), notes, [row[0].decode() for row in database.execute(query)]


def read_rows(database: sqlite3.Connection) -> Iterator[Entry]:
    """Yield the rows; where one is missing, its hash from the tile, if there is one."""
    expected = 0
    tile = "SELECT hashes FROM trail_tile WHERE level = 0 AND idx = ?"
    for seq, body, leaf in database.execute("SELECT seq, body, leaf FROM trail_entry ORDER BY seq"):
        while expected < seq:
            found = database.execute(tile, (expected // WIDTH,)).fetchone()
            if found is None:
                raise Broken(f"entry {expected} is missing, or entry {seq} was put in")
            at = expected % WIDTH * 32
            yield expected, None, found[0][at : at + 32]
            expected += 1
        yield seq, body, leaf
        expected += 1


def lines(path: Path) -> list[Any]:
    """Return the JSON of each line; nothing where there is no such file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def prove(path: Path, pinned: Key | None) -> str:
    """Return what a .tlog-proof file proves; Broken if that is nothing."""
    head, _, note = path.read_text(encoding="utf-8").partition("\n\n")
    origin, size, root = checkpoint(note)
    first, extra, index, *hashes = head.split("\n")
    if first != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra "):
        raise Broken("not a proof that holds its entry")
    body, at, last = base64.b64decode(extra[6:], validate=True), int(index[6:]), size - 1
    told, number = hashlib.sha256(b"\x00" + body).digest(), int(index[6:])
    for encoded in hashes:
        side = base64.b64decode(encoded, validate=True)
        if at & 1 or at == last:
            told = node(side, told)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            told = node(told, side)
        at, last = at >> 1, last >> 1
    if last != 0 or told != root:
        raise Broken("the proof does not lead to the root that was signed")
    if pinned is None or pinned.name != origin or not pinned.signed(note):
        raise Broken("no known key signed the checkpoint")
    return f"entry {number} of {size} in {origin}: {parse(body, number)['type']}\n{body.decode()}"


def verify(where: Path, pinned: Key | None, kept: list[str], witnesses: list[Key]) -> str:
    """Return the level and what it rests on; Broken if the trail does not hold."""
    entries, notes, cosigned = (read_folder if where.is_dir() else read_database)(where)
    seen = {key.text: note for key in witnesses for note in cosigned if key.signed(note)}
    sizes = {checkpoint(note)[1] for note in (*notes, *kept, *seen.values())}
    trail = Trail(pinned)
    trail.read(entries, sizes)
    if not notes:
        raise Broken("the signatures were taken off: no checkpoint is left")
    signed = trail.hold(notes, "a signed checkpoint")
    anchored = trail.hold(kept, "a checkpoint that was kept elsewhere")
    trail.mind_the_gaps(signed)
    trail.hold(list(seen.values()), "what a witness signed")
    level = "SIGNED" if pinned and signed else "INTACT"
    if level == "SIGNED" and (anchored or seen):
        whole = bool(witnesses) and len(seen) == len(witnesses)
        level = f"WITNESSED {len(seen)}/{len(witnesses)}" if whole else "ANCHORED"
    told = f"{trail.tree.size} entries, {len(trail.gaps)} pruned, {signed} signed"
    return f"{level}\n{told}, root {trail.tree.root().hex()}"


def main() -> int:
    """Read the command line, print the result, return the exit code."""
    parser = argparse.ArgumentParser(description="Verify an exported trail or a proof.")
    parser.add_argument("where", type=Path)
    parser.add_argument("--key", help="the public key that must have signed, or a file of it")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[])
    parser.add_argument("--witness", action="append", default=[])
    given = parser.parse_args()
    try:
        text = given.key if "+" in (given.key or "+") else Path(given.key).read_text()
        pinned = Key(text) if text else None
        if given.where.suffix == ".tlog-proof":
            print(prove(given.where, pinned))
            return 0
        kept = [path.read_text(encoding="utf-8") for path in given.checkpoint]
        told = verify(given.where, pinned, kept, [Key(each) for each in given.witness])
    except (Broken, OSError, ValueError, KeyError, TypeError, struct.error, sqlite3.Error) as cause:
        print(f"UNVERIFIABLE\n{cause}")
        return 4
    print(told)
    return 4 if told.startswith("INTACT") else 0


if __name__ == "__main__":
    sys.exit(main())
