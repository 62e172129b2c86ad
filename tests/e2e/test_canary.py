"""No value of scanned data stands in anything that the tool writes, in whatever coding."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.canaries.kinds import COUNTRIES, KINDS, Canary, Garden
from tests.canaries.searching import Searcher, contents, writings

pytestmark = pytest.mark.slow
GOVERNANCE = str(Path(sys.executable).with_name("governance"))
YEAR = str(datetime.now(UTC).year)
PROJECT = f"""\
apiVersion: governance/v1
kind: Project
id: canaries
countries: [{", ".join(COUNTRIES)}]
watch: ["data/**"]
"""
OUTPUTS = ("text=scan.txt", "json=scan.json", "sarif=scan.sarif", "markdown=scan.md")
IN_TEXT = [label for label, kind in KINDS.items() if kind.in_text]
# A closed list of words is no canary in a log, where any of them may stand for itself.
GROWN = [label for label, kind in KINDS.items() if not kind.words]


@dataclass
class Planted:
    """A workspace that was scanned, what was planted in it, and all that was written."""

    folder: Path
    canaries: list[Canary]
    said: dict[str, bytes]

    def written(self) -> list[tuple[str, bytes]]:
        given = {self.folder / "data", self.folder / "governance.yaml", self.folder / "broken"}
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()
                 and not given & {path, *path.parents}]  # fmt: skip
        return [*self.said.items(), *(each for path in files for each in contents(path))]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    folder = tmp_path_factory.mktemp("canaries")
    data = folder / "data"
    data.mkdir()
    (folder / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    garden = Garden()
    _plant(data, garden)
    said: dict[str, bytes] = {}

    home = {name: str(folder / name.lower()) for name in ("HOME", "TMPDIR")}
    for path in home.values():
        Path(path).mkdir()

    def run(*command: str, where: Path = folder) -> None:
        done = subprocess.run([GOVERNANCE, *command], cwd=where, capture_output=True, check=False,
                              env={**os.environ, **home})  # fmt: skip
        assert b"Traceback" not in done.stderr, command
        said[" ".join(command)] = done.stdout + done.stderr

    outputs = [part for output in OUTPUTS for part in ("-o", output)]
    run("scan", *outputs, "-j", "1")
    for field in ("email", "card_number", "full_name", "aws_key"):
        run("scan", "data/people.csv", "--explain", field)
    run("scan", "--full", "-j", "2", "--sample", "50%", "-o", "json=sample.json")
    run("check", "-o", "json=check.json")
    run("report", "annual", "--period", YEAR, "-o", "review.pdf")
    run("report", "annual", "--period", YEAR, "-o", "review.html")
    run("audit", "verify")
    run("audit", "log", "--limit", "0")
    broken = folder / "broken"
    shutil.copytree(data, broken / "data")
    mail = garden.grow("EMAIL_ADDRESS", "a policy file with an error")
    (broken / "governance.yaml").write_text(f"{PROJECT}wacth: [{mail}]\n", encoding="utf-8")
    garden.canaries.pop()  # a policy's own line is shown where it is wrong; it is no data
    run("scan", where=broken)
    return Planted(folder, garden.canaries, said)


def _plant(data: Path, garden: Garden) -> None:
    pq.write_table(pa.table(garden.table("Parquet")), data / "people.parquet")
    people = garden.table("CSV")
    rows = zip(*people.values(), strict=True)
    lines = [",".join(people), *(",".join(f'"{cell}"' for cell in row) for row in rows)]
    (data / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    records = garden.table("JSON lines")
    documents = [
        dict(zip(records, row, strict=True)) for row in zip(*records.values(), strict=True)
    ]
    documents.append(
        {garden.grow(label, "JSON key"): 1 for label in ("EMAIL_ADDRESS", "IBAN_CODE")}
    )
    (data / "people.jsonl").write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    shop = garden.table("SQLite")
    with closing(sqlite3.connect(data / "people.sqlite")) as store, store:
        store.execute(_create(shop))
        marks = ", ".join("?" * len(shop))
        store.executemany(f"INSERT INTO people VALUES ({marks})", zip(*shop.values(), strict=True))
    told = [f"2026-11-02 10:00:0{n} WARN [web-1] shop: refused {garden.grow(label, 'log')} now"
            for label in IN_TEXT for n in range(2)]  # fmt: skip
    (data / "app.log").write_text("\n".join(told) + "\n", encoding="utf-8")
    header = [garden.grow(label, "header") for label in ("EMAIL_ADDRESS", "PHONE_NUMBER")]
    (data / "header.csv").write_text(f"{','.join(header)}\n1,2\n3,4\n", encoding="utf-8")
    torn = f'{{"email": "{garden.grow("EMAIL_ADDRESS", "torn JSON")}", "n": [1, }}\n{{"n": '
    (data / "torn.jsonl").write_text(torn, encoding="utf-8")
    ragged = f'a,b\n1,2\n"{garden.grow("CREDIT_CARD", "torn CSV")}\n3,4,5,6\n\0\n'
    (data / "ragged.csv").write_text(ragged, encoding="utf-8")
    cut = (data / "people.parquet").read_bytes()
    (data / "cut.parquet").write_bytes(cut[: len(cut) // 2] + b"PAR1")


def _create(shop: dict[str, list[str]]) -> str:
    columns = ", ".join('"' + name + '" TEXT' for name in shop)
    return f"CREATE TABLE people ({columns})"


def test_every_kind_was_found_so_that_silence_means_something(planted: Planted) -> None:
    told = b"".join(content for name, content in planted.written() if "scan.json" in name
                    or "facts.db" in name).decode("utf-8", "replace")  # fmt: skip
    missing = {label for label, kind in KINDS.items()
               if f'"{kind.entity}"' not in told or (kind.detail or "") not in told}  # fmt: skip
    assert len({kind.entity for kind in KINDS.values()}) >= 25
    assert missing == set()


def test_no_canary_stands_in_anything_that_was_written(planted: Planted) -> None:
    searcher = Searcher(planted.canaries)
    written = planted.written()
    names = {name.partition(",")[0] for name, _ in written}
    assert {"trail.db", "facts.db", "scan.json", "scan.sarif", "scan.md", "review.pdf",
            "review.html", "check.json"} <= names  # fmt: skip
    leaks = {f"{name}: {leak}" for name, content in written for leak in searcher.leaks(content)}
    assert leaks == set()


def test_a_canary_would_be_found_in_every_writing() -> None:
    garden = Garden()
    for label in GROWN:
        garden.grow(label, "nowhere")
    searcher = Searcher(garden.canaries)
    for canary in garden.canaries:
        for name, needle in writings(canary.value):
            assert searcher.leaks(b"some text " + needle + b" and more"), (canary.label, name)
