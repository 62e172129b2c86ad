"""Records written by the command: what is kept, what is refused, what they feed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.main import app
from governance.errors import GovernanceError, UsageError
from governance.model.records import RecordKind
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM

REVIEW = "review: {drills: 365d, regulations: 90d}\nskills: {'team:sales': {privacy: 365d}}\n"
TIMES = {
    "began": "2026-06-15T06:00:00+02:00",
    "detected": "2026-06-15T08:00:00+02:00",
    "decided": "2026-06-15T09:00:00+02:00",
    "notified": "2026-06-16T08:00:00+02:00",
}
DRILL = {"title": "a lost laptop, as in Regulation (EU) 2016/679", **TIMES, "contacts": "yes"}
ANA = "user:ana@example.org"
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
        ("drill", DRILL | {"title": "ask user:bo@example.org"}, (), "--fact title: the text names"),
        (
            "training",
            {"who": "user:bo@example.org", "course": "030 901820999"},
            (),
            "--fact course",
        ),
        ("review", {"asset": "orders"}, ("--id", "review-030901820999"), "--id"),
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


@pytest.fixture
def own(shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop, tmp_path / "own", ignore=shutil.ignore_patterns(".gov*")))


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "-w", str(folder)])


def test_every_kind_is_recorded_without_an_id_and_a_date_in_one_is_no_number(own: Path) -> None:
    facts = {
        "regulation": {"title": "Act 2024/1689 of 2024-06-13"},
        "drill": DRILL,
        "training": {"who": ANA, "course": "privacy"},
        "recertification": {"asset": "orders"},
        "review": {"asset": "orders", "report": "reviews/orders_2026-11-23.pdf"},
        "incident": {"title": "a lost laptop", "detected": TIMES["detected"]},
    }
    assert set(facts) == {kind.value for kind in RecordKind}
    for kind, told in facts.items():
        written = [word for name, text in told.items() for word in ("-f", f"{name}={text}")]
        ended = call(own, "record", "add", kind, *written, "--by", ANA)
        assert ended.exit_code == 0, (kind, ended.exception)
        assert "ana" not in ended.output
    for name in ("review-crm-people-2026-11-23", "review_crm_2026-11-23_again"):
        words = ("--by", ANA, "-f", "asset=orders", "--id", name)
        assert call(own, "record", "add", "review", *words).exit_code == 0


def test_who_is_erased_is_named_by_no_record(own: Path) -> None:
    asset = ("--by", ANA, "-f", "asset=orders")
    for kind in ("review", "recertification"):
        assert call(own, "record", "add", kind, *asset).exit_code == 0
    for who in (ANA, "user:bo@example.org"):
        facts = ("-f", f"who={who}", "-f", "course=privacy")
        assert call(own, "record", "add", "training", *facts, "--by", ANA).exit_code == 0
    listed = call(own, "record", "list").output
    assert listed.count(f"who={ANA}") == 1 and listed.count(f"by {ANA}") == 4
    ended = call(own, "audit", "erase", "--subject", ANA, "--reason", "asked for")
    assert ended.exit_code == 0, ended.output
    after = call(own, "record", "list").output
    assert ANA not in after and after.count("by subject:") == 4 and "who=user:bo@" in after
    state = (file for file in (own / ".governance").rglob("*") if file.is_file())
    assert not [file for file in state if ANA.encode() in file.read_bytes()]
    scan = call(own, "scan", "-j", "1", "-o", "json")
    assert scan.exit_code in (0, 1, 3) and scan.exception.__class__ in (SystemExit, type(None))
    assert "reviewed-in-time" in scan.output


def test_a_record_that_was_withdrawn_counts_for_nothing_and_stays_in_the_trail(own: Path) -> None:
    def status(control: str = "breach-drilled") -> str:
        document = json.loads(call(own, "check", "-o", "json").output)
        return {one["control"]: one["status"] for one in document["outcomes"]}[control]

    written = [word for name, text in DRILL.items() for word in ("-f", f"{name}={text}")]
    assert call(own, "record", "add", "drill", "--id", "d1", *written, "--by", ANA).exit_code == 0
    assert status() == "pass"
    take_back = ("record", "withdraw", "drill", "d1", "--by")
    why = ("--reason", "it was a rehearsal of another team")
    for words, said in (
        ((*take_back[:3], "d2", "--by", ANA, *why), "known: d1"),
        ((*take_back, "user:eve@example.org", *why), "no active member"),
        ((*take_back, ANA, "--reason", "ask ana.secret@example.org"), "cannot forget"),
        ((*take_back, ANA, "--reason", " "), "one line"),
    ):
        assert said in str(call(own, *words).exception)
    assert call(own, *take_back, ANA, *why).exit_code == 0
    assert status() == "fail"
    assert "no records" in call(own, "record", "list").output
    logged = call(
        own, "audit", "log", "--type", "record.added", "--type", "record.withdrawn"
    ).output
    assert len(logged.splitlines()) == 2
    assert "no drill 'd1' stands" in str(call(own, *take_back, ANA, *why).exception)
    assert call(own, "record", "add", "drill", "--id", "d1", *written, "--by", ANA).exit_code == 0
    assert status() == "pass"  # recorded again, it stands again


def test_a_report_is_of_what_has_been(own: Path) -> None:
    about = ("--by", ANA, "-f", "asset=orders")
    assert call(own, "record", "add", "review", *about).exit_code == 0
    year = datetime.now(UTC).year + 1
    for words in (
        ("--as-of", f"{year + 1}-01-01"),
        ("--period", f"{year}"),
        ("--period", f"{year}-Q2"),
        ("--period", "2020", "--as-of", "2019-06-01"),
    ):
        target = own / "report.html"
        refused = call(own, "report", "annual", *words, "-o", str(target))
        assert isinstance(refused.exception, UsageError) and not target.exists(), words
        assert refused.exception.where == words[0]


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
