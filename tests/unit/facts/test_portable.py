"""Facts that travel: the same on both ends, mergeable by git, and refused when touched."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from governance.errors import FactsError
from governance.facts.parsing import MAX_LINE, Origin, parse_records
from governance.facts.portable import dump_records
from tests.unit.facts.records import NOON, access_log, dataset, shadow

RECORDS = (dataset("orders"), dataset("people"), shadow("data/x.csv"), access_log("etl/access"))
HERE = Origin("facts.jsonl", "acme")
WHOLE = dump_records(RECORDS, "acme")


def test_what_is_read_is_what_was_written() -> None:
    read = parse_records(WHOLE, HERE)
    assert {each.key: each.facts.places for each in read} == {
        each.key: each.facts.places for each in RECORDS
    }
    assert dump_records(reversed(read), "acme") == WHOLE
    log = next(each for each in read if each.is_access_log)
    assert log.accesses == access_log("etl/access").accesses


def test_no_byte_can_be_changed_and_no_line_moved_unseen() -> None:
    for at in range(0, len(WHOLE), 37):
        changed = bytearray(WHOLE)
        changed[at] ^= 0x01
        with pytest.raises(FactsError):
            parse_records(bytes(changed), HERE)
    lines = WHOLE.splitlines(keepends=True)
    for at in range(len(lines)):
        for touched in (lines[:at], lines[:at] + lines[at + 1 :], [*lines[: at + 1], *lines[at:]]):
            with pytest.raises(FactsError):
                parse_records(b"".join(touched), HERE)


def _hostile() -> Iterator[tuple[str, bytes, str]]:
    head, end = WHOLE.splitlines(keepends=True)[0], WHOLE.splitlines(keepends=True)[-1]
    yield "empty", b"", "the file is empty"
    yield "blank", b"\n\n", "the file is empty"
    yield "no asset", head + end, "the facts of no asset"
    yield "foreign", WHOLE.replace(b'"acme"', b'"other"', 1), "another project"
    yield "newer", WHOLE.replace(b"facts/v1", b"facts/v2", 1), "another version"
    yield "something else", b'{"schema": "x"}\n', "no facts that"
    yield "a picture", b"\x89PNG\r\n\x1a\n\x00", "no facts that"
    yield "Git LFS", b"version https://git-lfs.example/v1\noid x\n", "git lfs pull"
    yield "cut in a line", WHOLE[:-4], "cut short"
    yield "more behind", WHOLE + end, "something follows"
    yield "deep", head + b"[" * 100_000 + b"\n", "no facts hold"
    yield "long", head + b'{"asset":"' + b"x" * MAX_LINE + b'"}\n', "too long"
    yield "a huge number", head + b'{"asset":' + b"9" * 6000 + b"}\n", "no facts hold"
    yield "not a number", head + b'{"asset":NaN}\n', "no facts hold"
    yield "twice a key", head + b'{"asset":1,"asset":2}\n', "no facts hold"
    yield "conflict", head + b"<<<<<<< ours\n", "merge conflict"


@pytest.mark.parametrize(("data", "told"), [case[1:] for case in _hostile()],
                         ids=[case[0] for case in _hostile()])  # fmt: skip
def test_a_hostile_file_is_a_clear_error(data: bytes, told: str) -> None:
    with pytest.raises(FactsError) as error:
        parse_records(data, HERE)
    assert told in str(error.value)
    assert str(error.value).startswith("facts.jsonl")


def test_lies_with_a_right_digest_are_refused_where_no_scan_could_tell_them() -> None:
    orders = dataset("orders")
    below = replace(orders.facts.places[0].fields[0], rows=-1)
    place = replace(orders.facts.places[0], fields=(below,))
    lie = replace(orders, facts=replace(orders.facts, places=(place,)))
    with pytest.raises(FactsError):
        parse_records(dump_records([lie], "acme"), HERE)


def test_a_signature_vouches_for_its_own_block_alone() -> None:
    signed = dump_records(RECORDS, "acme", lambda message: message.decode()[-9:-1])
    origin = replace(HERE, vouches=lambda message, mark: message.decode()[-9:-1] == mark)
    assert all(each.vouched for each in parse_records(signed, origin))
    assert not any(each.vouched for each in parse_records(signed, HERE))
    assert not any(each.vouched for each in parse_records(WHOLE, origin))


def _git(folder: Path, *command: str) -> int:
    settings = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    done = subprocess.run(["git", *settings, *command], cwd=folder, capture_output=True,
                          check=False)  # fmt: skip
    return done.returncode


def _branches(folder: Path, ours: tuple, theirs: tuple) -> tuple[int, bytes]:
    """Return how git merges two branches that each exported facts."""
    folder.mkdir()
    file = folder / "facts.jsonl"
    _git(folder, "init", "-qb", "main")
    for branch, records in (("main", RECORDS), ("theirs", theirs), ("ours", ours)):
        if branch != "main":
            _git(folder, "checkout", "-qb", branch, "main")
        file.write_bytes(dump_records(records, "acme"))
        _git(folder, "add", "-A")
        assert _git(folder, "commit", "-qm", branch) == 0
    return _git(folder, "merge", "-q", "--no-edit", "theirs"), file.read_bytes()


def test_git_merges_scans_of_other_datasets_and_refuses_those_of_the_same(tmp_path: Path) -> None:
    later = NOON + timedelta(days=1)
    orders = dataset("orders", taken=later, run="r2", rows=7)
    people = dataset("people", taken=later, run="r3", rows=8)
    code, merged = _branches(
        tmp_path / "other", (orders, *RECORDS[1:]), (RECORDS[0], people, *RECORDS[2:])
    )
    assert code == 0
    assert merged == dump_records((orders, people, *RECORDS[2:]), "acme")
    assert [each.run for each in parse_records(merged, HERE) if each.run != "r1"] == ["r2", "r3"]

    again = dataset("orders", taken=later + timedelta(days=1), run="r4", rows=9)
    code, merged = _branches(tmp_path / "same", (orders, *RECORDS[1:]), (again, *RECORDS[1:]))
    assert code != 0
    with pytest.raises(FactsError, match="merge conflict"):
        parse_records(merged, HERE)
