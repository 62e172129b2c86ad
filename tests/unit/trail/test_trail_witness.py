"""A witness signs one history only, remembers before it answers, and says what it knows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import connect

import pytest

from governance.errors import TrailError
from governance.model.trail import Assurance, Event, Receipt
from governance.trail.asking import ask_witness
from governance.trail.cosignature import WitnessKey, cosign, cosigned_at, parse_witness_key
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.merkle import EMPTY_ROOT
from governance.trail.note import Checkpoint, parse_checkpoint, sign_checkpoint, with_signatures
from governance.trail.outside import Outside
from governance.trail.proving import open_tree
from governance.trail.verify import verify
from governance.trail.witness import SIZE_TYPE, AddCheckpoint, Answer, Witness, parse_request

from .conftest import ORIGIN, START

Open = Callable[..., Trail]
NAME = "witness.example.org/w1"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def witness(key: SigningKey, tmp_path: Path) -> Witness:
    folder = tmp_path / "witness"
    logs = {ORIGIN: key.public}
    return Witness(NAME, load_or_create_key(folder), logs, folder, lambda: NOW)


@pytest.fixture
def public(witness: Witness) -> WitnessKey:
    return WitnessKey(NAME, witness.key.public.raw)


def newest(trail: Path) -> str:
    with open_tree(trail) as prover:
        return prover.newest_note()


def request(trail: Path, old: int, note: str | None = None) -> AddCheckpoint:
    with open_tree(trail) as prover:
        note = note or prover.newest_note()
        proof = prover.consistency(old, parse_checkpoint(note).size)
    return AddCheckpoint(old, tuple(proof), note)


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body.strip()


def test_it_signs_what_continues_and_nothing_else(
    witness: Witness, public: WitnessKey, trail: Path, opened: Open, key: SigningKey
) -> None:
    first = request(trail, 0)
    answer = witness.add_checkpoint(first.encode())
    assert answer.status == 200
    signed = with_signatures(first.note, [answer.body])
    assert cosigned_at(signed, public) == NOW
    with opened(start=START.replace(day=25)) as writing:
        writing.append([Event("scan.started", {})] * 5)
        writing.checkpoint()
    size = str(parse_checkpoint(first.note).size)
    refused = witness.add_checkpoint(request(trail, 0).encode())
    assert (told(refused), refused.type) == ((409, size), SIZE_TYPE)
    again = AddCheckpoint(int(size), (), first.note)
    assert witness.add_checkpoint(again.encode()).status == 200
    sound = request(trail, int(size))
    torn = AddCheckpoint(sound.old, sound.proof[:-1], sound.note)
    assert witness.add_checkpoint(torn.encode()).status == 422
    forked = sign_checkpoint(Checkpoint(ORIGIN, int(size), b"\x07" * 32), key)
    fork = AddCheckpoint(int(size), (), forked)
    assert told(witness.add_checkpoint(fork.encode())) == (409, size)
    assert witness.add_checkpoint(sound.encode()).status == 200
    assert told(witness.add_checkpoint(again.encode())) == (409, str(int(size) + 5))


def test_it_refuses_what_it_does_not_know(
    witness: Witness, trail: Path, tmp_path: Path, key: SigningKey
) -> None:
    other = load_or_create_key(tmp_path / "other")
    sound = request(trail, 0)
    checkpoint = parse_checkpoint(sound.note)
    strange = Checkpoint("governance/strange", checkpoint.size, checkpoint.root)

    def status(note: str, old: int = 0) -> int:
        return witness.add_checkpoint(AddCheckpoint(old, (), note).encode()).status

    assert status(sign_checkpoint(strange, key)) == 404
    assert status(sign_checkpoint(checkpoint, other)) == 403
    assert status(sound.note, old=checkpoint.size + 1) == 400
    nothing = sign_checkpoint(Checkpoint(ORIGIN, 0, b"\x01" * 32), key)
    assert status(nothing) == 409
    assert status(sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), key)) == 200
    for body in (b"", b"old 0\n", b"old -1\n\n", b"old 00\n\nx", b"old 1\nAA==\n\nx", b"\xff" * 9):
        assert witness.add_checkpoint(body).status == 400
    assert witness.add_checkpoint(b"old 0\n" + b"A" * 70_000).status == 400
    many = AddCheckpoint(1, (b"\x00" * 32,) * 64, sound.note)
    assert witness.add_checkpoint(many.encode()).status == 400


def test_it_remembers_before_it_answers_and_signs_nothing_without_its_memory(
    witness: Witness, trail: Path
) -> None:
    asked = request(trail, 0)
    assert witness.add_checkpoint(asked.encode()).status == 200
    memory = witness.folder / "witnessed.json"
    assert asked.note.splitlines()[2] in memory.read_text()
    after = Witness(witness.name, witness.key, witness.logs, witness.folder, witness.clock)
    assert after.add_checkpoint(asked.encode()).status == 409
    memory.write_text("{torn")
    with pytest.raises(TrailError, match="signs nothing"):
        after.add_checkpoint(asked.encode())
    memory.unlink()
    memory.mkdir()
    with pytest.raises(TrailError, match="cannot remember"):
        after.add_checkpoint(asked.encode())


def test_of_two_forks_that_race_one_is_signed(
    witness: Witness, trail: Path, key: SigningKey
) -> None:
    size = parse_checkpoint(newest(trail)).size
    forks = [sign_checkpoint(Checkpoint(ORIGIN, size, bytes([n]) * 32), key) for n in range(16)]
    bodies = [AddCheckpoint(0, (), note).encode() for note in forks]
    with ThreadPoolExecutor(8) as pool:
        found = sorted(answer.status for answer in pool.map(witness.add_checkpoint, bodies))
    assert found == [200, *[409] * 15]


def test_requests_and_keys_are_read_as_they_are_written(
    witness: Witness, public: WitnessKey, trail: Path
) -> None:
    asked = request(trail, 6)
    assert parse_request(asked.encode()) == asked
    assert parse_witness_key(public.text) == public
    for wrong in (
        "",
        "a+b+c",
        public.text[:-2],
        public.text.replace("w1", "w2"),
        "x" + public.text,
    ):
        with pytest.raises(TrailError):
            parse_witness_key(wrong)


def test_a_cosignature_counts_for_its_note_its_name_and_its_key(
    witness: Witness, public: WitnessKey, trail: Path, tmp_path: Path
) -> None:
    note = newest(trail)
    signed = with_signatures(note, [cosign(note, NAME, witness.key, NOW)])
    stranger = WitnessKey(NAME, load_or_create_key(tmp_path / "s").public.raw)
    assert cosigned_at(signed, stranger) is None
    assert cosigned_at(signed, WitnessKey("w2", public.raw)) is None
    assert cosigned_at(note, public) is None
    moved = signed.replace("\n12\n", "\n11\n")
    assert moved != signed and cosigned_at(moved, public) is None
    wrong = with_signatures(signed, [cosign(moved, NAME, witness.key, NOW.replace(day=1))])
    assert cosigned_at(wrong, public) is None


def test_witnesses_lift_the_level_and_a_quorum_is_needed(
    witness: Witness, public: WitnessKey, trail: Path, opened: Open, key: SigningKey, tmp_path: Path
) -> None:
    absent = WitnessKey("witness.example.org/w2", load_or_create_key(tmp_path / "w2").public.raw)
    note = newest(trail)
    signed = with_signatures(note, [cosign(note, NAME, witness.key, NOW)])
    with opened(start=START.replace(day=24)) as writing:
        writing.anchor(Receipt("witness", 12, signed.encode(), NAME))

    def found(*keys: WitnessKey, quorum: int | None = None) -> tuple[str, object]:
        outside = Outside(witnesses=keys, quorum=quorum)
        done = verify(trail, pinned=key.public, pin_source="p", outside=outside)
        assert done.problem is None
        quorate = done.witnesses
        return done.level.name, (quorate.signed, quorate.known, quorate.size) if quorate else None

    assert found(public) == ("WITNESSED", (1, 1, 12))
    assert found(public, absent) == ("ANCHORED", (1, 2, 12))
    assert found(public, absent, quorum=1) == ("WITNESSED", (1, 2, 12))
    assert found(absent) == ("SIGNED", (0, 1, 0))
    assert found() == ("SIGNED", None)


def test_a_witness_that_saw_another_history_breaks_the_trail(
    witness: Witness, public: WitnessKey, trail: Path, opened: Open, key: SigningKey
) -> None:
    """The holder of the key shows one history here and another one there."""
    other = sign_checkpoint(Checkpoint(ORIGIN, 12, b"\x07" * 32), key)
    signed = with_signatures(other, [cosign(other, NAME, witness.key, NOW)])
    with opened(start=START.replace(day=24)) as writing:
        writing.anchor(Receipt("witness", 12, signed.encode(), NAME))
    found = verify(trail, pinned=key.public, pin_source="p", outside=Outside(witnesses=(public,)))
    assert found.level is Assurance.UNVERIFIABLE
    assert "saw another history of the first 12 entries" in (found.problem or "")


@contextmanager
def served(state: Path, log: str) -> Iterator[str]:
    """Run the real witness in a process of its own; yield its address."""
    script = Path(sys.executable).parent / "governance"
    process = subprocess.Popen(
        [script, "audit", "witness", "serve", "--name", NAME, "--state", state, "--log", log,
         "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield f"http://{line.split()[2]}"
    finally:
        process.terminate()
        process.communicate()


@pytest.mark.network
def test_two_processes_agree_on_one_history(
    trail: Path, opened: Open, key: SigningKey, tmp_path: Path
) -> None:
    state = tmp_path / "elsewhere"
    public = WitnessKey(NAME, load_or_create_key(state).public.raw)
    log = key.public.named(ORIGIN).text
    copy = tmp_path / "copy.db"
    with closing(connect(trail)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))

    def ask(url: str, path: Path) -> str:
        with open_tree(path) as prover:
            return ask_witness(url, public, prover.newest_note(), prover.consistency)

    with served(state, log) as url:
        assert cosigned_at(ask(url, trail), public)
        with opened(start=START.replace(day=24)) as writing:
            writing.append([Event("scan.started", {})] * 300)
            writing.checkpoint()
        assert cosigned_at(ask(url, trail), public)
    with served(state, log) as url:  # it remembers
        with pytest.raises(TrailError, match="saw 312 entries, but the trail has 12"):
            ask(url, copy)
        with closing(connect(copy)) as connection:  # go on from the older copy
            connection.execute("PRAGMA user_version")
        settings = {"key": key, "origin": ORIGIN, "actor": "user:eve", "run": "r9"}
        with Trail.open(copy, clock=lambda: NOW, **settings) as writing:
            writing.append([Event("scan.started", {"forged": True})] * 300)
            writing.checkpoint()
        with pytest.raises(TrailError, match="another history"):
            ask(url, copy)
    with pytest.raises(TrailError, match="cannot be reached"):
        ask(url, trail)
