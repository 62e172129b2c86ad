"""What users install is the wheel, not the checkout: build it, install it, do the three jobs."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built offline from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run([*build, str(root)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of an environment with the wheel and nothing of the checkout.

    The dependencies are lent by this environment through a path file. Path files of a lent
    folder are not followed, so the editable checkout stays out.
    """
    env = tmp_path_factory.mktemp("env")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
    python = env / "bin" / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-warn-script-location"]
    pip = [sys.executable, "-m", "pip", "--python", str(python), *install, str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    lent = sysconfig.get_paths()["purelib"]
    (site,) = (env / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(f"{lent}\n")
    return python.parent


def test_wheel_ships_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"governance"}
    for needed in ("policies/baseline/", "policies/demo/", "policies/starter/ci/github/.github/",
                   "policies/starter/", "reports/annual/"):  # fmt: skip
        assert any(name.startswith(f"governance/_assets/{needed}") for name in names), needed
    strays = [name for name in names if ".governance/" in name or name.endswith((".db", ".pyc"))]
    assert not strays
    assert "governance/py.typed" in names


def test_wheel_runs_and_not_the_checkout(installed: Path, root: Path, shell) -> None:
    told = shell(str(installed / "python"), "-c", "import governance; print(governance.__file__)")
    assert told.returncode == 0, told.stderr
    assert str(installed.parent) in told.stdout
    assert str(root / "governance") not in told.stdout


def test_wheel_scans_a_file_without_any_policy(installed: Path, tmp_path: Path, shell) -> None:
    rows = [f"{n},person{n}@example.org" for n in range(40)]
    (tmp_path / "people.csv").write_text("\n".join(["id,email", *rows]) + "\n")
    ended = shell(str(installed / "governance"), "scan", "people.csv")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "email" in ended.stdout
    assert "person7@example.org" not in ended.stdout + ended.stderr


def test_wheel_does_the_three_jobs(installed: Path, tmp_path: Path, shell) -> None:
    console = str(installed / "governance")
    started = shell(console, "init", "acme")
    assert started.returncode == 0, started.stdout + started.stderr
    assert (tmp_path / "acme" / ".gitignore").is_file()
    (tmp_path / "acme" / "data").mkdir()
    rows = "id,email\n1,ana@example.org\n2,bo@example.org\n3,cy@example.org\n"
    (tmp_path / "acme" / "data" / "people.csv").write_text(rows)
    place = ("--workspace", "acme")

    scanned = shell(console, "scan", *place)
    assert scanned.returncode == 1, scanned.stdout + scanned.stderr
    checked = shell(console, "check", *place)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    for told in (scanned, checked):
        assert "email is EMAIL_ADDRESS, undeclared" in told.stdout
        assert "Coverage: 1 complete" in told.stdout

    year = f"{datetime.now(UTC):%Y}"
    period = ("--period", year, "--output", "review.pdf")
    issued = shell(console, "report", "annual", *period, *place)
    assert issued.returncode == 0, issued.stdout + issued.stderr
    assert (tmp_path / "review.pdf").read_bytes().startswith(b"%PDF-")

    verified = shell(console, "audit", "verify", *place)
    assert verified.returncode == 0, verified.stdout + verified.stderr
