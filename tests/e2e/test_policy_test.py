"""``governance policy test`` from the outside: exit codes, and what it does not load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "presidio_analyzer", "pyarrow", "spacy", "sqlalchemy")
_RUN = f"""
import sys
sys.argv = ["governance", *sys.argv[1:]]
from governance.cli.main import main
try:
    main()
finally:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
_TEAM = """\
apiVersion: governance/v1
kind: Team
id: sales
lead: user:ana@example.org
members: {user:ana@example.org: {since: 2024-01-01}}
---
apiVersion: governance/v1
kind: Dataset
id: orders
owner: team:sales
purposes: [billing]
---
apiVersion: governance/v1
kind: Policy
id: access
owner: team:sales
rules: {sales: {allow: [read], to: team:sales, for: billing}}
"""
_TEST = """\
apiVersion: governance/v1
kind: PolicyTest
id: sales
now: 2026-03-02T10:00
principals: {user:ana@example.org: {}, user:eve@example.org: {}}
access:
  any-time:
    ALLOWED:
      ana: {who: [user:ana@example.org], actions: [read], assets: [orders], purposes: [billing]}
"""


def test_exit_codes_say_held_failed_and_nothing_tested(tmp_path: Path) -> None:
    (tmp_path / "governance.yaml").write_text("apiVersion: governance/v1\nkind: Project\nid: t\n")
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "all.yaml").write_text(_TEAM)
    untested = _policy_test(tmp_path)
    assert untested.returncode == 3
    assert "no policy test is here, so nothing was tested" in untested.stderr
    (policies / "test.yaml").write_text(_TEST.replace("ALLOWED", "allowed"))
    held = _policy_test(tmp_path, "policies/test.yaml", "--mutate", "--output", "json")
    assert held.returncode == 1, held.stderr
    told = json.loads(held.stdout)
    assert [case["passed"] for case in told["cases"]] == [True, True]
    assert "allows one more action" in str(told["mutants"]["survivors"])
    assert held.stderr.splitlines()[-1] == "[]", "an access test loads nothing heavy"
    (policies / "test.yaml").write_text(_TEST.replace("ALLOWED", "denied"))
    failed = _policy_test(tmp_path)
    assert failed.returncode == 1
    assert "allow access.sales: yes  policies/all.yaml:17:9" in failed.stdout


def _policy_test(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = ("PATH", "HOME", "VIRTUAL_ENV")
    return subprocess.run(
        [sys.executable, "-c", _RUN, "policy", "test", *arguments],
        cwd=folder,
        env={name: os.environ[name] for name in kept if name in os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
