"""No value of an audit log of a cloud or a database stands in anything that the tool writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from governance.facts.parsing import Origin, parse_records
from tests.canaries.kinds import COUNTRIES, Garden
from tests.canaries.searching import Searcher, contents
from tests.e2e.test_canary import IN_TEXT
from tests.unit.sources.test_audit_logs import AUDIT, READ, ROLE, trail

pytestmark = pytest.mark.slow
GOVERNANCE = str(Path(sys.executable).with_name("governance"))
POLICIES = f"""\
apiVersion: governance/v1
kind: Project
id: canaries
countries: [{", ".join(COUNTRIES)}]
packs: [baseline, gdpr]
---
apiVersion: governance/v1
kind: Team
id: data
lead: user:ana@example.org
members: {{user:ana@example.org: {{since: 2024-01-01}}}}
---
apiVersion: governance/v1
kind: Dataset
id: orders
title: Orders
owner: team:data
classification: confidential
purposes: [essential]
locations: {{lake: {{path: data/orders.csv}}}}
aliases: ["s3://acme-lake/orders/*", sales.orders, acme.shop.orders]
fields: {{id: {{category: system.operations}}}}
---
apiVersion: governance/v1
kind: Pipeline
id: audit
owner: team:data
purpose: essential
reads: [dataset:orders]
logs:
  trail: {{type: cloudtrail, path: logs/trail.jsonl}}
  database: {{type: pgaudit, path: logs/postgres.log}}
  warehouse: {{type: bigquery, path: logs/warehouse.jsonl}}
