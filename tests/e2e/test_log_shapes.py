"""Logs of every shape: key=value, JSON, JSON behind a prefix, records of several lines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

GOVERNANCE = str(Path(sys.executable).with_name("governance"))
GIVEN = ["Anna", "Bernd", "Clara", "Dieter", "Elena", "Frank", "Greta", "Hugo", "Ines", "Jonas"]
FAMILY = ["Maier", "Schulz", "Weber", "Rossi", "Dupont", "Novak", "Garcia"]
RECORDS = 30


def _record(number: int) -> dict[str, str]:
    return {
        "ssn": f"2190999{number:02d}",
        "dob": f"1980-03-{number % 28 + 1:02d}",
        "email": f"kim{number}@example.org",
        "customer_name": f"{GIVEN[number % 10]} {FAMILY[number % 7]}",
    }


def _at(number: int) -> str:
    return f"2026-11-20 10:00:{number:02d}"


def _pairs(number: int) -> str:
    told = " ".join(f'{key}="{value}"' for key, value in _record(number).items())
    return f'time="{_at(number)}" level=info {told}\n'


def _prefixed(number: int) -> str:
    return f"{_at(number)} INFO [web-1] payload={json.dumps(_record(number))}\n"


def _several_lines(number: int) -> str:
    told = "".join(f"    {key}: {value}\n" for key, value in _record(number).items())
    return f"{_at(number)} ERROR [main] request failed\n{told}  at com.example.Main(Main.java:7)\n"


def _printed(number: int) -> str:
    return f"{_at(number)} INFO sent\n{json.dumps(_record(number), indent=2)}\n"


@pytest.mark.parametrize(
    ("shape", "line"),
    [(_pairs, 1), (_prefixed, 1), (_several_lines, 2), (_printed, 3)],
    ids=["key=value", "JSON behind a prefix", "several lines", "JSON over several lines"],
)
def test_what_a_record_calls_by_its_name_is_found(shape, line: int, tmp_path: Path) -> None:
    """A bare run of nine digits is a social security number only because the record says so."""
    (tmp_path / "app.log").write_text("".join(map(shape, range(RECORDS))), encoding="utf-8")
    (field,) = _scan(tmp_path, "app.log")["fields"]
    found = {each["entity"]: each for each in field["contains"]}
    # Names are told where lines are sentences or pairs; short lines are no running text.
    named = {"PERSON": RECORDS} if line == 1 else {}
    assert {entity: each["rows"] for entity, each in found.items()} == {
        "DATE_OF_BIRTH": RECORDS, "EMAIL_ADDRESS": RECORDS, "US_SSN": RECORDS, **named,
    }  # fmt: skip
    assert found["US_SSN"]["lines"][0] == line


def test_a_json_log_has_a_field_for_each_key(tmp_path: Path) -> None:
    lines = [json.dumps({"time": _at(n), "user": _record(n), "tags": ["a", "b"]})
             for n in range(RECORDS)]  # fmt: skip
    (tmp_path / "app.log").write_text("\n".join(lines), encoding="utf-8")
    fields = {field["name"]: field for field in _scan(tmp_path, "app.log")["fields"]}
    assert {"time", "user.ssn", "user.email", "tags[]"} <= set(fields)
    assert fields["user.email"]["entity"]["name"] == "EMAIL_ADDRESS"
    assert [each["entity"] for each in fields["user.ssn"]["contains"]] == ["US_SSN"]


def _scan(folder: Path, target: str):
    subprocess.run([GOVERNANCE, "scan", target, "-o", "json=run.json"], cwd=folder,
                   capture_output=True, check=False)  # fmt: skip
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (asset,) = (each for each in run["assets"] if each["id"] == target)
    return asset
