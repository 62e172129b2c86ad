"""The model that looks for names can be another one, and a missing one is told before the scan."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from governance.detectors.names import MODEL

GOVERNANCE = str(Path(sys.executable).with_name("governance"))
PROJECT = """\
apiVersion: governance/v1
kind: Project
id: names
watch: ["*.csv"]
nlp: {nlp}
"""
NAMES = ["Anna Weber", "Bruno Rossi", "Carla Moreau", "David Novak", "Elena Garcia", "Felix Baker",
         "Greta Jensen", "Hugo Fischer", "Irene Kowalski", "Jonas Lindqvist", "Karin Yilmaz",
         "Luis Romero", "Maria Schmidt", "Nils Larsen", "Olga Petrova", "Paul Martin",
         "Rosa Bianchi", "Simon Clarke", "Teresa Silva", "Victor Hansen", "Wanda Nowak",
         "Xavier Dupont", "Yvonne Keller", "Zoe Andrews"]  # fmt: skip


def scan(folder: Path, nlp: str) -> subprocess.CompletedProcess[str]:
    (folder / "governance.yaml").write_text(PROJECT.format(nlp=nlp), encoding="utf-8")
    (folder / "list.csv").write_text("c1\n" + "\n".join(NAMES) + "\n", encoding="utf-8")
    command = [
        Path(sys.executable).with_name("governance"),
        "scan",
        "--output",
        "json=run.json",
        "--full",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_model_in_a_folder_is_used_in_place_of_the_bundled_one(tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path / "models" / "ours")
    ended = scan(tmp_path, "{engine: spacy, model: models/ours}")
    assert ended.returncode in (0, 1, 3), ended.stderr
    told = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert "spacy with models/ours" in told
    assert '"PERSON"' in told


def test_without_a_model_no_name_is_told_and_the_run_says_so(tmp_path: Path) -> None:
    scan(tmp_path, "{engine: none}")
    told = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert "names of persons were not looked for in text" in told
    assert '"PERSON"' not in told


@pytest.mark.parametrize(
    ("nlp", "command"),
    [
        ("{engine: spacy, model: xx_absent_sm}", "python -m spacy download xx_absent_sm"),
        ("{engine: stanza, model: qq}", "stanza"),
        ("{engine: transformers, model: example/absent}", "pip install"),
        ("{engine: gliner, model: example/absent}", "pip install gliner"),
    ],
)
def test_a_missing_model_is_an_error_that_names_its_command(
    tmp_path: Path, nlp: str, command: str
) -> None:
    ended = scan(tmp_path, nlp)
    assert ended.returncode not in (0, 1)
    assert "governance.yaml, nlp: " in ended.stderr
    assert command in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_engine_without_a_model_is_refused(tmp_path: Path) -> None:
    ended = scan(tmp_path, "{engine: spacy}")
    assert "engine spacy needs a model" in ended.stderr
    assert "Traceback" not in ended.stderr