"""


def _trail(garden: Garden) -> list[str]:
    """Names of persons who come in, keys of a store, parameters, messages, addresses."""
    mail = [garden.grow("EMAIL_ADDRESS", "CloudTrail") for _ in range(8)]
    who = {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/{mail[0]}",
           "userName": mail[0]}  # fmt: skip
    session = json.loads(json.dumps(ROLE).replace("ana-session", mail[1]))
    kinds = [garden.grow(label, "CloudTrail, parameters") for label in IN_TEXT]
    records = [
        trail(userIdentity=who),
        trail(userIdentity=session),
        trail(key=f"orders/{mail[2]}.csv"),
        trail(key=f"elsewhere/{mail[3]}/part.csv"),
        trail("FrobObject", key=f"orders/{mail[4]}"),
        trail(errorCode="AccessDenied", errorMessage=f"not for {mail[5]}"),
        trail(userAgent=f"[cli for {mail[6]}]", sourceIPAddress=mail[7]),
        *(trail(requestParameters={"bucketName": "acme-lake", "key": "orders/a", "note": each})
          for each in kinds),
    ]  # fmt: skip
    return [*map(json.dumps, records), '{"Records": [torn']


def _postgres(garden: Garden) -> list[str]:
    """Logins, statements with literals, names of tables, lines that are no entry."""
    lines = []
    for label in IN_TEXT:
        said = garden.grow(label, "pgaudit, statement").replace('"', '""')
        lines.append(f"ana@shop LOG:  {AUDIT} where x = '{said}'\",<none>")
        lines.append(f"ana@shop ERROR:  cannot use {garden.grow(label, 'pgaudit, error')}")
    login, table = (garden.grow("EMAIL_ADDRESS", "pgaudit, name") for _ in range(2))
    lines.append(f'{login}@shop LOG:  {AUDIT}",<none>')
    odd = AUDIT.replace("sales.orders", f'public.""{table}""')
    lines.append(f'ana@shop LOG:  {odd}",<none>')
    return [f"2026-11-20 09:00:01.123 CET [77] {line}" for line in lines]


def _warehouse(garden: Garden) -> list[str]:
    """Principals, addresses, queries with literals, tables that nobody declared."""
    table = "projects/acme/datasets/shop/tables/orders"
    mail = [garden.grow("EMAIL_ADDRESS", "BigQuery, name") for _ in range(2)]
    queries = [garden.grow(label, "BigQuery, query") for label in IN_TEXT]
    entries = [_entry(table, mail[0], READ), _entry(f"{table}_{mail[1]}", "ana@example.org", READ)]
    for said in queries:
        config = {"queryConfig": {"query": f"SELECT '{said}'", "statementType": "SELECT"}}
        change = {"jobChange": {"after": "DONE", "job": {"jobConfig": {"type": "QUERY", **config}}}}
        entries.append(_entry("projects/acme/jobs/j1", "ana@example.org", change))
    return [json.dumps(entry) for entry in entries]


def _entry(resource: str, who: str, metadata: dict[str, object]) -> dict[str, object]:
    payload = {
        "serviceName": "bigquery.googleapis.com", "resourceName": resource,
        "methodName": "google.cloud.bigquery.v2.JobService.InsertJob",
        "authenticationInfo": {"principalEmail": who}, "metadata": metadata,
        "requestMetadata": {"callerIp": "10.1.2.3"},
    }  # fmt: skip
    return {"protoPayload": payload, "timestamp": "2026-11-20T08:00:01.123456Z",
            "logName": "projects/acme/logs/cloudaudit.googleapis.com%2Fdata_access"}  # fmt: skip


def test_no_value_of_an_audit_log_stands_in_anything_that_was_written(tmp_path: Path) -> None:
    garden = Garden()
    shop, home = tmp_path / "shop", tmp_path / "home"
    texts = {
        "governance.yaml": POLICIES.split("---\n")[0],
        "policies/all.yaml": POLICIES.split("---\n", 1)[1],
        "data/orders.csv": "id\n1\n2\n",
        "logs/trail.jsonl": "\n".join(_trail(garden)),
        "logs/postgres.log": "\n".join(_postgres(garden)) + "\n",
        "logs/warehouse.jsonl": "\n".join(_warehouse(garden)),
    }
    for name, text in texts.items():
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(text, encoding="utf-8")
    home.mkdir()
    formats = ("csv", "github", "gitlab", "json", "junit", "markdown", "sarif")
    outputs = [part for name in formats for part in ("-o", f"{name}=out/{name}")]
    said = b""
    for command in (
        ("scan", "-o", "text", *outputs),
        ("check", "-o", "text", "-o", "json=out/check"),
        ("facts", "export", "-o", "out/facts.jsonl"),
        ("audit", "log", "--limit", "0"),
    ):
        done = subprocess.run(
            [GOVERNANCE, *command], cwd=shop, capture_output=True, check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home)},
        )  # fmt: skip
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        said += done.stdout + done.stderr
    run = json.loads((shop / "out" / "json").read_text(encoding="utf-8"))
    # All three were read, and accesses were counted, so that silence means something.
    logs = {each["id"] for each in run["assets"] if each["coverage"] and each["fields"]}
    assert {"audit/trail", "audit/database", "audit/warehouse"} <= logs
    records = parse_records((shop / "out" / "facts.jsonl").read_bytes(), Origin("f", "canaries"))
    counted = {record.facts.asset.id for record in records if record.accesses}
    assert counted == {"audit/trail", "audit/database", "audit/warehouse"}
    found = {hit["entity"] for each in run["assets"] for field in each["fields"]
             for hit in field["contains"]}  # fmt: skip
    assert {"EMAIL_ADDRESS", "SECRET", "CREDIT_CARD"} <= found
    given = {shop / "logs", shop / "policies", shop / "data"}
    files = [path for path in sorted([*shop.rglob("*"), *home.rglob("*")])
             if path.is_file() and not given & set(path.parents)]  # fmt: skip
    searcher = Searcher(garden.canaries)
    leaks = {f"{name}: {leak}" for path in files for name, content in contents(path)
             for leak in searcher.leaks(content)}  # fmt: skip
    assert leaks | {f"printed: {leak}" for leak in searcher.leaks(said)} == set()
