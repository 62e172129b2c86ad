"""The whole product on the example organisation, through the console script."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from governance.engine.demo.score import Expected, load_key
from governance.formats.schema import run_schema

GOVERNANCE = Path(sys.executable).with_name("governance")
NOW = "2026-11-23T10:00:00Z"

pytestmark = pytest.mark.slow


def run(args: Sequence[str], at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(GOVERNANCE), *args],
        cwd=at,
        env={"PATH": os.environ["PATH"], "HOME": str(at), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo")
    result = run(["demo", "shop"], folder)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    return folder / "shop", result.stdout


def test_every_planted_problem_is_found_and_nothing_else(demo: tuple[Path, str]) -> None:
    _, told = demo
    score = re.search(r"(\d+) of (\d+) planted problems found, (\d+) findings outside", told)
    assert score is not None
    found, planted, outside = (int(part) for part in score.groups())
    assert planted >= 30
    assert found == planted
    assert outside == 0


def test_the_same_trail_as_of_the_same_time_gives_the_same_bytes(demo: tuple[Path, str]) -> None:
    shop, _ = demo
    as_of = "2026-11-23T12:00:00Z"
    for name in ("one.pdf", "two.pdf"):
        made = run(["report", "annual", "--period", "2026", "--as-of", as_of, "-o", name], shop)
        assert made.returncode == 0, made.stderr
    assert (shop / "one.pdf").read_bytes() == (shop / "two.pdf").read_bytes()


def test_the_review_prints_each_planted_problem_once(
    demo: tuple[Path, str], tmp_path: Path
) -> None:
    """The text of the PDF, held against the answer key by way of the run attached to it."""
    review = demo[0] / "review-2026.pdf"
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(review)], check=True)
    shown = subprocess.run(["pdftotext", "-layout", str(review), "-"], check=True, text=True,
                           capture_output=True).stdout  # fmt: skip
    printed = Counter(re.findall(r"\b[0-9a-f]{16}\b", shown))
    run_document = max(tmp_path.glob("run-*.json"))  # that of the whole; one dataset's came before
    found = [each for each in json.loads(run_document.read_text())["outcomes"]
             if each["status"] in ("fail", "waived")]  # fmt: skip
    assert {each["status"] for each in found} == {"fail", "waived"}
    planted = load_key().planted
    assert len(planted) >= 30
    for problem in planted:
        for expected in problem.findings:
            ids = [each["finding"]["id"] for each in found if _is(each, expected)]
            assert [printed[each] for each in ids] == [1] * len(ids) != [], problem.id
    assert printed == Counter(each["finding"]["id"] for each in found)


def _is(told: dict, expected: Expected) -> bool:
    named = ("control", "asset", "place", "field", "subject")
    return told["status"] == expected.status.value and all(
        fnmatchcase(told[name] or "", getattr(expected, name) or "") for name in named
    )


def test_check_finds_without_the_data_what_scan_found_in_it(demo: tuple[Path, str]) -> None:
    shop, _ = demo
    run(["scan", "--as-of", NOW, "-o", "json=scan.json", "-q"], shop)
    (shop / "data").rename(shop / "elsewhere")
    try:
        checked = run(["check", "--as-of", NOW, "-o", "json=check.json", "-q"], shop)
    finally:
        (shop / "elsewhere").rename(shop / "data")
    assert checked.returncode in (1, 3), checked.stderr
    scanned = json.loads((shop / "scan.json").read_text())
    answered = json.loads((shop / "check.json").read_text())

    def failures(document: dict) -> set[str]:
        return {each["finding"]["id"] for each in document["outcomes"] if each["status"] == "fail"}

    assert failures(answered) == failures(scanned)


def test_a_changed_byte_in_the_trail_is_told(demo: tuple[Path, str], tmp_path: Path) -> None:
    shop, _ = demo
    assert run(["audit", "verify"], shop).returncode == 0
    copy = tmp_path / "trail.db"
    with (
        closing(sqlite3.connect(shop / ".governance" / "trail.db")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        triggers = target.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        for name, _ in (kept := triggers.fetchall()):
            target.execute(f'DROP TRIGGER "{name}"')
        body = target.execute("SELECT body FROM trail_entry WHERE seq = 3").fetchone()[0]
        changed = body.replace(b"subject:", b"subject;", 1)
        assert changed != body
        target.execute("UPDATE trail_entry SET body = ? WHERE seq = 3", (changed,))
        for _, sql in kept:
            target.execute(sql)
        target.commit()
    told = run(["audit", "verify", "--trail", str(copy)], shop)
    assert told.returncode == 4
    assert "3" in told.stdout + told.stderr


def readme_blocks() -> list[tuple[list[str], list[str]]]:
    """Return the command and the lines it prints of each console block of the README."""
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n\$ governance (.*?)\n(.*?)```", text, re.S)
    return [(command.split(), shown.splitlines()) for command, shown in blocks]


@pytest.mark.parametrize(("command", "shown"), readme_blocks())
def test_the_readme_shows_what_is_printed(
    command: list[str], shown: list[str], demo: tuple[Path, str]
) -> None:
    shop, _ = demo
    result = run(command, shop)
    printed = iter(result.stdout.splitlines())
    for line in shown:
        if line != "…":
            start = line.removesuffix("…")
            assert any(each.startswith(start) for each in printed), (
                f"not printed (in order): {line}"
            )


def test_every_output_at_once_is_valid_and_tells_the_same(
    demo: tuple[Path, str], shared_data: Path
) -> None:
    """SARIF also by the standard's own schema, and below the 10 MB that GitHub takes after gzip."""
    shop, _ = demo
    names = ("csv", "github", "github-summary", "gitlab", "json", "junit", "markdown", "sarif")
    outputs = [part for name in names for part in ("-o", f"{name}=out/{name}")]
    done = run(["check", "--as-of", NOW, "-o", "text", *outputs], shop)
    alone = run(["check", "--as-of", NOW, "-o", "text"], shop)
    assert (done.returncode, done.stdout) == (alone.returncode, alone.stdout)
    texts = {name: (shop / "out" / name).read_text(encoding="utf-8") for name in names}
    document = json.loads(texts["json"])
    Draft202012Validator(run_schema()).validate(document)
    log = json.loads(texts["sarif"])
    schema = json.loads((shared_data / "schemas" / "sarif-2.1.0.json").read_text())
    Draft4Validator(schema).validate(log)
    assert len(gzip.compress(texts["sarif"].encode(), 6)) < 10_000_000
    shown = {each["finding"]["id"] for each in document["outcomes"]
             if each["finding"] and each["status"] == "fail"}  # fmt: skip
    assert len(shown) > 30
    told = {result["partialFingerprints"]["primaryLocationLineHash"]
            for result in log["runs"][0]["results"]}  # fmt: skip
    assert shown <= {each.partition(":")[0] for each in told}
    assert shown <= {row["finding"] for row in csv.DictReader(texts["csv"].splitlines())}
    assert {each["fingerprint"] for each in json.loads(texts["gitlab"])} >= shown
    suites = ElementTree.fromstring(texts["junit"])
    assert len(list(suites.iter("testcase"))) >= len(document["outcomes"])
    assert texts["github"].count("\n") == 10
    assert f"exit {done.returncode}" in texts["markdown"]
    assert texts["github-summary"].endswith(texts["markdown"])
    contacts = (shop / "data" / "crm" / "contacts.csv").read_text(encoding="latin-1")
    emails = set(re.findall(r"[\w.+-]+@[\w.-]+", contacts))
    assert len(emails) > 20
    for name, text in texts.items():
        assert not [each for each in emails if each in text], name
