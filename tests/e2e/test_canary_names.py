"""No value stands in an output because it was the name of something: a file, a table, a key."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.canaries.kinds import COUNTRIES, KINDS, Garden
from tests.canaries.searching import Searcher, contents

pytestmark = pytest.mark.slow

GOVERNANCE = str(Path(sys.executable).with_name("governance"))
ADDRESS, CARD, TOKEN = "EMAIL_ADDRESS", "CREDIT_CARD", "SECRET (github-token)"
# Kinds of which a value can be told without anything around it; a person's name cannot.
NAMED = (ADDRESS, CARD, TOKEN, "IBAN_CODE", "PHONE_NUMBER", "US_SSN", "SECRET (aws-access-key-id)")
KEYED = (*NAMED, "MAC_ADDRESS", "VIN", "UK_NINO", "DEVICE_ID", "IN_PAN", "IT_FISCAL_CODE",
         "SECRET (gcp-api-key)", "SECRET (slack-token)", "PERSONAL_URL")  # fmt: skip
POLICY = """\
apiVersion: governance/v1
kind: Pipeline
id: etl
owner: none
purpose: essential
jobs: ["*"]
logs:
  access: {type: access, path: data/access.jsonl, fields: {at: ts, who: user, asset: table}}
  lineage: {type: openlineage, path: data/lineage.jsonl}
