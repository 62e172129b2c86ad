"""How long the gate takes for many datasets: ``python -m tests.benchmarks.gate [DATASETS]``.

It writes a workspace of so many datasets with the facts that scans would have left, as a
repository with a branch, and times the console script, imports and all.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from governance.facts.portable import dump_records
from governance.model.asset import Asset, AssetKind, Place
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.facts import AssetFacts, EntityFacts, FieldFacts, PlaceFacts, Verdict
from governance.model.measured import AssetRecord

COLUMNS = 20
_PROJECT = "apiVersion: governance/v1\nkind: Project\nid: many\ngate: {facts: facts.jsonl}\n"
_TEAM = """\
apiVersion: governance/v1
kind: Team
id: sales
lead: user:ana@example.org
members: {user:ana@example.org: {since: 2024-01-01}}
"""


def main() -> None:
    """Print the seconds of a check, and of a check beside a base."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, count)
        script = Path(sys.executable).with_name("governance")
        # NOTE: a first run compiles what the interpreter has not compiled yet.
        for title, options in (
            ("warm-up", ()),
            ("check", ()),
            ("beside a base", ("--base", "main")),
        ):
            began, cpu = time.perf_counter(), _cpu()
            command = [script, "check", *options]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode not in (0, 1, 3):
                sys.exit(done.stderr)
            wall = time.perf_counter() - began
            print(f"{title:14} {count:,} datasets: {wall:.2f} s wall, {_cpu() - cpu:.2f} s CPU")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write(folder: Path, count: int) -> None:
    """Write the workspace, its facts, and a branch that changes one dataset."""
    (folder / "policies").mkdir()
    (folder / "governance.yaml").write_text(_PROJECT, encoding="utf-8")
    (folder / "policies" / "team.yaml").write_text(_TEAM, encoding="utf-8")
    for number in range(count):
        text = _dataset(number)
        (folder / "policies" / f"d{number}.yaml").write_text(text, encoding="utf-8")
    records = [_record(number) for number in range(count)]
    (folder / "facts.jsonl").write_bytes(dump_records(records, "many"))
    for command in (("init", "-qb", "main"), ("add", "-A"), ("commit", "-qm", "all"),
                    ("checkout", "-qb", "change")):  # fmt: skip
        _git(folder, *command)
    text = _dataset(7).replace("c0: {category: user.contact.email}", "c0: {}")
    (folder / "policies" / "d7.yaml").write_text(text, encoding="utf-8")
    _git(folder, "commit", "-qam", "a change")


def _git(folder: Path, *command: str) -> None:
    who = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    subprocess.run(["git", *who, *command], cwd=folder, check=True)


def _dataset(number: int) -> str:
    columns = "".join(f"  c{each}: {{category: system.operations}}\n" for each in range(1, COLUMNS))
    return (
        f"apiVersion: governance/v1\nkind: Dataset\nid: d{number}\nowner: team:sales\n"
        "classification: confidential\nsubjects: [customer]\npurposes: [essential]\n"
        "legal_basis: contract\ncollected: {from: shop, since: 2020-01-01}\n"
        f"locations: {{here: {{path: data/d{number}.csv}}}}\n"
        f"fields:\n  c0: {{category: user.contact.email}}\n{columns}"
    )


def _record(number: int) -> AssetRecord:
    from datetime import UTC, datetime

    found = EntityFacts("EMAIL_ADDRESS", 9, 9, 1.0, None, (1, 2), "a***@***", "v1:00", True)
    plain = FieldFacts("c", "string", 1000, 0, 900)
    email = FieldFacts("c0", "string", 1000, 0, 900, Verdict("EMAIL_ADDRESS", 0.9, ()), (found,))
    fields = (email, *(replace(plain, name=f"c{each}") for each in range(1, COLUMNS)))
    uri = f"data/d{number}.csv"
    read = PlaceFacts("here", uri, Coverage(CoverageStatus.COMPLETE, None, 1000, 9), fields)
    asset = Asset(f"d{number}", AssetKind.DATASET, (Place("here", uri),))
    return AssetRecord(AssetFacts(asset, (read,)), "r", datetime.now(UTC))


if __name__ == "__main__":
    main()
