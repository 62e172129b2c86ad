"""Detectors of an organisation's own, in YAML, through a whole scan."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

GOVERNANCE = str(Path(sys.executable).with_name("governance"))
PACK = """\
apiVersion: governance/v1
kind: Detectors
id: own
detectors:
  badge:
    entity: BADGE_NUMBER
    deterministic: true
    patterns: {badge: {regex: 'BADGE-[0-9]{4}', score: 0.9}}
    allow: [BADGE-0000]
    why: Opens the doors.
  member:
    entity: MEMBER_NUMBER
    patterns: {member: {regex: '[0-9]{6}', score: 0.3}}
    context: [member, mitglied]
    why: A member of the club.
  checked:
    entity: VOUCHER_NUMBER
    deterministic: true
    patterns: {voucher: {regex: 'V[0-9]{8}', score: 0.9}}
    checksum: luhn
    why: Can be spent.
  named:
    entity: CODE_NAME
    deterministic: true
    deny: [project nightingale]
    why: Nobody outside may read it.
  abroad:
    entity: CANTON_NUMBER
    deterministic: true
    patterns: {canton: {regex: 'KT-[0-9]{5}', score: 0.9}}
    countries: [CH]
    why: A number of one country.
---
apiVersion: governance/v1
kind: Taxonomy
id: own
entities:
  BADGE_NUMBER: user.unique_id
  CANTON_NUMBER: user.government_id
  CODE_NAME: user.unique_id
  MEMBER_NUMBER: user.unique_id
  VOUCHER_NUMBER: user.unique_id
"""
ROWS = {
    "badge": ["BADGE-1234", "BADGE-0000", "badge none"],
    "note": ["member 123456 came", "order 654321 left", "mitglied 222333 came"],
    "voucher": ["spent V79927398 now", "got V00000018 by post", "lost V12345678"],
    "plan": ["see Project Nightingale", "nothing", "nothing more"],
    "canton": ["KT-12345", "KT-23456", "KT-34567"],
}


def _found(folder: Path, countries: str) -> dict[str, dict[str, int]]:
    (folder / "governance.yaml").write_text(
        "apiVersion: governance/v1\nkind: Project\nid: own\ninclude: [own.yaml]\n"
        f"countries: [{countries}]\n", encoding="utf-8",
    )  # fmt: skip
    (folder / "own.yaml").write_text(PACK, encoding="utf-8")
    lines = [",".join(ROWS), *map(",".join, zip(*ROWS.values(), strict=True))]
    (folder / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run([GOVERNANCE, "scan", "data.csv", "-o", "json=run.json"], cwd=folder,
                   capture_output=True, check=False)  # fmt: skip
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (asset,) = (each for each in run["assets"] if each["id"] == "data.csv")
    return {field["name"]: {each["entity"]: each["rows"] for each in field["contains"]}
            for field in asset["fields"]}  # fmt: skip


def test_patterns_context_checksum_lists_and_countries(tmp_path: Path) -> None:
    found = _found(tmp_path, "DE")
    assert found["badge"] == {"BADGE_NUMBER": 1}
    assert found["note"]["MEMBER_NUMBER"] == 2
    assert found["voucher"]["VOUCHER_NUMBER"] == 2
    assert found["plan"] == {"CODE_NAME": 1}
    assert "CANTON_NUMBER" not in found["canton"]


def test_a_number_of_a_country_is_looked_for_where_the_project_names_it(tmp_path: Path) -> None:
    assert _found(tmp_path, "CH")["canton"] == {"CANTON_NUMBER": 3}
