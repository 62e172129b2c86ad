"""Rules against a log: 10,000 access rules, 1,000,000 events, the whole command on one core.

``python -m tests.benchmarks.access`` prints the figures; nothing here passes or fails. The peer
asks every rule for every event (``naive_access``), as many events as it manages in some seconds.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from governance.engine.naming import Names
from governance.engine.uses import UseCollector
from governance.policy.workspace import load_workspace
from governance.sources.accesslog import AccessSource
from governance.sources.limits import ReadLimits
from governance.sources.source import Job
from tests.benchmarks.naive_access import naive_answer

RULES = int(os.environ.get("RULES", "10_000"))
EVENTS = int(os.environ.get("EVENTS", "1_000_000"))
DATASETS, TEAMS, PEOPLE, PEER_SECONDS = 100, 100, 1_000, 5.0
FIELDS = {"at": "ts", "who": "user", "action": "op", "asset": "dataset", "purpose": "purpose",
          "network": "ip"}  # fmt: skip
PROJECT = """\
apiVersion: governance/v1
kind: Project
id: bench
timezone: Europe/Berlin
---
apiVersion: governance/v1
kind: Taxonomy
id: words
purposes: {billing: b, analytics: a, care: c}
---
apiVersion: governance/v1
kind: Pipeline
id: etl
owner: team:t0
purpose: billing
logs: {access: {type: access, path: access.jsonl, fields: FIELDS}}
"""


def main() -> None:
    """Write a workspace, scan it on one core, and print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, EVENTS)
        began = time.perf_counter()
        command = [
            str(Path(sys.executable).with_name("governance")),
            "scan",
            "-q",
            "--jobs",
            "1",
        ]
        core = ["taskset", "-c", "0"] if Path("/usr/bin/taskset").exists() else []
        ended = subprocess.run([*core, *command], cwd=folder, capture_output=True, check=False)
        seconds = time.perf_counter() - began
        if ended.returncode not in (0, 1, 3):
            sys.exit(f"the scan did not run: {ended.stderr.decode()[:300]}")
        print(f"scan of {EVENTS:,} events under {RULES:,} rules: {seconds:.1f} s, "
              f"exit code {ended.returncode}")  # fmt: skip
        peer(folder, seconds)


def peer(folder: Path, ours: float) -> None:
    """Print what asking every rule for every event would take."""
    each = peer_seconds(folder)
    whole = each * EVENTS
    print(
        f"the peer: {each * 1e3:.2f} ms an event, {whole:,.0f} s for all: {whole / ours:,.0f} times"
    )


def peer_seconds(folder: Path) -> float:
    """Return the seconds that an event takes where every rule is asked."""
    policy = load_workspace(folder)
    collector = UseCollector("etl/access", Names(policy, b"k" * 32))
    head = folder / "head.jsonl"
    with (folder / "access.jsonl").open(encoding="utf-8") as lines:
        head.write_text("".join(line for line, _ in zip(lines, range(2_000), strict=False)))
    with head.open("rb") as stream:
        job = Job(stream, head, ReadLimits(), fields=tuple(FIELDS.items()))
        for part in AccessSource().read(job):
            collector.add_accesses(part.accesses)
    began, asked = time.perf_counter(), 0
    for use in collector.accesses():
        naive_answer(policy, policy.datasets[use.dataset], use)
        asked += use.count
        if time.perf_counter() - began > PEER_SECONDS:
            break
    return (time.perf_counter() - began) / asked


def write(folder: Path, events: int) -> None:
    """Write policies with so many rules, and a log with so many events."""
    dice = random.Random(7)
    (folder / "policies").mkdir()
    (folder / "governance.yaml").write_text(PROJECT.replace("FIELDS", json.dumps(FIELDS)))
    people = [f"user:p{number}" for number in range(PEOPLE)]
    teams = [
        {"apiVersion": "governance/v1", "kind": "Team", "id": f"t{number}", "lead": people[number],
         "members": {each: {"since": "2020-01-01", "roles": [f"r{number}"]}
                     for each in people[number::TEAMS]}}
        for number in range(TEAMS)
    ]  # fmt: skip
    datasets = [
        {"apiVersion": "governance/v1", "kind": "Dataset", "id": f"d{number}", "owner": "team:t0",
         "purposes": ["billing", "care"]}
        for number in range(DATASETS)
    ]  # fmt: skip
    policies = [
        {"apiVersion": "governance/v1", "kind": "Policy", "id": f"p{number}", "owner": "team:t0",
         "applies_to": {"dataset": f"d{number}"},
         "rules": {f"rule{each}": _rule(dice) for each in range(RULES // DATASETS)}}
        for number in range(DATASETS)
    ]  # fmt: skip
    for kind, documents in (("teams", teams), ("datasets", datasets), ("rules", policies)):
        for number, document in enumerate(documents):
            # JSON is YAML too; what is a date there needs no quotes here.
            text = json.dumps(document).replace('"2020-01-01"', "2020-01-01")
            (folder / "policies" / f"{kind}-{number}.yaml").write_text(text)
    start = datetime(2026, 9, 1, tzinfo=UTC)
    with (folder / "access.jsonl").open("w", encoding="utf-8") as log:
        for number in range(events):
            at = start + timedelta(seconds=number * 7_776_000 // events)
            log.write(json.dumps({
                "ts": at.isoformat(), "user": f"p{int(dice.random() ** 2 * PEOPLE)}",
                "op": dice.choice(("read", "read", "read", "write", "export")),
                "dataset": f"d{int(dice.random() ** 2 * DATASETS)}",
                "purpose": dice.choice(("billing", "care", "analytics")),
                "ip": f"10.{dice.randrange(4)}.{dice.randrange(256)}.{dice.randrange(256)}",
            }) + "\n")  # fmt: skip


def _rule(dice: random.Random) -> dict[str, object]:
    number = dice.randrange(TEAMS)
    who = dice.choice((f"team:t{number}", f"role:r{number}", f"user:p{dice.randrange(PEOPLE)}"))
    rule: dict[str, object] = {
        dice.choice(("allow", "allow", "allow", "deny")): ["read", "write"][: dice.randrange(1, 3)],
        "to": who,
    }
    if dice.random() < 0.5:
        rule["for"] = dice.choice(("billing", "dataset.purposes"))
    if dice.random() < 0.5:
        rule["when"] = {"days": "mon-fri", "hours": dice.choice(("07:00-20:00", "22:00-06:00"))}
    if dice.random() < 0.5:
        rule["from"] = {"network": [f"10.{dice.randrange(4)}.0.0/16"]}
    return rule


if __name__ == "__main__":
    main()
