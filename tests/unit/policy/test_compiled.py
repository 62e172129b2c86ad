"""What is kept of policy files saves time and changes nothing, and nobody else can put it there."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from governance.cli.door import recall
from governance.errors import InvalidPolicyError
from governance.model.policy import EffectivePolicy
from governance.policy import compiled
from governance.policy.compiled import STORE, Compiled
from governance.policy.corpus import Memory
from governance.policy.privacy import is_private
from governance.policy.workspace import load_workspace

CASES = Path(__file__).resolve().parents[2] / "cases" / "policies"
# Faults that only show between documents, of which the others were kept.
BETWEEN = (
    "same-id-in-two-files",
    "loosened-by-folder",
    "loosened-state",
    "id-duplicate",
    "waiver-one-person-for-two",
    "taxonomy-redefines-category",
    "waiver-of-control-too-long",
    "rule-key-beside-wrong-verb",
)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    shutil.copytree(CASES / "valid" / "acme", tmp_path / "acme")
    return tmp_path / "acme"


@pytest.mark.parametrize("name", ["acme", "handbook"])
def test_a_workspace_that_was_kept_is_the_same_to_the_last_line(name: str, tmp_path: Path) -> None:
    read = load_workspace(CASES / "valid" / name)
    load_workspace(CASES / "valid" / name, memory=_memory(tmp_path / "cache"))
    kept = load_workspace(CASES / "valid" / name, memory=_memory(tmp_path / "cache"))
    assert _told(kept) == _told(read)


def test_a_file_that_was_kept_is_not_parsed_again(
    acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_workspace(acme, memory=_memory(tmp_path / "cache"))

    def parse(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr("governance.policy.corpus.read_documents", parse)
    load_workspace(acme, memory=_memory(tmp_path / "cache"))
    teams = acme / "policies" / "teams.yaml"
    teams.write_bytes(teams.read_bytes() + b"# one more byte\n")
    with pytest.raises(AssertionError, match="parsed"):
        load_workspace(acme, memory=_memory(tmp_path / "cache"))


@pytest.mark.parametrize("name", BETWEEN)
def test_faults_are_told_alike_where_files_were_kept(name: str, acme: Path, tmp_path: Path) -> None:
    case = next(path for path in CASES.glob(f"invalid/{name}*") if path.suffix != ".expected")
    if case.is_dir():
        shutil.copytree(case, acme, dirs_exist_ok=True)
    else:
        shutil.copy(case, acme / "policies" / "case.yaml")
    first, again = (_faults(acme, tmp_path / "cache") for _ in range(2))
    assert again == first == _faults(acme, None)
    expected = CASES / "invalid" / f"{name}.expected"
    assert [where for where, _ in again] == expected.read_text("utf-8").splitlines()


def test_code_that_changed_believes_nothing_that_the_old_one_kept(
    acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_workspace(acme, memory=_memory(tmp_path / "cache"))
    data = (acme / "policies" / "teams.yaml").read_bytes()
    assert Compiled(tmp_path / "cache").documents("a", data, pack=None)
    monkeypatch.setattr(compiled, "_code", lambda: b"other code")
    assert Compiled(tmp_path / "cache").documents("a", data, pack=None) is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_to_is_neither_read_nor_written(
    mode: int, acme: Path, tmp_path: Path
) -> None:
    cache, data = tmp_path / "cache", (acme / "policies" / "teams.yaml").read_bytes()
    load_workspace(acme, memory=_memory(cache))
    cache.chmod(mode)
    assert Compiled(cache).documents("a", data, pack=None) is None
    before = (cache / STORE).read_bytes()
    (acme / "policies" / "teams.yaml").write_bytes(data + b"# another\n")
    load_workspace(acme, memory=_memory(cache))
    assert (cache / STORE).read_bytes() == before


@pytest.mark.parametrize("where", ["file", "folder", "above"])
def test_a_store_that_is_a_link_or_lies_open_is_not_read(
    where: str, acme: Path, tmp_path: Path
) -> None:
    cache, data = tmp_path / "home" / "cache", (acme / "policies" / "teams.yaml").read_bytes()
    load_workspace(acme, memory=_memory(cache))
    assert Compiled(cache).documents("a", data, pack=None)
    if where == "file":
        (cache / STORE).rename(tmp_path / "elsewhere")
        (cache / STORE).symlink_to(tmp_path / "elsewhere")
    elif where == "folder":
        cache.rename(tmp_path / "elsewhere")
        cache.symlink_to(tmp_path / "elsewhere")
    else:
        cache.parent.chmod(0o777)
    assert Compiled(cache).documents("a", data, pack=None) is None


def test_a_store_that_a_commit_could_bring_is_neither_read_nor_written(
    acme: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    cache, data = home / ".cache" / "governance", (acme / "policies" / "teams.yaml").read_bytes()
    load_workspace(acme, memory=_memory(cache))
    assert Compiled(cache).documents("a", data, pack=None)
    (home / ".git").mkdir()
    assert Compiled(cache).documents("a", data, pack=None) is None
    before = (cache / STORE).read_bytes()
    (acme / "policies" / "teams.yaml").write_bytes(data + b"# another\n")
    load_workspace(acme, memory=_memory(cache))
    assert (cache / STORE).read_bytes() == before


@pytest.mark.parametrize(("ci", "kept"), [("true", False), ("1", False), ("false", True)])
def test_nothing_is_kept_or_believed_on_a_machine_of_ci(
    ci: str, kept: bool, acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    load_workspace(acme, memory=recall())
    assert (tmp_path / "cache" / "governance" / STORE).exists() is kept


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_store_of_another_user_is_not_read(acme: Path, tmp_path: Path) -> None:
    load_workspace(acme, memory=_memory(tmp_path / "cache"))
    os.chown(tmp_path / "cache" / STORE, 12345, 12345)
    assert not is_private(tmp_path / "cache" / STORE)
    data = (acme / "policies" / "teams.yaml").read_bytes()
    assert Compiled(tmp_path / "cache").documents("a", data, pack=None) is None


@pytest.mark.parametrize(
    "body", ["", "[", "{}", "[1]", '[{"kind": "Team"}]', '[{"kind": "Nobody", "data": "{}"}]']
)
def test_a_damaged_store_costs_time_and_nothing_else(body: str, acme: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    load_workspace(acme, memory=_memory(cache))
    with closing(sqlite3.connect(cache / STORE)) as store, store:
        store.execute("UPDATE file SET body = ?", (body,))
    assert _told(load_workspace(acme, memory=_memory(cache))) == _told(load_workspace(acme))
    (cache / STORE).write_bytes(b"no database at all")
    assert _told(load_workspace(acme, memory=_memory(cache))) == _told(load_workspace(acme))


def test_only_the_newest_files_are_remembered(
    acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "KEPT", 3)
    load_workspace(acme, memory=_memory(tmp_path / "cache"))
    with closing(sqlite3.connect(tmp_path / "cache" / STORE)) as store:
        assert store.execute("SELECT count(*) FROM file").fetchone() == (3,)


def _memory(cache: Path | None) -> Memory:
    return Memory(compiled=Compiled(cache) if cache else None)


def _told(policy: EffectivePolicy) -> tuple[object, ...]:
    origins = {key: dict(origins) for key, origins in policy.origins.items()}
    return policy.digest, policy.datasets, policy.policies, policy.files, origins, policy.tests


def _faults(root: Path, cache: Path | None) -> list[tuple[str, str | None]]:
    known = frozenset({"pii-declared", "residency-kept", "retention-kept"})
    with pytest.raises(InvalidPolicyError) as caught:
        load_workspace(root, known_controls=known, memory=_memory(cache))
    return [(str(error), error.line) for error in caught.value.errors]


@pytest.mark.parametrize("name", ["acme", "handbook"])
def test_a_line_looked_up_is_the_line_that_a_list_of_all_has(name: str) -> None:
    looked_up = load_workspace(CASES / "valid" / name).origins
    for document, listed in load_workspace(CASES / "valid" / name).origins.items():
        every = dict(listed)
        assert {path: looked_up[document][path] for path in every} == every
        assert not any(f"{path}.nowhere" in looked_up[document] for path in every)
