"""Changes to a trail at random, as somebody would make who wants it to say something else.

Each one changes what the trail says or proves. Whoever makes it has the file and no key, may
recompute every hash, and may remove what was signed later; a checkpoint is kept elsewhere.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from governance.trail.checking import Passage
from governance.trail.course import Course
from governance.trail.keys import PublicKey, SigningKey
from governance.trail.merkle import leaf_hash
from governance.trail.note import Checkpoint, parse_checkpoint, sign_checkpoint
from governance.trail.outside import Outside, Pinned, hold_against
from governance.trail.rows import DamagedError
from governance.trail.tiles import TileStack

Draw = random.Random


class Bench:
    """A trail in memory that is changed, verified and put back, thousands of times."""

    def __init__(self, path: Path, pinned: PublicKey, note: str, forger: SigningKey) -> None:
        self.raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        source = sqlite3.connect(path)
        source.backup(self.raw)
        source.close()
        engine = create_engine("sqlite://", creator=lambda: self.raw, poolclass=StaticPool)
        self.connection = engine.connect()  # stays open: to close it would roll back
        self.pinned, self.forger = pinned, forger
        self.outside = Outside((Pinned(note, "file", "kept"),))
        query = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        self.guards = self.raw.execute(query).fetchall()
        (self.size,) = self.raw.execute("SELECT count(*) FROM trail_entry").fetchone()
        self.origin = parse_checkpoint(note).origin
        self.has_tiles = self.count("trail_tile") > 0

    def count(self, table: str) -> int:
        return int(self.raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def is_found(self) -> str | None:
        """Return what verifying finds, or None."""
        course = Course(self.pinned, until=None, deep=True, start=None)
        passage = Passage(course)
        try:
            passage.run(self.connection)
            hold_against(self.connection, passage, self.outside, [])
        except (DamagedError, SQLAlchemyError, sqlite3.Error, UnicodeError, OverflowError) as found:
            return str(found) or type(found).__name__
        return None

    @contextmanager
    def changed(self, change: Callable[[Bench, Draw], None], draw: Draw) -> Iterator[None]:
        """Apply a change behind the guards' back; everything is as before afterwards."""
        self.raw.execute("SAVEPOINT untouched")
        try:
            for name, _ in self.guards:
                self.raw.execute(f"DROP TRIGGER {name}")
            change(self, draw)
            present = {
                row[0] for row in self.raw.execute(
                    "SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view')"
                )
            }  # fmt: skip
            for name, sql in self.guards:
                if name not in present and sql.split(" ON ")[1].split()[0] not in present:
                    self.raw.execute(sql)
            yield
        finally:
            self.raw.execute("ROLLBACK TO untouched")
            self.raw.execute("RELEASE untouched")

    def body(self, seq: int) -> bytes:
        query = "SELECT body FROM trail_entry WHERE seq = ?"
        return bytes(self.raw.execute(query, (seq,)).fetchone()[0])

    def pick(self, draw: Draw) -> int:
        return draw.randrange(self.size)


def other_byte(content: bytes, draw: Draw) -> bytes:
    at = draw.randrange(len(content))
    return content[:at] + bytes([content[at] ^ draw.randrange(1, 256)]) + content[at + 1 :]


def other_value(content: bytes, draw: Draw) -> bytes:
    """Return a canonical body that says something else in one place."""
    body = json.loads(content)
    places: list[tuple[dict | list, object]] = []

    def walk(value: object) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
        for key, item in items:
            places.append((value, key))  # type: ignore[arg-type]
            if isinstance(item, dict | list):
                walk(item)

    walk(body)
    holder, key = draw.choice(places)
    old = holder[key]  # type: ignore[index]
    new = draw.choice([None, True, 0, 7, "x", "low", "2026-01-01T00:00:00.000000Z", [], {}])
    holder[key] = new if new != old or type(new) is not type(old) else "changed"  # type: ignore[index]
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def edit_body(bench: Bench, draw: Draw) -> None:
    seq = bench.pick(draw)
    body = draw.choice((other_byte, other_value))(bench.body(seq), draw)
    leaf = leaf_hash(body) if draw.random() < 0.5 else leaf_hash(bench.body(seq))
    bench.raw.execute("UPDATE trail_entry SET body = ?, leaf = ? WHERE seq = ?", (body, leaf, seq))


