"""Logs of every shape: key=value, JSON, JSON behind a prefix, records of several lines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def _told_by_key(number: int) -> str:
    return json.dumps({"time": _at(number), "user": _record(number), "tags": ["a", "b"]}) + "\n"


SHAPES = {"pairs": _pairs, "prefixed": _prefixed, "several-lines": _several_lines,
          "printed": _printed, "keys": _told_by_key}  # fmt: skip


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return the assets of one scan over a log of each shape, by shape."""
    folder = tmp_path_factory.mktemp("logs")
    for name, shape in SHAPES.items():
        text = "".join(map(shape, range(RECORDS)))
        (folder / f"{name}.log").write_text(text, encoding="utf-8")
    subprocess.run([GOVERNANCE, "scan", ".", "-o", "json=run.json"], cwd=folder,
                   capture_output=True, check=False)  # fmt: skip
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {name: asset for name in SHAPES for asset in run["assets"]
            if asset["id"] == f"{name}.log"}  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "line"), [("pairs", 1), ("prefixed", 1), ("several-lines", 2), ("printed", 3)]
)
def test_what_a_record_calls_by_its_name_is_found(
    scanned: dict[str, dict[str, Any]], shape: str, line: int
) -> None:
    """A bare run of nine digits is a social security number only because the record says so."""
    (field,) = scanned[shape]["fields"]
    found = {each["entity"]: each for each in field["contains"]}
    # Names are told where lines are sentences or pairs; short lines are no running text.
    named = {"PERSON": RECORDS} if line == 1 else {}
    assert {entity: each["rows"] for entity, each in found.items()} == {
        "DATE_OF_BIRTH": RECORDS, "EMAIL_ADDRESS": RECORDS, "US_SSN": RECORDS, **named,
    }  # fmt: skip
    assert found["US_SSN"]["lines"][0] == line


def test_a_json_log_has_a_field_for_each_key(scanned: dict[str, dict[str, Any]]) -> None:
    fields = {field["name"]: field for field in scanned["keys"]["fields"]}
    assert {"time", "user.ssn", "user.email", "tags[]"} <= set(fields)
    assert fields["user.email"]["entity"]["name"] == "EMAIL_ADDRESS"
    assert [each["entity"] for each in fields["user.ssn"]["contains"]] == ["US_SSN"]
