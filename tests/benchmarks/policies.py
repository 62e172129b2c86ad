"""A workspace of as many policy files as asked for: datasets with ten fields, policies, grants.

    python tests/benchmarks/policies.py FOLDER [FILES]

Of every ten files seven are datasets, two are policies of four rules, one holds two grants; besides
there are ten teams and a taxonomy. Everything is invented and the same each time.
"""

from __future__ import annotations

import sys
from pathlib import Path

TEAMS = 10
_FIELDS = """\
  {n}_id:      {{category: system.operations, type: integer}}
  email: {{category: user.contact.email, classification: restricted, state: {{export: anonymised}}}}
  phone:       {{category: user.contact.phone_number, state: {{export: pseudonymised}}}}
  name:        {{category: user.name, description: as the person wrote it}}
  birth_date:  {{category: user.demographic.date_of_birth, state: {{export: aggregated}}}}
  city:        {{category: user.contact.address.city}}
  amount:      {{category: user.financial, type: number}}
  channel:     {{category: system.operations, description: "web, app or shop"}}
  created:     {{category: system.operations, type: date}}
  updated:     {{category: system.operations, type: date, tags: [technical]}}
"""


def write_workspace(folder: Path, files: int) -> None:
    """Write a workspace with some number of policy files beside governance.yaml."""
    policies = folder / "policies"
    for name in ("datasets", "rules", "grants", "teams"):
        (policies / name).mkdir(parents=True, exist_ok=True)
    (folder / "governance.yaml").write_text(_PROJECT, encoding="utf-8")
    (policies / "taxonomy.yaml").write_text(_TAXONOMY, encoding="utf-8")
    for number in range(TEAMS):
        (policies / f"teams/team-{number}.yaml").write_text(_team(number), encoding="utf-8")
    for number in range(max(0, files - TEAMS - 1)):
        kind = number % 10
        if kind < 7:
            path, text = f"datasets/{number:05}.yaml", _dataset(number)
        elif kind < 9:
            path, text = f"rules/{number:05}.yaml", _policy(number)
        else:
            path, text = f"grants/{number:05}.yaml", _grants(number)
        (policies / path).write_text(text, encoding="utf-8")


_PROJECT = """\
apiVersion: governance/v1
kind: Project
id: large
packs: [baseline, gdpr]
timezone: Europe/Berlin
countries: [DE, US]
defaults:
  dataset: {classification: internal, residency: [EU]}
  access: deny
limits: {waiver_max: {critical: 30d, high: 90d}, grant_max: 365d}
"""

_TAXONOMY = """\
apiVersion: governance/v1
kind: Taxonomy
id: large
purposes: {billing.invoices: Invoices, analytics.sales: How sales develop}
"""


def _team(number: int) -> str:
    members = "\n".join(
        f"  user:m{number}-{n}@example.org: {{since: 2024-01-01, roles: [analyst-{number}]}}"
        for n in range(8)
    )
    return f"""\
apiVersion: governance/v1
kind: Team
id: team-{number}
lead: user:m{number}-0@example.org
members:
{members}
contacts: {{email: team-{number}@example.org}}
"""


def _dataset(number: int) -> str:
    team = number % TEAMS
    return f"""\
# What the shop of region {number} sold.
apiVersion: governance/v1
kind: Dataset
id: area{number % 40}.table{number}
title: Sales of region {number}
owner: team:team-{team}
steward: user:m{team}-1@example.org
classification: confidential
subjects: [customer]
purposes: [billing.invoices, analytics.sales]
legal_basis: contract
collected: {{from: web checkout, since: 2021-05-01}}
locations:
  warehouse: {{type: sqlite, url: data/shop.db, table: t{number}, region: DE, environment: core}}
  export:    {{type: parquet, path: "data/{number}/*.parquet", region: IE, environment: export}}
retention: {{max_age: 3y, measured_by: created, then: delete, basis: "HGB §257"}}
residency: [DE, IE]
fields:
{_FIELDS.format(n="t" + str(number))}\
reviews:
  - {{on: 2026-02-01, by: [user:m{team}-0@example.org, user:m{(team + 1) % TEAMS}-0@example.org]}}
"""


def _policy(number: int) -> str:
    area = number % 40
    return f"""\
apiVersion: governance/v1
kind: Policy
id: rules{number}
owner: team:team-{number % TEAMS}
severity: high
references: ["gdpr:art25"]
applies_to:
  dataset: "area{area - area % 10}.*"
  category: {{any_of: [user.contact, user.financial]}}
  environment: {{none_of: [vault]}}
rules:
  masked:
    require_state: pseudonymised
    accept: [hmac_sha256, tokenize, drop]
    in: [export]
    why: Contact data must not leave in clear.
    fix: Add a tokenize step to the export job.
  read:
    allow: [read]
    to: {{any_of: ["role:analyst-{number % TEAMS}", "team:team-{(number + 1) % TEAMS}"]}}
    for: dataset.purposes
    when: {{days: mon-fri, hours: "07:00-20:00"}}
    from: {{network: [10.0.0.0/8], region: [EU]}}
  never:
    deny: [read, export]
    to: anyone
    for: {{any_of: [marketing.advertising]}}
  owned:
    require: [owner, classification, retention]
"""


def _grants(number: int) -> str:
    dataset = number - 9
    return "---\n".join(
        f"""\
apiVersion: governance/v1
kind: Grant
id: grant-{number}-{n}
dataset: area{dataset % 40}.table{dataset}
fields: [amount, created]
to: user:guest{number}-{n}@example.org
actions: [read]
purpose: billing.invoices
starts: 2026-01-01
ends: 2026-06-30
approved_by: [user:m{number % TEAMS}-0@example.org]
ticket: T-{number}
"""
        for n in range(2)
    )


if __name__ == "__main__":
    write_workspace(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
