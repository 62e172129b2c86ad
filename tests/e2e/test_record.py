"""Records written by the command: what is kept, what is refused, what they feed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.main import app
from governance.errors import GovernanceError
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM

REVIEW = "review: {drills: 365d, regulations: 90d}\nskills: {'team:sales': {privacy: 365d}}\n"
TIMES = {
    "began": "2026-06-15T06:00:00+02:00",
    "detected": "2026-06-15T08:00:00+02:00",
    "decided": "2026-06-15T09:00:00+02:00",
    "notified": "2026-06-16T08:00:00+02:00",
}
DRILL = {"title": "a lost laptop, as in Regulation (EU) 2016/679", **TIMES, "contacts": "yes"}
Add = Callable[..., Result]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    for name, text in {
        "governance.yaml": PROJECT + REVIEW + "nlp: {engine: none}\n", "data/orders.csv": ROWS,
        "policies/team.yaml": TEAM, "policies/orders.yaml": DATASET,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def add(shop: Path) -> Add:
    def call(kind: str, facts: dict[str, str], *more: str, by: str = "bo") -> Result:
        written = [word for name, text in facts.items() for word in ("--fact", f"{name}={text}")]
        who = ("--by", f"user:{by}@example.org", "--as-of", "2026-11-23T12:00:00Z")
        command = ["record", "add", kind, *written, *who, *more, "-w", str(shop)]
        return CliRunner().invoke(app, command)

    return call


@pytest.mark.parametrize(
    ("kind", "facts", "more", "said"),
    [
        ("drill", DRILL | {"notified": "2026-06-15T07:00:00+02:00"}, (), "notified lies before"),
        ("drill", DRILL | {"began": "2026-06-15T06:00:00"}, (), "time zone"),
        ("drill", {"title": "x"}, (), "it lacks began"),
        ("drill", DRILL | {"contacts": "maybe"}, (), "yes or no"),
        ("drill", DRILL | {"weather": "fine"}, (), "no fact 'weather'"),
        ("drill", DRILL, ("--on", "2026-11-24"), "still to come"),
        ("drill", DRILL | {"title": "mail ana.secret@example.org"}, (), "cannot forget"),
        ("drill", DRILL | {"title": "call 030 901820999"}, (), "cannot forget"),
        ("drill", DRILL | {"title": "a\nb"}, (), "one line"),
        ("training", {"who": "user:eve@example.org", "course": "x"}, (), "no policy file knows"),
        ("review", {"asset": "nothing"}, (), "no policy file declares"),
        ("regulation", {"title": "x", "controls": "pii-declard"}, (), "no control 'pii-declard'"),
        ("party", {}, (), "no kind of record"),
    ],
)
def test_a_record_that_cannot_stand_is_refused(add: Add, kind, facts, more, said) -> None:
    result = add(kind, facts, *more)
    assert isinstance(result.exception, GovernanceError), result.output
    assert said in str(result.exception)
    assert "901820999" not in str(result.exception) + result.output


def test_records_feed_controls_and_the_newest_of_an_id_stands(add: Add, shop: Path) -> None:
    law = {"title": "AI Act", "effective": "2026-08-02", "source": "https://example.org/2024/1689"}
    assert add("regulation", law).exit_code == 0
    decided = law | {"decision": "adopt", "owner": "team:sales", "controls": "tests-fresh"}
    assert add("regulation", decided).exit_code == 0
    assert add("drill", DRILL, "--on", "2026-06-15").exit_code == 0
    for who in ("ana", "bo"):
        told = {"who": f"user:{who}@example.org", "course": "privacy"}
        assert add("training", told, by="ana").exit_code == 0
    listed = CliRunner().invoke(app, ["record", "list", "-o", "json", "-w", str(shop)])
    kinds = [(each["kind"], each["facts"].get("decision")) for each in json.loads(listed.output)]
    assert kinds == [("drill", None), ("regulation", "adopt"), ("training", None),
                     ("training", None)]  # fmt: skip
    scan = ["scan", "-j", "1", "-o", "json", "--as-of", "2026-11-23T12:00:00Z", "-w", str(shop)]
    document = json.loads(CliRunner().invoke(app, scan).output)
    ended = {one["control"]: one["status"] for one in document["outcomes"]
             if one["asset"] == "trail"}  # fmt: skip
    wanted = ("breach-drilled", "regulation-tracked", "skills-current")
    assert [ended[name] for name in wanted] == ["pass"] * 3