"""


@pytest.fixture(scope="module")
def garden() -> Garden:
    return Garden()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, garden: Garden) -> Path:
    folder = tmp_path_factory.mktemp("names")
    (folder / "governance.yaml").write_text(
        "apiVersion: governance/v1\nkind: Project\nid: names\nwatch: [data/**]\n"
        f"include: [policy.yaml]\ncountries: [{', '.join(COUNTRIES)}]\n", encoding="utf-8",
    )  # fmt: skip
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "data").mkdir()
    _name_files(folder / "data", garden)
    _name_fields(folder / "data", garden)
    _name_parts(folder / "data", garden)
    _name_in_logs(folder / "data", garden)
    return folder


def _people(garden: Garden, planted: str) -> str:
    return "email,n\n" + "".join(f"{garden.grow(ADDRESS, planted)},{n}\n" for n in range(3))


def _name_files(data: Path, garden: Garden) -> None:
    for label in NAMED:
        path = data / f"{garden.grow(label, 'file name')}.csv"
        path.write_text(_people(garden, "cell"), encoding="utf-8")
        folder = data / garden.grow(label, "folder name")
        folder.mkdir()
        (folder / "people.csv").write_text(_people(garden, "cell"), encoding="utf-8")
    (data / f"{garden.grow(ADDRESS, 'link name')}.csv").symlink_to(
        f"/nowhere/{garden.grow(ADDRESS, 'link target')}"
    )


def _name_fields(data: Path, garden: Garden) -> None:
    for number, label in enumerate(KEYED):
        header = f'id,"{garden.grow(label, "header")}"\n1,a\n2,b\n'
        (data / f"header_{number}.csv").write_text(header, encoding="utf-8")
        lines = json.dumps(
            {garden.grow(label, "JSON key"): 1, "b": {garden.grow(label, "inner"): 2}}
        )
        (data / f"key_{number}.jsonl").write_text(f"{lines}\n{{}}\n", encoding="utf-8")
    names = [garden.grow(label, "Parquet column") for label in KEYED]
    pq.write_table(pa.table({name: ["a"] for name in names}), data / "header.parquet")


def _name_parts(data: Path, garden: Garden) -> None:
    book = openpyxl.Workbook()
    for label in (ADDRESS, "PHONE_NUMBER", "US_SSN"):
        sheet = book.create_sheet(garden.grow(label, "sheet name")[:31])
        sheet.append(["email", "n"])
        sheet.append([garden.grow(ADDRESS, "sheet cell"), 1])
    book.save(data / "book.xlsx")
    with closing(sqlite3.connect(data / "shop.sqlite")) as store, store:
        for label in NAMED:
            store.execute(f'CREATE TABLE "{garden.grow(label, "table")}" (n)')
    with closing(duckdb.connect(str(data / "shop.duckdb"))) as store:
        for label in NAMED:
            store.execute(f'CREATE TABLE "{garden.grow(label, "DuckDB table")}" (n INTEGER)')
    with zipfile.ZipFile(data / "all.zip", "w") as archive:
        for label in NAMED:
            archive.writestr(f"{garden.grow(label, 'member')}.csv", _people(garden, "member cell"))
        archive.writestr(f"{garden.grow(ADDRESS, 'torn member')}.parquet", b"PAR1 torn PAR1")
    with tarfile.open(data / "all.tar", "w") as bundle:
        for label in NAMED:
            raw = _people(garden, "tar cell").encode()
            member = tarfile.TarInfo(f"{garden.grow(label, 'tar member')}.csv")
            member.size = len(raw)
            bundle.addfile(member, io.BytesIO(raw))


def _name_in_logs(data: Path, garden: Garden) -> None:
    day = "2026-11-20T10:00:00Z"
    accesses = [{"ts": day, "user": garden.grow(label, "actor"),
                 "table": garden.grow(label, "asset")} for label in NAMED]  # fmt: skip
    (data / "access.jsonl").write_text("\n".join(map(json.dumps, accesses)), encoding="utf-8")
    runs = [{"eventType": "COMPLETE", "eventTime": day, "run": {"runId": "r"},
             "job": {"namespace": "n", "name": garden.grow(label, "job")},
             "inputs": [{"namespace": "n", "name": garden.grow(label, "input")}],
             "outputs": [{"namespace": "n", "name": garden.grow(label, "output")}]}
            for label in NAMED]  # fmt: skip
    (data / "lineage.jsonl").write_text("\n".join(map(json.dumps, runs)), encoding="utf-8")


@pytest.fixture(scope="module")
def written(folder: Path) -> list[tuple[str, bytes]]:
    said = []

    def run(*command: str) -> None:
        done = subprocess.run([GOVERNANCE, *command], cwd=folder, capture_output=True, check=False)
        assert b"Traceback" not in done.stderr, command
        said.append((f"what {command[0]} said", done.stdout + done.stderr))

    outputs = [f"{kind}=out/{kind}" for kind in ("json", "text", "sarif", "markdown")]
    run("scan", *(part for output in outputs for part in ("-o", output)))
    run("check", "-o", "json=out/check")
    run("report", "annual", "--period", "2026", "-o", "out/review.pdf")
    run("audit", "log", "--limit", "0")
    run("scan", "data", "-o", "json=out/target.json")
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()
             and folder / "data" not in path.parents]  # fmt: skip
    return [*said, *(each for path in files for each in contents(path))]


def test_what_bears_a_withheld_name_was_read_all_the_same(folder: Path, written: object) -> None:
    run = json.loads((folder / "out" / "json").read_text(encoding="utf-8"))
    withheld = [each for each in run["assets"] if "withheld-" in each["id"]]
    read = {each["id"] for each in withheld if each["coverage"]["status"] == "complete"}
    # Files and folders, tables of two databases, sheets, members of one archive.
    assert len(withheld) >= 2 * len(NAMED) + 2 * len(NAMED) + 3 + len(NAMED)
    found = {each["asset"] for each in run["outcomes"] if each["field"] == "email"}
    assert len(found & read) >= 2 * len(NAMED) + 3 + len(NAMED)
    assert any("have a name that reads as personal data" in note for note in run["notes"])


def test_no_name_that_is_a_value_stands_in_anything_written(
    garden: Garden, written: list[tuple[str, bytes]]
) -> None:
    assert {label for label in KINDS if label in KEYED} == set(KEYED)
    searcher = Searcher(garden.canaries)
    assert {f"{name}: {leak}" for name, content in written
            for leak in searcher.leaks(content)} == set()  # fmt: skip