def rewrite(bench: Bench, draw: Draw) -> None:
    """Change one entry and make everything after it fit, signed with a key of one's own."""
    seq = bench.pick(draw)
    bodies = [row[0] for row in bench.raw.execute("SELECT body FROM trail_entry ORDER BY seq")]
    bodies[seq] = other_value(bodies[seq], draw)
    prev, stack, signs = bytes(32), TileStack(), draw.random() < 0.5
    sizes = {row[0] for row in bench.raw.execute("SELECT size FROM trail_checkpoint")}
    for number, content in enumerate(bodies):
        body = json.loads(content)
        if isinstance(body, dict) and number > seq:
            body["prev"] = prev.hex()
        spelt = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        prev = leaf_hash(spelt)
        stack.push(prev)
        row = (spelt, prev, number)
        bench.raw.execute("UPDATE trail_entry SET body = ?, leaf = ? WHERE seq = ?", row)
        if signs and number + 1 in sizes:
            note = sign_checkpoint(Checkpoint(bench.origin, number + 1, stack.root()), bench.forger)
            row = (note, stack.root(), number + 1)
            bench.raw.execute("UPDATE trail_checkpoint SET note = ?, root = ? WHERE size = ?", row)


def remove(bench: Bench, draw: Draw) -> None:
    seq, count = bench.pick(draw), draw.choice((1, 1, 1, 3))
    bench.raw.execute("DELETE FROM trail_entry WHERE seq >= ? AND seq < ?", (seq, seq + count))
    if draw.random() < 0.5:
        bench.raw.execute("UPDATE trail_entry SET seq = seq - ? WHERE seq > ?", (count, seq))
    if draw.random() < 0.5:
        bench.raw.execute("DELETE FROM trail_index WHERE seq NOT IN (SELECT seq FROM trail_entry)")


def insert(bench: Bench, draw: Draw) -> None:
    seq = bench.pick(draw)
    body = bench.body(seq) if draw.random() < 0.5 else other_value(bench.body(seq), draw)
    place = draw.choice((-1, bench.size, bench.size + 5, seq))
    if place == seq:
        bench.raw.execute("UPDATE trail_entry SET seq = -seq - 2 WHERE seq >= ?", (seq,))
        bench.raw.execute("UPDATE trail_entry SET seq = -seq - 1 WHERE seq < 0")
    row = (place, body, leaf_hash(body))
    bench.raw.execute("INSERT INTO trail_entry VALUES (?, ?, ?)", row)


def swap(bench: Bench, draw: Draw) -> None:
    first, second = sorted(draw.sample(range(bench.size), 2))
    for old, new in ((first, -9), (second, first), (-9, second)):
        bench.raw.execute("UPDATE trail_entry SET seq = ? WHERE seq = ?", (new, old))


def cut(bench: Bench, draw: Draw) -> None:
    """Cut off the end, with whatever was signed and derived of it."""
    size = draw.randrange(bench.size)
    for table in ("entry", "index"):
        bench.raw.execute(f"DELETE FROM trail_{table} WHERE seq >= ?", (size,))
    if draw.random() < 0.8:
        bench.raw.execute("DELETE FROM trail_checkpoint WHERE size > ?", (size,))
        bench.raw.execute("DELETE FROM trail_tile WHERE (idx + 1) * 256 > ? AND level = 0", (size,))


def edit_index(bench: Bench, draw: Draw) -> None:
    seq = bench.pick(draw)
    kind = draw.randrange(5)
    if kind == 0:
        bench.raw.execute("DELETE FROM trail_index WHERE seq = ?", (seq,))
    elif kind == 2:
        edit_writer(bench, draw)
    elif kind == 1:
        row = (bench.size + draw.randrange(9),)
        bench.raw.execute("INSERT INTO trail_index VALUES (?, 'a.b', '', NULL, NULL, 1)", row)
    else:
        column = draw.choice(("type", "ts", "asset", "severity", "writer"))
        given = (draw.choice(("other", 7, b"x")), seq)
        bench.raw.execute(f"UPDATE trail_index SET {column} = ? WHERE seq = ?", given)


