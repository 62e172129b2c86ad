"""``audit checkpoint --witness --stamp --git`` as a workspace declares it, from end to end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.cli.main import app
from governance.errors import TrailError
from governance.trail.cosignature import WitnessKey
from governance.trail.keys import load_or_create_key

from .authority import Authority, serving
from .conftest import ORIGIN
from .test_trail_git import PROJECT, git, lines, run, write
from .test_trail_witness import NAME, served

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs OpenSSL"),
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "acme"
    folder.mkdir()
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
    monkeypatch.delenv("GOVERNANCE_SIGNING_KEY", raising=False)
    monkeypatch.chdir(folder)
    git(folder, "init", "-q", "-b", "main")
    (folder / ".gitignore").write_text(".governance/\n")
    write(folder, 3)
    return folder


def declare(root: Path, witness: str, witness_url: str, tsa_url: str) -> str:
    key = load_or_create_key(root / ".governance" / "keys").public.named(ORIGIN).text
    (root / "governance.yaml").write_text(
        f"{PROJECT}trail:\n  public_key: {key}\n  minimum: witnessed\n"
        f"  witnesses:\n    - {{public_key: {witness}, url: '{witness_url}'}}\n"
        f"  time_stamps:\n    - {{certificate: tsa.pem, url: '{tsa_url}'}}\n"
    )
    return key


def test_a_workspace_has_its_trail_witnessed_stamped_and_committed(
    root: Path, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "tsa")
    shutil.copy(authority.root, root / "tsa.pem")
    state = tmp_path / "witness"
    words = ["audit", "witness", "key", "--name", NAME, "--state", str(state)]
    witness = CliRunner().invoke(app, words).output.strip()
    assert witness == WitnessKey(NAME, load_or_create_key(state).public.raw).text
    key = declare(root, witness, "http://127.0.0.1:9", "http://127.0.0.1:9")
    assert lines(run("audit", "verify"))["level"] == "SIGNED (0 of 1 witnesses)"
    assert run("audit", "verify").exit_code == 4
    unreachable = run("audit", "checkpoint", "--witness").exception
    assert isinstance(unreachable, TrailError) and "cannot be reached" in unreachable.problem
    with served(state, key) as witness_url, serving(authority) as tsa_url:
        declare(root, witness, witness_url, tsa_url)
        done = run("audit", "checkpoint", "--witness", "--stamp", "--git")
        assert done.exit_code == 0, done.exception
        assert [line.split()[0] for line in done.output.splitlines()] == [
            "witnessed", "stamped", "committed",
        ]  # fmt: skip
    ended = run("audit", "verify")
    told = lines(ended)
    assert (ended.exit_code, told["level"]) == (0, "WITNESSED 1/1")
    assert told["unanchored"] == "0 entries after it"
    assert ended.output.count("\nanchor ") >= 3
    assert "checkpoint.anchored" in run("audit", "log").output
    assert run("audit", "prove", "2").exit_code == 0
    assert f"\u2014 {NAME} " in (root / "entry-2.tlog-proof").read_text()


def test_an_authority_that_is_not_the_pinned_one_anchors_nothing(
    root: Path, tmp_path: Path
) -> None:
    mine, other = Authority(tmp_path / "mine"), Authority(tmp_path / "other")
    shutil.copy(mine.root, root / "tsa.pem")
    witness = WitnessKey(NAME, load_or_create_key(tmp_path / "w").public.raw).text
    with serving(other) as url:
        declare(root, witness, "http://127.0.0.1:9", url)
        refused = run("audit", "checkpoint", "--stamp").exception
    assert isinstance(refused, TrailError)
    assert "no time stamp of the pinned authority" in refused.problem
    assert "checkpoint.anchored" not in run("audit", "log").output
    (root / "tsa.pem").unlink()
    missing = run("audit", "checkpoint", "--stamp").exception
    assert isinstance(missing, TrailError) and "certificate" in missing.problem
