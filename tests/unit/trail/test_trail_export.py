"""Exports and proofs, and a verifier that knows nothing of ours and agrees."""

from __future__ import annotations

import ast
import base64
import hashlib
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.cli.main import app
from governance.errors import TrailError, UsageError
from governance.model.trail import Assurance, Event
from governance.trail import verify_trail
from governance.trail.exporting import export_lines, export_tiles
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.outside import Outside, Pinned
from governance.trail.proving import open_tree, parse_proof
from governance.trail.verify import verify

from .conftest import ORIGIN, START
from .generated import Made, make, prune

PROGRAM = Path(verify_trail.__file__)
GOLDEN = Path(__file__).parents[2] / "golden" / "trail"


def told(where: Path, made: Made, *, pinned: bool = True, kept: str | None = None) -> str:
    """Return the level that the other program tells, or what is broken."""
    key = verify_trail.Key(made.pinned.text) if pinned else None
    witness = verify_trail.Key(made.witness.text)
    try:
        answer = verify_trail.verify(where, key, [kept] if kept else [], [witness])
    except (verify_trail.Broken, ValueError, KeyError, TypeError, OSError, sqlite3.Error) as broken:
        return f"broken: {broken}"
    return answer.split("\n")[0]


def ours(made: Made, *, pinned: bool = True, kept: str | None = None) -> str:
    pins = (Pinned(kept, "file", "kept"),) if kept else ()
    found = verify(
        made.path,
        pinned=made.pinned if pinned else None,
        pin_source="p" if pinned else None,
        outside=Outside(pins, witnesses=(made.witness,)),
    )
    if found.problem:
        return f"broken: {found.problem}"
    level = found.level.name
    return f"{level} 1/1" if found.level is Assurance.WITNESSED else level


def agree(made: Made, folder: Path) -> str:
    """Assert that both programs say the same of a file and of its two exports; return it."""
    export_lines(made.path, folder / "lines")
    export_tiles(made.path, folder / "tiles")
    level = ours(made, kept=made.note)
    for where in (made.path, folder / "lines", folder / "tiles"):
        assert told(where, made, kept=made.note) == level
        assert told(where, made) == ours(made)
        assert told(where, made, pinned=False) == ours(made, pinned=False) == "INTACT"
    return level


def test_the_other_verifier_is_short_and_imports_nothing_of_ours() -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    assert text.count("\n") < 400
    names = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    outside = {name.partition(".")[0] for name in names if name} - sys.stdlib_module_names
    assert outside == {"cryptography"}


@pytest.mark.parametrize("seed", range(6))
def test_both_verifiers_agree_on_trails_at_random(seed: int, tmp_path: Path) -> None:
    made = make(tmp_path / "made", seed, size=30 + 60 * seed)
    if seed % 2:
        prune(made)
    agree(made, tmp_path)


@pytest.mark.slow
def test_both_verifiers_agree_on_many_trails(tmp_path: Path) -> None:
    levels = set()
    for seed in range(100, 350):
        made = make(tmp_path / str(seed), seed, size=seed % 83 + (300 if seed % 25 == 0 else 2))
        if seed % 25 == 0:
            prune(made)
        (tmp_path / f"x{seed}").mkdir()
        levels.add(agree(made, tmp_path / f"x{seed}"))
    assert {"ANCHORED", "WITNESSED 1/1"} <= levels


