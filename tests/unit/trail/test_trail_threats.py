"""Each class of tampering, by whom, and whether it is found: the table of docs/trail.md.

``nobody`` has the file and no key. ``holder`` has the signing key as well. Whether a checkpoint is
kept outside (``kept``), and whether it covers what was changed, decides the rest. What no log can
detect is tested too: a limit that is told must be one.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from governance.model.trail import Assurance, Event, Receipt, Verification
from governance.trail.body import decode_body, index_values
from governance.trail.cosignature import WitnessKey, cosign
from governance.trail.keys import PublicKey, SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.merkle import leaf_hash
from governance.trail.note import Checkpoint, sign_checkpoint, with_signatures
from governance.trail.outside import NOTHING, Outside, Pinned
from governance.trail.tiles import TileStack
from governance.trail.verify import DEEP, WHOLE, verify

from .conftest import ORIGIN, START, Break
from .generated import newest

Open = Callable[..., Trail]
Change = Callable[[list[dict]], object]
NAME = "witness.example.org/w1"


def rewrite(path: Path, change: Change, signer: SigningKey, *, chained: bool = True) -> None:
    """Change the entries, make every hash and the index fit, and sign it all anew."""
    with closing(sqlite3.connect(path)) as connection:
        run = connection.execute
        guards = run("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        bodies = [json.loads(row[0]) for row in run("SELECT body FROM trail_entry ORDER BY seq")]
        sizes = [row[0] for row in run("SELECT size FROM trail_checkpoint ORDER BY size")]
        change(bodies)
        for name, _ in guards:
            run(f"DROP TRIGGER {name}")
        for table in ("entry", "index", "writer", "checkpoint"):
            run(f"DELETE FROM trail_{table}")
        prev, tree, writers = bytes(32), TileStack(), {}
        for seq, body in enumerate(bodies):
            spelt = _spell(body | ({"seq": seq, "prev": prev.hex()} if chained else {}))
            prev = leaf_hash(spelt)
            tree.push(prev)
            run("INSERT INTO trail_entry VALUES (?, ?, ?)", (seq, spelt, prev))
            try:
                values = index_values(decode_body(spelt))
            except ValueError:
                values = ("a.b", "", None, None, "", None)
            kind, ts, by_run, asset, actor, severity = values
            number = writers.setdefault((by_run, actor), len(writers) + 1)
            row = (seq, kind, ts, asset, severity, number)
            run("INSERT INTO trail_index VALUES (?, ?, ?, ?, ?, ?)", row)
            if seq + 1 in sizes or seq + 1 == len(bodies):
                _sign(connection, seq + 1, tree.root(), signer)
        for who, number in writers.items():
            run("INSERT INTO trail_writer VALUES (?, ?, ?)", (number, *who))
        for _, sql in guards:
            run(sql)
        connection.commit()


def _spell(body: dict) -> bytes:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _sign(connection: sqlite3.Connection, size: int, root: bytes, key: SigningKey) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, root), key)
    row = (size, key.public.named(ORIGIN).key_id.hex(), root, note, "")
    connection.execute("INSERT INTO trail_checkpoint VALUES (?, ?, ?, ?, ?)", row)


@pytest.fixture
def pinned(key: SigningKey) -> PublicKey:
    return key.public.named(ORIGIN)


@pytest.fixture
def forger(tmp_path: Path) -> SigningKey:
    return load_or_create_key(tmp_path / "forger")


@pytest.fixture
def early(trail: Path) -> Outside:
    """A checkpoint of the first 6 of 12 entries, kept outside."""
    with closing(sqlite3.connect(trail)) as connection:
        query = "SELECT note FROM trail_checkpoint WHERE size = 6"
        (note,) = connection.execute(query).fetchone()
    return Outside((Pinned(note, "git", "trail/checkpoint.txt"),))


def look(trail: Path, pinned: PublicKey, outside: Outside = NOTHING) -> Verification:
    """Verify in depth; what does not concern the index, the quicker way must find as well."""
    found = verify(trail, pinned=pinned, pin_source="p", scope=DEEP, outside=outside)
    quick = verify(trail, pinned=pinned, pin_source="p", scope=WHOLE, outside=outside)
    if "search index" not in (found.problem or ""):
        assert (quick.level, quick.problem) == (found.level, found.problem)
    return found


def _edit(seq: int) -> Change:
    return lambda bodies: bodies[seq]["payload"].update(severity="low")


REWRITINGS: dict[str, Callable[[int], Change]] = {
    "1 edit": _edit,
    "3 delete": lambda seq: lambda bodies: bodies.pop(seq),
    "4 insert": lambda seq: lambda bodies: bodies.insert(seq, dict(bodies[seq])),
    "5 swap": lambda seq: (
        lambda bodies: bodies.__setitem__(slice(seq, seq + 2), bodies[seq : seq + 2][::-1])
    ),
}


@pytest.mark.parametrize("name", REWRITINGS)
def test_rewriting_history(
    name: str, trail: Path, pinned: PublicKey, key: SigningKey, forger: SigningKey, early: Outside
) -> None:
    original = trail.read_bytes()

    def after(seq: int, signer: SigningKey, outside: Outside) -> Assurance:
        trail.write_bytes(original)
        rewrite(trail, REWRITINGS[name](seq), signer)
        return look(trail, pinned, outside).level

    assert after(2, forger, NOTHING) is Assurance.UNVERIFIABLE  # 9: without the key
    assert after(2, key, early) is Assurance.UNVERIFIABLE  # before what is kept outside
    assert after(8, key, early) is Assurance.ANCHORED  # 19: after it, nothing can tell
    assert after(2, key, NOTHING) is Assurance.SIGNED  # nobody outside: nothing can tell
    trail.write_bytes(original)
    assert look(trail, pinned, early).unanchored_tail == 6  # but it is said how much that is


def test_2_editing_the_index_is_found_whoever_does_it(
    trail: Path, pinned: PublicKey, tamper: Break
) -> None:
    tamper("UPDATE trail_index SET severity = 'low' WHERE seq = 3")
    assert look(trail, pinned).level is Assurance.UNVERIFIABLE
    quick = verify(trail, pinned=pinned, pin_source="p", scope=WHOLE)
    assert quick.level is Assurance.SIGNED and not quick.deep


def test_4_what_no_signature_covers_yet_is_read_as_a_whole(trail: Path, pinned: PublicKey) -> None:
    """Anybody may have put it there: a spelling that is not canonical is no entry."""
    with closing(sqlite3.connect(trail)) as connection:
        query = "SELECT body, leaf FROM trail_entry WHERE seq = 11"
        stored, leaf = connection.execute(query).fetchone()
        spelt = _spell(json.loads(stored) | {"seq": 12, "prev": leaf.hex()})
        spelt = spelt.replace(b'"payload":{', b'"payload":{"kind":"annual",')
        connection.execute("INSERT INTO trail_entry VALUES (12, ?, ?)", (spelt, leaf_hash(spelt)))
        connection.commit()
    assert "entry 12 is not readable" in (look(trail, pinned).problem or "")


def test_5_a_chain_that_is_broken_is_found_under_any_signature(
    trail: Path, pinned: PublicKey, key: SigningKey
) -> None:
    """Not even the holder of the key may join entries that do not follow one another."""
    rewrite(trail, lambda bodies: bodies[5].update(prev="0" * 64), key, chained=False)
    assert look(trail, pinned).problem == "entry 5 does not follow the entry before it"


@pytest.mark.parametrize("takes_checkpoints", [False, True])
def test_6_cutting_off_the_end(
    trail: Path, pinned: PublicKey, tamper: Break, early: Outside, takes_checkpoints: bool
) -> None:
    note = newest(trail)
    late = Outside((Pinned(note, "file", "kept"),))
    statements = [f"DELETE FROM trail_{table} WHERE seq >= 6" for table in ("entry", "index")]
    if takes_checkpoints:
        statements.append("DELETE FROM trail_checkpoint WHERE size > 6")
    tamper(*statements)
    found = look(trail, pinned, late)
    assert found.level is Assurance.UNVERIFIABLE and "cut off" in (found.problem or "")
    unseen = look(trail, pinned, early).level
    assert unseen is (Assurance.ANCHORED if takes_checkpoints else Assurance.UNVERIFIABLE)


def test_6_a_lost_journal_loses_no_acknowledged_entry(trail: Path, pinned: PublicKey) -> None:
    for suffix in ("-wal", "-journal", "-shm"):
        trail.with_name(trail.name + suffix).unlink(missing_ok=True)
    assert look(trail, pinned).entries == 12


def test_7_an_older_copy_is_found_by_what_is_kept_alone(
    trail: Path, pinned: PublicKey, opened: Open, tmp_path: Path
) -> None:
    older = shutil.copy(trail, tmp_path / "older.db")
    with opened(start=START + timedelta(days=1)) as writing:
        writing.append([Event("scan.started", {})] * 3)
        writing.checkpoint()
    outside = Outside((Pinned(newest(trail), "git", "trail/checkpoint.txt"),))
    shutil.copy(older, trail)
    assert look(trail, pinned).level is Assurance.SIGNED
    assert "rolled back" in (look(trail, pinned, outside).problem or "")


def test_8_another_valid_log_is_found(
    trail: Path, pinned: PublicKey, forger: SigningKey, tmp_path: Path
) -> None:
    for number, (signer, origin) in enumerate(((forger, ORIGIN), (forger, "governance/other"))):
        other = tmp_path / f"other{number}.db"
        with Trail.open(
            other, key=signer, origin=origin, actor="user:eve", run="r", clock=lambda: START
        ) as writing:
            writing.append([Event("scan.started", {})] * 20)
            writing.checkpoint()
        assert look(other, pinned).level is Assurance.UNVERIFIABLE


@pytest.mark.parametrize("field", [{"v": 2}, {"alg": "none"}, {"v": 0}, {"alg": "rfc6962-sha1"}])
def test_10_a_downgrade_of_format_or_algorithm_is_found(
    field: dict, trail: Path, pinned: PublicKey, key: SigningKey, tamper: Break
) -> None:
    rewrite(trail, lambda bodies: bodies[4].update(field), key)
    assert look(trail, pinned).level is Assurance.UNVERIFIABLE


def test_10_stripped_signatures_are_found(
    trail: Path, pinned: PublicKey, tamper: Break, early: Outside
) -> None:
    tamper("DELETE FROM trail_checkpoint")
    assert "taken off" in (look(trail, pinned).problem or "")


def test_11_a_fork_is_found_when_its_checkpoints_meet(
    trail: Path, pinned: PublicKey, key: SigningKey, tmp_path: Path
) -> None:
    """Two auditors are shown two histories, each sound by itself."""
    other = Path(shutil.copy(trail, tmp_path / "other.db"))
    rewrite(other, _edit(2), key)
    mine, theirs = newest(trail), newest(other)
    assert look(trail, pinned).level is look(other, pinned).level is Assurance.SIGNED
    for path, note in ((trail, theirs), (other, mine)):
        met = Outside((Pinned(note, "file", "the other auditor's"),))
        assert look(path, pinned, met).level is Assurance.UNVERIFIABLE


def test_12_a_clock_set_back_is_found_by_order(
    trail: Path, pinned: PublicKey, key: SigningKey
) -> None:
    early = "2020-01-01T00:00:00.000000Z"
    rewrite(trail, lambda bodies: bodies[5].update(ts=early), key)
    assert "is dated before" in (look(trail, pinned).problem or "")


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (START - timedelta(days=30), "ran ahead"),
        (START + timedelta(days=30), "ran behind"),
        (START + timedelta(minutes=5), None),
    ],
)
def test_12_a_clock_that_does_not_fit_the_witnesses_is_told(
    seen: datetime, told: str | None, trail: Path, pinned: PublicKey, opened: Open, tmp_path: Path
) -> None:
    """Back-dating leaves the window between what others signed before and after."""
    witness = load_or_create_key(tmp_path / "witness")
    known = Outside(witnesses=(WitnessKey(NAME, witness.public.raw),))
    note = newest(trail)
    signed = with_signatures(note, [cosign(note, NAME, witness, seen)])
    with opened(start=START + timedelta(minutes=6)) as writing:
        writing.anchor(Receipt("witness", 12, signed.encode(), NAME))
    found = look(trail, pinned, known)
    assert found.problem is None
    assert [told in remark for remark in found.remarks] == ([True] if told else [])


def test_13_a_replaced_public_key_is_found(
    trail: Path, pinned: PublicKey, forger: SigningKey
) -> None:
    mine = forger.public.named(ORIGIN).text
    rewrite(trail, lambda bodies: bodies[0]["payload"].update(key=mine), forger)
    assert look(trail, pinned).level is Assurance.UNVERIFIABLE
    assert look(trail, forger.public.named(ORIGIN)).level is Assurance.SIGNED


def test_14_receipts_that_go_lower_the_level_and_moved_ones_lift_nothing(
    trail: Path, pinned: PublicKey, opened: Open, tamper: Break, tmp_path: Path
) -> None:
    witness = load_or_create_key(tmp_path / "witness")
    known = Outside(witnesses=(WitnessKey(NAME, witness.public.raw),))
    note = newest(trail)
    signed = with_signatures(note, [cosign(note, NAME, witness, START)])
    with opened(start=START + timedelta(days=1)) as writing:
        writing.anchor(Receipt("witness", 12, signed.encode(), NAME))
    assert look(trail, pinned, known).level is Assurance.WITNESSED
    tamper("UPDATE trail_anchor SET checkpoint_size = 13")
    assert look(trail, pinned, known).level is Assurance.SIGNED
    tamper("DELETE FROM trail_anchor")
    assert look(trail, pinned, known).level is Assurance.SIGNED


def test_16_a_flipped_bit_is_told_with_its_place(
    trail: Path, pinned: PublicKey, tamper: Break
) -> None:
    tamper("UPDATE trail_entry SET leaf = zeroblob(32) WHERE seq = 7")
    assert look(trail, pinned).problem == ("entry 7 was changed: its bytes do not have its hash")


def test_17_18_what_was_never_written_or_was_a_lie_cannot_be_found(
    path: Path, opened: Open, pinned: PublicKey
) -> None:
    with opened() as writing:
        writing.append([Event("scan.finished", {"findings": 0, "lie": True})])
        writing.checkpoint()
    assert look(path, pinned).level is Assurance.SIGNED


def test_20_destruction_shows_against_what_is_kept(
    trail: Path, pinned: PublicKey, early: Outside
) -> None:
    trail.unlink()
    assert look(trail, pinned, early).level is Assurance.UNVERIFIABLE
    trail.write_bytes(b"")
    assert look(trail, pinned, early).level is Assurance.UNVERIFIABLE


def test_21_a_witness_that_helps_the_holder_of_the_key_is_not_found(
    trail: Path, pinned: PublicKey, key: SigningKey, opened: Open, tmp_path: Path
) -> None:
    witness = load_or_create_key(tmp_path / "witness")
    known = Outside(witnesses=(WitnessKey(NAME, witness.public.raw),))
    rewrite(trail, _edit(2), key)
    note = newest(trail)
    signed = with_signatures(note, [cosign(note, NAME, witness, START)])
    with opened(start=START + timedelta(days=1)) as writing:
        writing.anchor(Receipt("witness", 12, signed.encode(), NAME))
    assert look(trail, pinned, known).level is Assurance.WITNESSED
    honest = WitnessKey("w2", load_or_create_key(tmp_path / "w2").public.raw)
    both = replace(known, witnesses=(*known.witnesses, honest))
    assert look(trail, pinned, both).level is Assurance.ANCHORED


def test_nothing_is_called_more_than_it_is(trail: Path, pinned: PublicKey, path: Path) -> None:
    """The negative oracle: no key, a wrong one, no file, no pin."""
    wrong = load_or_create_key(path.parent / "wrong").public.named(ORIGIN)
    none = verify(trail, pinned=None, pin_source=None)
    assert none.level is Assurance.INTACT
    assert look(trail, wrong).level is Assurance.UNVERIFIABLE
    nonsense = Outside((Pinned("nonsense", "file", "x"),))
    assert "unreadable" in (look(trail, pinned, nonsense).problem or "")
    foreign = sign_checkpoint(Checkpoint("governance/other", 6, b"\0" * 32), _key(path))
    other = Outside((Pinned(foreign, "file", "x"),))
    assert "another log" in (look(trail, pinned, other).problem or "")


def _key(path: Path) -> SigningKey:
    return load_or_create_key(path.parent.parent / "keys")
