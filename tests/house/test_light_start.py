"""Asking for help, or linting policy files, loads nothing heavy and takes no time."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import pytest

HEAVY = {
    "numpy", "presidio_analyzer", "pyarrow", "pyspark", "spacy", "sqlalchemy", "sqlmodel", "thinc",
    "weasyprint",
}  # fmt: skip
CPU_SECONDS = 0.5
# What reads data, finds something in it, or starts who does.
READING = {
    "duckdb", "fastavro", "governance.detectors.examine", "governance.engine.pool",
    "governance.sources.registry", "hyperscan", "multiprocessing", "numpy", "openpyxl",
    "phonenumbers", "polars", "presidio_analyzer", "pyarrow", "regex", "spacy", "stdnum",
}  # fmt: skip
_RUN = """
import json, sys
sys.argv = ["governance", *sys.argv[1:]]
from governance.cli.main import main
try:
    main()
except SystemExit as end:
    code = end.code or 0
names = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"code": code, "modules": names}))
"""
_STARTED = _RUN.replace('name.partition(".")[0]', "name").replace(
    '{"code": code, "modules": names}', "names"
)
_PROJECT = """\
apiVersion: governance/v1
kind: Project
id: tiny
"""
_TEAM = """\
apiVersion: governance/v1
kind: Team
id: sales
lead: user:ana@example.org
members: {user:ana@example.org: {since: 2024-01-01}}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return a workspace with one team."""
    (tmp_path / "governance.yaml").write_text(_PROJECT)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "sales.yaml").write_text(_TEAM)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [("--help",), ("scan", "--help"), ("--version",), ("policy", "lint"), ("policy", "schema")],
    ids=" ".join,
)
def test_command_loads_no_heavy_library(command: tuple[str, ...], tiny: Path, shell) -> None:
    ended = shell(sys.executable, "-c", _RUN, *command, cwd=tiny)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["code"] == 0, ended.stdout + ended.stderr
    assert not HEAVY & set(told["modules"])


@pytest.fixture
def scanned(tiny: Path, shell) -> Path:
    """Return a workspace whose one file of data was scanned."""
    (tiny / "governance.yaml").write_text(_PROJECT + 'watch: ["data/**"]\n')
    (tiny / "data").mkdir()
    (tiny / "data" / "orders.csv").write_text("id,total\n1,10\n2,20\n")
    ended = shell(str(Path(sys.executable).parent / "governance"), "scan", cwd=tiny)
    assert (tiny / ".governance" / "trail.db").exists(), ended.stderr
    return tiny


def test_scan_of_what_has_not_changed_loads_nothing_that_reads(scanned: Path, shell) -> None:
    for target in ((), ("data/orders.csv",)):
        ended = shell(sys.executable, "-c", _STARTED, "scan", "-o", "json", *target, cwd=scanned)
        document, _, modules = ended.stdout.rstrip().rpartition("\n")
        read = [each for each in json.loads(document)["assets"] if each["coverage"]]
        assert [each["coverage"]["rows"] for each in read] == [2]
        assert read[0]["coverage"]["read_by"], "of the scan before"
        assert not READING & set(json.loads(modules))


def test_check_reads_the_last_facts_and_verifies_the_trail_without_a_library_of_databases(
    scanned: Path, shell
) -> None:
    ended = shell(sys.executable, "-c", _STARTED, "check", "-o", "json", cwd=scanned)
    document, _, modules = ended.stdout.rstrip().rpartition("\n")
    assert json.loads(document)["assets"], "the facts of the scan"
    told = set(json.loads(modules))
    assert {"governance.facts.store", "governance.trail.verify"} <= told
    assert not HEAVY & told


def test_a_command_is_started_without_the_others(tiny: Path, shell) -> None:
    ended = shell(sys.executable, "-c", _STARTED, "policy", "lint", cwd=tiny)
    told = set(json.loads(ended.stdout.splitlines()[-1]))
    assert "governance.cli.policy" in told
    others = ("audit", "check", "review", "scan", "waiver")
    assert not told & {f"governance.cli.{name}" for name in others}


def test_help_takes_less_than_half_a_second_of_processor_time(shell) -> None:
    console = str(Path(sys.executable).parent / "governance")
    best = min(_cpu_seconds(shell, console) for _ in range(3))
    assert best < CPU_SECONDS, f"{best:.2f} s"


def _cpu_seconds(shell, console: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert shell(console, "--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
