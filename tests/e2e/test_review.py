"""From an opened review to an issued report: who may sign, what is refused, what can be checked."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.door import open_here
from governance.cli.main import app
from governance.errors import GovernanceError
from governance.facts.store import FactStore
from governance.trail import verify_trail
from governance.trail.body import decode_body
from governance.trail.merkle import leaf_hash
from governance.trail.note import parse_checkpoint
from governance.trail.proving import parse_proof
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM

YEAR = str(datetime.now(UTC).year)
PEOPLE = (
    "  user:dee@example.org: {since: 2024-01-01, roles: [dpo]}\n"
    "  user:old@example.org: {since: 2020-01-01, until: 2024-01-01}\n"
)
MEMBERS = TEAM.replace("contacts:", f"{PEOPLE}contacts:")
SIGNING = "nlp: {engine: none}\nreview: {reports: 30d}\nsigning: {advisers: [role:dpo]}\n"
Run = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a workspace of its own: what a test signs and issues stays on record."""
    folder = tmp_path / "reviewed"
    reviews = DATASET.partition("reviews:")[0]
    for name, text in {
        "governance.yaml": PROJECT + SIGNING, "data/orders.csv": ROWS,
        "policies/team.yaml": MEMBERS, "policies/orders.yaml": reviews,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def run(shop: Path) -> Run:
    def call(*command: str) -> Result:
        return CliRunner().invoke(app, [*command, "--workspace", str(shop)])

    return call


@pytest.fixture
def scanned(run: Run) -> Run:
    assert run("scan", "-j", "1").exit_code == 3
    return run


def refused(result: Result) -> str:
    assert isinstance(result.exception, GovernanceError), result.output
    return str(result.exception)


def sign(run: Run, who: str, *more: str, statement: str = "I have read it.") -> Result:
    return run("review", "sign", "--as", f"user:{who}@example.org", "--statement", statement, *more)


def issue(run: Run, shop: Path, name: str) -> tuple[str, str]:
    """Return what was printed and the digest of the file."""
    said = run("report", "annual", "--period", YEAR, "-o", str(shop / name))
    assert said.exit_code == 0, said.output
    return said.output, hashlib.sha256((shop / name).read_bytes()).hexdigest()


def test_a_review_is_opened_signed_by_two_and_issued(scanned: Run, shop: Path) -> None:
    run = scanned
    assert "no scan of everything ended" in refused(run("review", "start", "--period", "2019"))
    assert "draft" in issue(run, shop, "before.html")[0]
    assert run("review", "start", "--period", YEAR).exit_code == 0
    assert "is open" in refused(run("review", "start", "--period", YEAR))
    assert "author has not signed" in refused(sign(run, "bo", "--role", "approver"))
    assert "no active member" in refused(sign(run, "old"))
    assert "cannot forget" in refused(sign(run, "ana", statement="ask +49 30 901820"))
    assert sign(run, "ana").exit_code == 0
    assert "signed it as author" in refused(sign(run, "ana", "--role", "approver"))
    assert "role:dpo was not heard" in refused(sign(run, "bo"))
    assert "may not sign as adviser" in refused(sign(run, "bo", "--role", "adviser"))
    objection = sign(run, "dee", "--role", "adviser", "--advice", "objects", statement="too few")
    assert objection.exit_code == 0
    assert "objects" in refused(sign(run, "bo"))
    assert run("review", "status").exit_code == 1
    assert "draft" in issue(run, shop, "still.html")[0]
    assert sign(run, "bo", "--overrules", "one place, read whole").exit_code == 0
    told = run("review", "status")
    assert told.exit_code == 0
    assert "signed from one account" in told.output

    said, digest = issue(run, shop, "final.html")
    assert "issued" in said and digest in said
    assert "overrules" in (shop / "final.html").read_text("utf-8").lower()
    assert run("scan", "-j", "1").exit_code == 3  # what comes later changes no issued report
    project = shop / "governance.yaml"
    project.write_text(project.read_text().replace("id: shop", "id: shop\ntitle: Another name"))
    assert issue(run, shop, "again.html")[1] == digest
    made_again = run("review", "reproduce")
    assert made_again.exit_code == 0 and "the same bytes" in made_again.output
    assert "no issued report is left" in run("review", "reproduce").output

    proof = parse_proof((shop / "final.html.tlog-proof").read_text("utf-8"))
    body = decode_body(proof.extra)
    assert (body.type, body.payload["sha256"]) == ("report.issued", digest)
    assert proof.root(leaf_hash(proof.extra)) == parse_checkpoint(proof.note).root

    key = run("audit", "checkpoint", "--key").output.strip().splitlines()[-1]
    told = (shop / "final.html.tlog-proof").read_text("utf-8")
    for text, code in ((told, 0), (told.replace("extra ", "extra A", 1), 1)):
        (shop / "shown.tlog-proof").write_text(text, encoding="utf-8")
        command = [sys.executable, verify_trail.__file__, shop / "shown.tlog-proof", "--key", key]
        shown = subprocess.run(command, capture_output=True, text=True)
        assert (shown.returncode == 0) == (code == 0), shown.stdout + shown.stderr
        assert (digest in shown.stdout) == (code == 0)

    document = json.loads(run("check", "-o", "json").output)
    ended = {(one["control"], one["asset"]): one["status"] for one in document["outcomes"]}
    assert ended["reviewed-in-time", "orders"] == "pass"  # the signed report is a review of it
    assert ended["report-reproducible", "trail"] == "pass"


def test_a_review_is_signed_by_the_rules_it_was_opened_under_and_only_the_newest_is(
    scanned: Run, shop: Path
) -> None:
    run, project = scanned, shop / "governance.yaml"
    (shop / "policies/team.yaml").write_text(
        MEMBERS.replace(
            "{since: 2024-01-01, roles: [dpo]}", "{since: 2024-01-01, until: 2099-01-01}"
        )
    )
    strict = PROJECT + "nlp: {engine: none}\nsigning: {approvers: [user:bo@example.org]}\n"
    project.write_text(strict)
    said = run("review", "start", "--period", YEAR)
    assert said.exit_code == 0 and "needs the signature of an approver" in said.output
    assert f"lasts until {YEAR}-12-31" in said.output
    other = f"{YEAR}-01..{YEAR}-12"
    assert f"write the period as that does: {YEAR}" in refused(
        run("review", "start", "--period", other)
    )
    assert sign(run, "ana").exit_code == 0
    assert "may not sign as approver" in refused(sign(run, "dee"))
    assert "no active member" in refused(sign(run, "eve"))
    project.write_text(strict.replace("[user:bo", "[user:dee@example.org, user:bo"))
    assert "who may sign was changed" in refused(sign(run, "dee"))
    project.write_text(strict + "title: Another name\n")
    assert run("scan", "-j", "1").exit_code == 3
    told = run("review", "status")
    assert "1 later scans of everything are no part of it" in told.output and told.exit_code == 1

    assert run("review", "start", "--period", YEAR, "--again").exit_code == 0
    assert f"superseded by annual-{YEAR}-2" in refused(sign(run, "bo", f"annual-{YEAR}"))
    assert sign(run, "ana").exit_code == 0
    project.write_text(strict + "title: A third name\n")
    assert "nobody objects" in refused(sign(run, "bo", "--overrules", "there is nothing"))
    assert sign(run, "bo").exit_code == 0
    told = run("review", "status")
    assert f"annual-{YEAR}: superseded by annual-{YEAR}-2" in told.output and told.exit_code == 0
    assert "approver user:bo@example.org signed under policy files of another digest" in told.output
    assert "is signed" in refused(sign(run, "dee", "--role", "adviser"))
    assert "is signed" in refused(run("review", "start", "--period", YEAR))


def test_of_two_scans_at_one_given_instant_the_later_one_is_reviewed(run: Run, shop: Path) -> None:
    for given, column in (("10:05", "email"), ("10:00", "mail")):
        (shop / "data/orders.csv").write_text(ROWS.replace("email", column), encoding="utf-8")
        assert run("scan", "-j", "1", "--as-of", f"{YEAR}-01-05T{given}Z").exit_code == 3
    with FactStore.open(open_here(shop).facts) as store:
        later, earlier = store.documents(until=None)
        assert earlier.finished < later.finished < earlier.finished + timedelta(seconds=1)
    assert "mail is EMAIL" in run("finding", "list", "--format", "markdown").output


def test_one_account_cannot_sign_for_two_where_the_policy_forbids_it(scanned: Run, shop: Path):
    strict = PROJECT + "nlp: {engine: none}\nsigning: {separate_accounts: true}\n"
    (shop / "governance.yaml").write_text(strict)
    assert scanned("review", "start", "--period", YEAR).exit_code == 0
    assert sign(scanned, "ana").exit_code == 0
    assert "from this account" in refused(sign(scanned, "bo"))