def test_a_pruned_trail_is_attested_by_both(tmp_path: Path) -> None:
    made = make(tmp_path / "made", 7, size=700)
    with open_tree(made.path) as prover:
        before = prover.inclusion(100)
    prune(made)
    found = verify(made.path, pinned=made.pinned, pin_source="p")
    assert found.problem is None and found.pruned > 400
    agree(made, tmp_path)
    with open_tree(made.path) as prover:
        after = prover.inclusion(100)
        assert after.extra == b"" and before.extra
        leaf = hashlib.sha256(b"\x00" + before.extra).digest()
        assert before.root(leaf) and after.root(leaf)
    with closing(sqlite3.connect(made.path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER trail_entry_no_delete")
        connection.execute("DELETE FROM trail_entry WHERE seq = 600")
    assert told(made.path, made).startswith("broken")


def test_golden_trails_verify_there_too() -> None:
    key = verify_trail.Key((GOLDEN / "v1.pub").read_text())
    assert verify_trail.verify(GOLDEN / "v1.db", key, [], []).startswith("SIGNED\n295 entries")


def change_lines(folder: Path, change: Callable[[list[bytes]], object]) -> None:
    path = folder / "entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    change(lines)
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines.pop(5),
        lambda lines: lines.pop(),
        lambda lines: lines.insert(5, lines[5]),
        lambda lines: lines.__setitem__(5, lines[5].replace(b"ada", b"eve")),
        lambda lines: lines.__setitem__(5, lines[5].replace(b":", b": ", 1)),
        lambda lines: lines.__setitem__(5, b'{"pruned":"%s"}\n' % (b"0" * 64)),
        lambda lines: lines.__setitem__(
            5, b'{"pruned":"%s"}\n' % hashlib.sha256(b"\0" + lines[5][:-1]).hexdigest().encode()
        ),
        lambda lines: lines.__setitem__(slice(4, 6), lines[4:6][::-1]),
        lambda lines: lines.clear(),
        lambda lines: lines.append(b"{}\n"),
    ],
)
def test_a_changed_export_is_found(change: Callable[[list[bytes]], object], tmp_path: Path) -> None:
    made = make(tmp_path / "made", 3, rotates=False)
    export_lines(made.path, tmp_path / "lines")
    change_lines(tmp_path / "lines", change)
    assert told(tmp_path / "lines", made).startswith("broken")


def test_changed_tiles_and_bundles_are_found(tmp_path: Path) -> None:
    made = make(tmp_path / "made", 4, size=300, rotates=False)
    export_tiles(made.path, tmp_path / "tiles")
    files = [path for path in (tmp_path / "tiles" / "tile").rglob("*") if path.is_file()]
    assert {str(path.relative_to(tmp_path / "tiles")).split(".p")[0] for path in files} == {
        "tile/0/000", "tile/0/001", "tile/1/000", "tile/entries/000", "tile/entries/001",
    }  # fmt: skip
    for path in files:
        if "tile/1" in str(path):
            continue  # a reader of all entries has no need of it
        content = path.read_bytes()
        for changed in (content[:-1], content + b"\x00", content[:70] + b"\x07" + content[71:]):
            path.write_bytes(changed)
            assert told(tmp_path / "tiles", made).startswith("broken"), path
        path.write_bytes(content)
    assert told(tmp_path / "tiles", made) in ("SIGNED", "WITNESSED 1/1")


def test_the_exported_program_runs_alone(trail: Path, key: SigningKey, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    export_lines(trail, folder)
    words = [sys.executable, "-I", "verify_trail.py", ".", "--key"]

    def run(pinned: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*words, pinned], cwd=folder, capture_output=True, text=True, check=False
        )

    mine = run(key.public.named(ORIGIN).text)
    assert (mine.returncode, mine.stdout.split()[0]) == (0, "SIGNED")
    other = run(load_or_create_key(tmp_path / "o").public.named(ORIGIN).text)
    assert (other.returncode, other.stdout.split()[0]) == (4, "UNVERIFIABLE")
    assert "verify_trail.py . --key KEY" in (folder / "README.txt").read_text()
    with pytest.raises(TrailError, match="not empty"):
        export_tiles(trail, folder)


