"""Twelve monthly scans of a small organisation, and what its annual review tells of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_year_of_scans_shows_what_came_what_went_and_what_came_back(tmp_path):
    program = str(Path(sys.executable).with_name("governance"))
    folder = tmp_path / "year"
    run = subprocess.run(
        [program, "demo", "--year", str(folder)], capture_output=True, text=True, timeout=280,
        check=True, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert len(re.findall(r"^2026-\d\d-03: ", run.stdout, re.MULTILINE)) == 12
    page = folder / "review.html"
    subprocess.run(
        [program, "report", "annual", "--period", "2026", "--as-of", "2026-12-31", "-w",
         str(folder), "-o", str(page)], capture_output=True, check=False, timeout=100,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    html = page.read_text("utf-8")
    told = dict(re.findall(r'<th scope="row">(\w+): [^<]*</th><td class="n[^"]*">(\d+)</td>', html))
    assert int(told["Recurring"]) >= 1
    assert int(told["Fixed"]) >= 3
    assert int(told["Persisting"]) >= 1
    assert html.count("2026-07-03") >= 1
    assert "policies/staff.yaml" in html
    assert "notes-until-cleaned" in html
