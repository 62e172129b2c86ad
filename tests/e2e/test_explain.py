"""``scan --explain`` tells every argument, the heaviest first, and no value."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

GOVERNANCE = str(Path(sys.executable).with_name("governance"))


def explain(folder: Path, field: str) -> subprocess.CompletedProcess[str]:
    command = [GOVERNANCE, "scan", "t.csv", "--explain", field, "--fail-on", "never"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def fill(folder: Path) -> None:
    rows = "".join(f"person{n}@example.org,{4000000000000000 + n * 7}\n" for n in range(60))
    (folder / "t.csv").write_text(f"email,order_ref\n{rows}")


def test_arguments_are_told_for_and_against_in_order_of_weight(tmp_path: Path) -> None:
    fill(tmp_path)
    told = explain(tmp_path, "order_ref").stdout
    assert "verdict: nothing in particular" in told
    rows = [line.split() for line in told.splitlines() if line.strip()[:1] in ("0", "1")]
    weights = [float(row[0]) for row in rows if row[0].replace(".", "").isdigit()]
    assert weights == sorted(weights, reverse=True)
    assert {row[1] for row in rows} >= {"for", "against"}
    assert "no more than chance would give" in " ".join(told.split())


def test_a_verdict_is_told_with_what_speaks_for_it_and_without_a_value(tmp_path: Path) -> None:
    fill(tmp_path)
    told = explain(tmp_path, "email").stdout
    assert "verdict: EMAIL_ADDRESS" in told
    assert "the header 'email' asks for it" in told
    assert "person1" not in told


def test_a_field_that_nothing_has_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    fill(tmp_path)
    done = explain(tmp_path, "nosuch")
    assert done.returncode == 2
    assert "name a column as it is written" in done.stderr