def test_a_proof_shows_its_entry_and_nothing_else(
    trail: Path, key: SigningKey, tmp_path: Path
) -> None:
    pinned = verify_trail.Key(key.public.named(ORIGIN).text)
    path = tmp_path / "entry.tlog-proof"
    for index in range(12):
        with open_tree(trail) as prover:
            text = prover.inclusion(index).encode()
        assert parse_proof(text).encode() == text
        path.write_text(text)
        assert verify_trail.prove(path, pinned).startswith(f"entry {index} of 12 in {ORIGIN}")
    stranger = verify_trail.Key(load_or_create_key(tmp_path / "o").public.named(ORIGIN).text)
    lines = text.split("\n")
    extra = base64.b64decode(lines[1][6:])
    forged = base64.b64encode(extra.replace(b"annual", b"ANNUAL")).decode()
    wrongs = [
        text.replace(lines[1], f"extra {forged}"),
        text.replace("index 11", "index 10"),
        text.replace(f"{lines[3]}\n", "", 1),
        text.replace("\n12\n", "\n13\n"),
        re.sub(r"\n\u2014[^\n]*", "", text),
        "",
    ]
    with pytest.raises(verify_trail.Broken):
        verify_trail.prove(path, stranger)
    for wrong in wrongs:
        assert wrong != text
        path.write_text(wrong)
        with pytest.raises((verify_trail.Broken, ValueError)):
            verify_trail.prove(path, pinned)
    with open_tree(trail) as prover, pytest.raises(TrailError, match="no signed checkpoint covers"):
        prover.inclusion(12)


def test_a_report_is_proved_by_its_bytes(
    trail: Path, key: SigningKey, opened: Callable[..., Trail], tmp_path: Path
) -> None:
    report = tmp_path / "review.pdf"
    report.write_bytes(b"%PDF-1.7 a review")
    digest = hashlib.sha256(report.read_bytes()).hexdigest()
    with opened(start=START + timedelta(days=1)) as writing:
        writing.append([Event("report.issued", {"kind": "annual", "sha256": digest})])
        writing.append([Event("scan.started", {})])
        writing.checkpoint()
    words = ["audit", "prove", str(report), "--trail", str(trail)]
    assert CliRunner().invoke(app, words).exit_code == 0
    pinned = verify_trail.Key(key.public.named(ORIGIN).text)
    proved = verify_trail.prove(Path(f"{report}.tlog-proof"), pinned)
    assert proved.startswith("entry 12 of 14") and digest in proved
    report.write_bytes(b"%PDF-1.7 a Review")
    assert "no entry of the trail" in str(CliRunner().invoke(app, words).exception)


def test_the_command_line_proves_and_exports(
    trail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    ended = run(app, ["audit", "prove", "3", "--trail", str(trail)])
    assert ended.exit_code == 0 and (tmp_path / "entry-3.tlog-proof").is_file()
    assert "verify_trail.py entry-3.tlog-proof --key KEY" in ended.output
    for absent in ("12", "9999", "9" * 30):
        beyond = run(app, ["audit", "prove", absent, "--trail", str(trail)]).exception
        assert isinstance(beyond, UsageError) and "name one below 12" in str(beyond)
    missing = run(app, ["audit", "prove", "report.pdf", "--trail", str(trail)])
    assert "neither the number" in str(missing.exception)
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    unknown = run(app, ["audit", "prove", "report.pdf", "--trail", str(trail)])
    assert "no entry of the trail recorded" in str(unknown.exception)
    for form in ("--jsonl", "--tiles"):
        assert run(app, ["audit", "export", form[2:], form, "--trail", str(trail)]).exit_code == 0
        assert (tmp_path / form[2:] / "verify_trail.py").read_bytes() == PROGRAM.read_bytes()
    assert run(app, ["audit", "export", "x", "--trail", str(trail)]).exit_code == 0
    assert (tmp_path / "x" / "entries.jsonl").read_bytes() == Path(
        "jsonl", "entries.jsonl"
    ).read_bytes()
    both = ["audit", "export", "y", "--jsonl", "--tiles", "--trail", str(trail)]
    assert "two forms" in str(run(app, both).exception)