def edit_writer(bench: Bench, draw: Draw) -> None:
    number = draw.choice(bench.raw.execute("SELECT id FROM trail_writer").fetchall())
    statement = draw.choice(
        (
            "DELETE FROM trail_writer WHERE id = ?",
            "UPDATE trail_writer SET actor = 'subject:0' WHERE id = ?",
            "UPDATE trail_writer SET run = 'other' WHERE id = ?",
            "UPDATE trail_writer SET run = NULL WHERE id = ?",
            "UPDATE trail_writer SET id = id + 1000 WHERE id = ?",
            "INSERT INTO trail_writer SELECT id + 1000, run, 'subject:0' FROM trail_writer "
            "WHERE id = ?",
        )
    )
    bench.raw.execute(statement, number)


def edit_tile(bench: Bench, draw: Draw) -> None:
    if not bench.has_tiles:
        return edit_index(bench, draw)
    query = "SELECT level, idx, hashes FROM trail_tile ORDER BY random() LIMIT 1"
    level, idx, hashes = bench.raw.execute(query).fetchone()
    if draw.random() < 0.3:
        bench.raw.execute("DELETE FROM trail_tile WHERE level = ? AND idx = ?", (level, idx))
    else:
        row = (draw.choice((other_byte(hashes, draw), hashes[:-32])), level, idx)
        bench.raw.execute("UPDATE trail_tile SET hashes = ? WHERE level = ? AND idx = ?", row)
    return None


def edit_checkpoint(bench: Bench, draw: Draw) -> None:
    rows = bench.raw.execute("SELECT size, root, note FROM trail_checkpoint").fetchall()
    size, root, note = draw.choice(rows)
    kind = draw.randrange(7)
    run = bench.raw.execute
    if kind == 0:
        at = draw.randrange(len(note))
        other = f"{note[:at]}{draw.choice('Aa1+ ' + chr(10))}{note[at + 1 :]}"
        other = other if other != note else note + "x"
        run("UPDATE trail_checkpoint SET note = ? WHERE size = ?", (other, size))
    elif kind == 1:
        run("UPDATE trail_checkpoint SET root = ? WHERE size = ?", (other_byte(root, draw), size))
    elif kind == 2:
        run("UPDATE trail_checkpoint SET key_id = '00000000' WHERE size = ?", (size,))
    elif kind == 3:
        run("DELETE FROM trail_checkpoint")
    elif kind == 4:
        forged = sign_checkpoint(parse_checkpoint(note), bench.forger)
        run("UPDATE trail_checkpoint SET note = ? WHERE size = ?", (forged, size))
    elif kind == 5:
        run("UPDATE trail_checkpoint SET size = size + 1 WHERE size = ?", (bench.size,))
    else:
        stripped = note.rpartition("\n\n")[0] + "\n\n"
        run("UPDATE trail_checkpoint SET note = ? WHERE size = ?", (stripped, size))


def edit_schema(bench: Bench, draw: Draw) -> None:
    bench.raw.execute(
        draw.choice(
            (
                "CREATE TRIGGER evil AFTER INSERT ON trail_entry BEGIN SELECT 1; END",
                "CREATE VIEW shown AS SELECT 1",
                "CREATE TABLE shown (a)",
                "CREATE INDEX shown ON trail_entry (leaf)",
                "ALTER TABLE trail_index ADD COLUMN shown TEXT",
                "DROP INDEX trail_index_rare",
                "PRAGMA user_version = 1",
                "CREATE TRIGGER trail_entry_no_update BEFORE UPDATE ON trail_entry "
                "BEGIN SELECT 1; END",
            )
        )
    )


CHANGES: tuple[Callable[[Bench, Draw], None], ...] = (
    edit_body, edit_body, edit_body, rewrite, remove, insert, swap, cut, edit_index, edit_tile,
    edit_checkpoint, edit_schema,
)  # fmt: skip
