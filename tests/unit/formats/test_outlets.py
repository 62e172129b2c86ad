"""Where outputs go: none of them changes the verdict, and none is lost in silence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from governance.cli.output import Outlet, Setting, parse_outlets, write_run
from governance.errors import UsageError
from governance.formats.registry import FORMATS
from governance.model.run import Run

FILES = {entry.name: f"out/run.{entry.name}" for entry in FORMATS}


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4])
def test_every_format_in_one_run_leaves_the_exit_code(
    code: int, ordinary: Run, tmp_path: Path
) -> None:
    outlets = parse_outlets([f"{name}={tmp_path / file}" for name, file in FILES.items()])
    assert write_run(replace(ordinary, exit_code=code), outlets, Setting(tmp_path)) == code
    assert all((tmp_path / file).stat().st_size for file in FILES.values())


@pytest.mark.parametrize(("code", "expected"), [(0, 2), (1, 2), (3, 3), (4, 4)])
def test_what_cannot_be_written_is_told_and_never_makes_it_greener(
    code: int, expected: int, ordinary: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    written = [f"json={tmp_path / 'file' / 'x.json'}", f"csv={tmp_path / 'run.csv'}", "junit"]
    run = replace(ordinary, exit_code=code)
    assert write_run(run, parse_outlets(written), Setting(tmp_path)) == expected
    said = capsys.readouterr()
    assert said.out.startswith("<?xml")
    assert (tmp_path / "run.csv").stat().st_size
    assert "x.json: cannot be written as json" in said.err
    full = Outlet("text", Path("/dev/full"))
    assert write_run(run, [full], Setting(tmp_path)) == expected


def test_two_formats_never_share_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "run")
    for other in ("run", "./run", "link", str(tmp_path / "run"), "x/../run"):
        with pytest.raises(UsageError, match="cannot share the file"):
            parse_outlets(["json=run", f"sarif={other}"])
    with pytest.raises(UsageError, match="cannot share standard output"):
        parse_outlets(["json", "sarif=-"])
    with pytest.raises(UsageError, match="no file is named"):
        parse_outlets(["json="])
    assert len(parse_outlets(["json=/dev/null", "sarif=/dev/null", "text"])) == 3


def test_quiet_is_silent_on_success_alone(
    ordinary: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = Setting(tmp_path, quiet=True)
    write_run(replace(ordinary, exit_code=0), parse_outlets(["text"]), quiet)
    assert capsys.readouterr() == ("", "")
    write_run(replace(ordinary, exit_code=1), parse_outlets(["text"]), quiet)
    assert "exit 1" in capsys.readouterr().out


def test_a_step_summary_is_appended_and_stays_below_its_limit(
    crowded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    with pytest.raises(UsageError, match="GITHUB_STEP_SUMMARY is not set"):
        parse_outlets(["github-summary"])
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n" + "x" * 700_000, encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run = replace(crowded, exit_code=1)
    assert write_run(run, parse_outlets(["github-summary"]), Setting(tmp_path)) == 1
    said = summary.read_text(encoding="utf-8")
    assert said.startswith("# Before\nx")
    assert "\n## Governance scan: exit 1" in said
    assert "of 6,000." in said
    assert 750_000 < summary.stat().st_size < 1_048_576
    summary.write_text(said := said.ljust(990_000, "."), encoding="utf-8")
    assert write_run(run, parse_outlets(["github-summary"]), Setting(tmp_path)) == 1
    assert 990_000 < summary.stat().st_size < 1_000_000
    summary.write_text(said := said.ljust(995_000, "."), encoding="utf-8")
    assert write_run(run, parse_outlets(["github-summary"]), Setting(tmp_path)) == 2
    assert summary.read_text(encoding="utf-8") == said


def test_paths_are_told_from_the_root_of_the_repository(ordinary: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = tmp_path / "teams" / "shop"
    root.mkdir(parents=True)
    write_run(ordinary, parse_outlets([f"sarif={tmp_path / 's'}"]), Setting(root))
    run = json.loads((tmp_path / "s").read_text(encoding="utf-8"))["runs"][0]
    places = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
              for result in run["results"]}  # fmt: skip
    assert places == {
        "teams/shop/governance.yaml", "teams/shop/logs/app.log", "teams/shop/policies/orders.yaml"
    }  # fmt: skip
    (rule,) = (each for each in run["tool"]["driver"]["rules"] if each["id"] == "pii-declared")
    assert "**Fails when.** " in rule["help"]["markdown"]
