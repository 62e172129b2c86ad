"""Policy tests: what is not listed is denied, what was not looked at is not absent, and every
failure names the rules that were considered, with their lines.
"""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from governance.controls.equivalence import decide_alike
from governance.engine.policytest import TestRequest, open_pack, run_tests
from governance.engine.workspace import open_workspace
from governance.errors import NothingToDoError, UsageError
from governance.formats.testrun import TEST_FORMATS, as_text
from governance.model.testrun import TestRun
from governance.policy.mutants import mutants_of

CLEAR = "mia.sample@example.org"
TOKEN = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
WORKSPACE = """\
apiVersion: governance/v1
kind: Project
id: acme
timezone: Europe/Berlin
include: ["policies/*.yaml"]
approval: {weakening: [asset_owner]}
defaults: {dataset: {residency: [EU]}}
---
apiVersion: governance/v1
kind: Team
id: sales
lead: user:ana@example.org
members:
  user:ana@example.org: {since: 2024-01-01, roles: [analyst]}
  user:bo@example.org: {since: 2024-01-01, until: 2026-01-31}
---
apiVersion: governance/v1
kind: Team
id: care
lead: user:kim@example.org
members: {user:kim@example.org: {since: 2023-05-01}}
---
apiVersion: governance/v1
kind: Dataset
id: shop.orders
owner: team:sales
classification: confidential
purposes: [billing]
locations:
  lake: {path: data/orders.csv, region: DE, environment: export}
retention: {max_age: 2y, measured_by: day, then: delete}
fields:
  email: {category: user.contact.email}
  day: {category: system.operations}
"""
POLICY = """\
apiVersion: governance/v1
kind: Policy
id: shop
owner: team:sales
applies_to: {dataset: "shop.*"}
rules:
  by-day:
    allow: [read]
    to: {any_of: [team:sales]}
    for: dataset.purposes
    when: {days: mon-fri, hours: "07:00-20:00"}
    from: {network: [10.0.0.0/8]}
  never-advertising:
    deny: [read, export]
    to: anyone
    for: {any_of: [marketing.advertising]}
---
apiVersion: governance/v1
kind: Policy
id: exports
owner: team:sales
severity: high
applies_to: {category: user.contact.email}
rules:
  tokens: {require_state: pseudonymised, accept: [hmac_sha256, drop], in: [export]}
"""
ANA, BO, KIM = "user:ana@example.org", "user:bo@example.org", "user:kim@example.org"
READ = {"actions": ["read"], "assets": ["shop.orders"], "purposes": ["billing"]}


Together = dict[tuple[str, int], str]
"""Table and row of it, to what failed; empty where nothing did."""


def run(folder: Path, *tests: dict[str, Any], policy: str = POLICY, **asked: bool) -> TestRun:
    """Return what policy tests come to in a small organisation."""
    (folder / "policies").mkdir(exist_ok=True)
    (folder / "governance.yaml").write_text(WORKSPACE.partition("---\n")[0])
    (folder / "policies" / "a.yaml").write_text(WORKSPACE.partition("---\n")[2])
    (folder / "policies" / "rules.yaml").write_text(policy)
    written = (json.dumps(a_test(f"t{n}", **each)) for n, each in enumerate(tests))
    (folder / "policies" / "tests.yaml").write_text("\n---\n".join(written))
    if not tests:
        (folder / "policies" / "tests.yaml").unlink()
    return run_tests(TestRequest(open_workspace(folder, explicit=True), **asked))


def a_test(id: str, **said: Any) -> dict[str, Any]:
    header = {"apiVersion": "governance/v1", "kind": "PolicyTest", "id": id}
    return {**header, "now": "2026-03-02T10:00", **said}


def access(matrix: dict[str, Any], *who: str, **more: Any) -> dict[str, Any]:
    """Return a test with one matrix, in the office unless it says otherwise."""
    principals = {each: {} for each in who} or {ANA: {}, KIM: {}}
    return {"principals": principals, "access": {"m": {"network": "10.1.2.3", **matrix}}, **more}


def data(**case: Any) -> dict[str, Any]:
    return {"data": {"c": {"dataset": "shop.orders", **case}}}


def reasons(found: TestRun) -> str:
    return as_text(found)


def test_what_no_case_lists_must_be_denied(tmp_path: Path) -> None:
    kim = {"allowed": {}, "denied": {"kim": {"who": [KIM], **READ}}}
    found = run(tmp_path, access(kim))
    assert [case.case for case in found.failed] == ["access.m"]
    assert found.exit_code == 1
    (failure,) = found.failed[0].failures
    assert failure.text.startswith(f"{ANA} read shop.orders for billing: allowed by shop.by-day")
    assert "shop.by-day: yes  policies/rules.yaml:7:3" in reasons(found)
    assert "shop.never-advertising: no, another purpose  policies/rules.yaml:13:3" in reasons(found)


def test_every_word_of_a_test_is_asked_with_every_other(tmp_path: Path) -> None:
    ana = {"allowed": {"ana": {"who": [ANA], **READ}}}
    more = {"actions": ["write"], "purposes": ["marketing.advertising"]}
    found = run(tmp_path, access(ana, **more))
    assert not found.failed
    assert sum(case.checks for case in found.cases) == 2 * 2 * 1 * 2


MATRICES: tuple[tuple[dict[str, Any], bool], ...] = (
    ({"allowed": {"c": {"who": [ANA], **READ}}}, False),
    ({"allowed": {"c": {"who": [ANA], **READ, "by": "shop.by-day"}}}, False),
    ({"allowed": {"c": {"who": [ANA], **READ, "by": "shop.never-advertising"}}}, True),
    ({"at": "2026-03-02T06:59"}, False),
    ({"at": "2026-03-02T06:59", "allowed": {"c": {"who": [ANA], **READ}}}, True),
    ({"at": "2026-03-02T06:59", "denied": {"c": {"who": [ANA], **READ, "by": "shop.by-day"}}},
     False),
    ({"at": "2026-03-02T07:30+02:00"}, False),  # half past six in Berlin
    ({"at": "2026-03-07T10:00"}, False),
    ({"network": "192.0.2.1"}, False),
    ({"network": "192.0.2.1", "allowed": {"c": {"who": [ANA], **READ}}}, True),
    ({"denied": {"c": {"who": [KIM], **READ, "by": "no rule"}},
      "allowed": {"ana": {"who": [ANA], **READ}}}, False),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(MATRICES)))
def test_time_origin_and_deciding_rule_count(number: int, together: Together) -> None:
    _, fails = MATRICES[number]
    assert bool(together["matrix", number]) is fails


def test_an_access_that_tells_too_little_is_neither_allowed_nor_denied(tmp_path: Path) -> None:
    unsaid = {"who": [ANA], "actions": ["read"], "assets": ["shop.orders"]}
    assert run(tmp_path, access({"denied": {"c": unsaid}}, ANA)).failed
    assert run(tmp_path, access({"allowed": {"c": unsaid}}, ANA)).failed
    assert not run(tmp_path, access({"undecided": {"c": unsaid}}, ANA)).failed


def test_principals_may_be_supposed_and_stand_as_of_a_day(tmp_path: Path) -> None:
    matrix = {"allowed": {"c": {"who": ["user:new@example.org", BO], **READ}}}
    test = access(matrix)
    test["principals"] = {"user:new@example.org": {"teams": ["sales"]},
                          BO: {"as_of": "2026-01-31"}, KIM: {"roles": ["analyst"]}}  # fmt: skip
    assert not run(tmp_path, test).failed
    test["principals"][BO] = {"as_of": "2026-02-01"}
    assert "access.m.allowed.c" in [case.case for case in run(tmp_path, test).failed]


def test_a_supposed_role_is_a_role(tmp_path: Path) -> None:
    test = access({"allowed": {"c": {"who": [KIM], **READ}}}, KIM)
    test["principals"] = {KIM: {"roles": ["analyst"]}}
    policy = POLICY.replace("[team:sales]", "[role:analyst]")
    assert not run(tmp_path, test, policy=policy).failed
    assert run(tmp_path, test).failed


MAIL = {"control": "technique-applied", "field": "email", "rule": "exports.tokens"}


ROWS_SHOW: tuple[tuple[dict[str, Any], str], ...] = (
    ({"rows": [{"email": CLEAR}], "findings": {"m": {**MAIL, "severity": "high"}}}, ""),
    ({"rows": [{"email": CLEAR}], "findings": {"m": {**MAIL, "severity": "low"}}},
     "it was not found"),
    ({"rows": [{"email": CLEAR}], "absent": {"m": MAIL}}, "it was found"),
    ({"rows": [{"email": TOKEN}], "findings": {"m": MAIL}}, "it was not found"),
    ({"rows": [{"email": TOKEN}], "absent": {"m": MAIL}}, ""),
    ({"absent": {"m": MAIL}}, "could not be told"),
    ({"rows": [{"email": TOKEN}], "absent": {"m": {"control": "retention-kept"}}},
     "could not be told"),
    ({"rows": [{"email": TOKEN, "day": "2026-01-01"}],
      "absent": {"m": {"control": "retention-kept"}}}, ""),
    ({"rows": [{"email": TOKEN, "day": "2024-03-01"}],
      "findings": {"m": {"control": "retention-kept", "severity": "high"}}}, ""),
    ({"rows": [{"note": CLEAR}], "findings": {"m": {"control": "pii-declared"}}}, ""),
    ({"set": {"owner": "none"}, "findings": {"m": {"control": "owner-declared"}}}, ""),
    ({"absent": {"m": {"control": "owner-declared"}}}, ""),
    ({"rows": [{"email": CLEAR}], "findings": {"m": MAIL}, "nothing_else": True},
     "expected nothing else"),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(ROWS_SHOW)))
def test_rows_show_what_a_scan_would_find(number: int, together: Together) -> None:
    _, failure = ROWS_SHOW[number]
    found = together["rows", number]
    assert bool(found) is bool(failure), found
    assert failure in found


def test_no_row_is_told_by_a_failure(tmp_path: Path) -> None:
    found = run(tmp_path, data(rows=[{"email": CLEAR}], absent={"m": MAIL}, nothing_else=True))
    assert found.failed
    for render in TEST_FORMATS.values():
        assert CLEAR not in render(found)
    policy = open_workspace(tmp_path, explicit=True).policy
    assert CLEAR not in json.dumps(policy.tests["t0"].model_dump(mode="json"))


CHANGE = {"kind": "Dataset", "document": "shop.orders"}


CHANGES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"set": {"retention.max_age": "3y"}, "direction": "weaker"}, ""),
    ({"set": {"retention": {"max_age": "3y"}}, "direction": "weaker"}, ""),
    ({"set": {"retention.max_age": "1y"}, "direction": "weaker"}, "the change is stronger"),
    ({"set": {"retention.max_age": "24m"}, "direction": "none"}, ""),
    ({"set": {"owner": "none"}, "direction": "weaker", "approvers": ["team:sales"]}, ""),
    ({"set": {"owner": "none"}, "direction": "weaker", "approvers": ["team:care"]},
     "to approve: team:sales, expected team:care"),
    ({"deleted": True, "direction": "weaker"}, ""),
    ({"remove": ["fields.email"], "direction": "weaker"}, ""),
    ({"kind": "Grant", "document": "new", "direction": "weaker",
      "head": {"dataset": "shop.orders", "to": KIM, "actions": ["read"], "starts": "2026-01-01",
               "ends": "2026-02-01", "approved_by": [ANA]}}, ""),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_a_change_leads_where_its_case_says(number: int, together: Together) -> None:
    _, failure = CHANGES[number]
    found = together["change", number]
    assert bool(found) is bool(failure), found
    assert failure in found


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Together:
    """Return what failed of each case of the three tables, run in one workspace."""
    words = dict(zip(("actions", "assets", "purposes"), READ.values(), strict=True))
    asked = [("matrix", n, access({"denied": {}, **each}, **words))
             for n, (each, _) in enumerate(MATRICES)]  # fmt: skip
    asked += [("rows", n, data(**each)) for n, (each, _) in enumerate(ROWS_SHOW)]
    asked += [("change", n, {"changes": {"c": {**CHANGE, **each}}})
              for n, (each, _) in enumerate(CHANGES)]  # fmt: skip
    found = run(tmp_path_factory.mktemp("together"), *(test for _, _, test in asked))
    told = {case.test: "" for case in found.cases}
    for case in found.failed:
        told[case.test] += " ".join(failure.text for failure in case.failures)
    return {(table, n): told[f"t{at}"] for at, (table, n, _) in enumerate(asked)}


def test_no_test_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(NothingToDoError, match="nothing was tested") as caught:
        run(tmp_path)
    assert caught.value.exit_code == 3


def test_a_path_without_a_test_is_no_success(tmp_path: Path) -> None:
    run(tmp_path, data(absent={"m": {"control": "owner-declared"}}))
    workspace = open_workspace(tmp_path, explicit=True)
    assert run_tests(TestRequest(workspace, paths=("policies/tests.yaml",))).exit_code == 0
    with pytest.raises(NothingToDoError, match=r"policies/rules\.yaml: no policy test"):
        run_tests(TestRequest(workspace, paths=("policies/tests.yaml", "policies/rules.yaml")))


def test_a_pack_is_known_and_tested() -> None:
    with pytest.raises(UsageError, match="did you mean 'gdpr'"):
        open_pack("gdrp")
    assert open_pack("baseline") is not None


SPEAKING = access({"allowed": {"ana": {"who": [ANA], **READ, "by": "shop.by-day"}},
                   "denied": {"kim": {"who": [KIM], **READ}}})  # fmt: skip
ROWS = data(rows=[{"email": CLEAR}], findings={"m": MAIL})


def test_coverage_names_the_side_that_was_never_seen(tmp_path: Path) -> None:
    found = run(tmp_path, SPEAKING, ROWS, coverage=True)
    told = {use.rule: (use.acted > 0, use.rested > 0) for use in found.coverage or ()}
    assert told == {"shop.by-day": (True, True), "shop.never-advertising": (False, True),
                    "exports.tokens": (True, False)}  # fmt: skip
    assert found.exit_code == 1
    assert "deny shop.never-advertising (0 denied, 2 not): never seen denying" in reasons(found)
    assert "tokens (1 broken, 0 not): never seen kept  policies/rules.yaml:25:3" in reasons(found)


ALIKE = """\
---
apiVersion: governance/v1
kind: Policy
id: released
owner: team:sales
applies_to: {dataset: shop.orders}
rules: {alike: {require_anonymity: {k: 5, quasi_identifiers: [day]}}}
"""


def test_a_threshold_that_nobody_measures_is_neither_kept_nor_broken(tmp_path: Path) -> None:
    absent = {"m": {"control": "anonymity-thresholds"}}
    asked = data(rows=[{"email": TOKEN, "day": "2026-01-01"}], absent=absent)
    found = run(tmp_path, asked, policy=POLICY + ALIKE, coverage=True)
    (use,) = [each for each in found.coverage or () if each.rule == "released.alike"]
    assert (use.acted, use.rested) == (0, 0)
    assert "could not be told" in reasons(found)
    assert "this version does not measure it: neither broken nor kept can be seen" in reasons(found)
    assert "anonymity-kept" not in reasons(found)


def test_coverage_is_full_when_every_rule_was_seen_on_both_sides(tmp_path: Path) -> None:
    ads = {"purposes": ["marketing.advertising"]}
    kept = data(rows=[{"email": TOKEN}], absent={"m": MAIL})
    found = run(tmp_path, SPEAKING | ads, ROWS, kept, coverage=True)
    assert found.exit_code == 0, reasons(found)


def test_order_changes_no_verdict(tmp_path: Path) -> None:
    absent = {"m": MAIL, "r": {"control": "retention-kept"}}
    tests = [SPEAKING, data(rows=[{"email": TOKEN}, {"day": "2020-01-01"}], absent=absent)]
    (tmp_path / "0").mkdir()
    expected = _verdicts(run(tmp_path / "0", *tests))
    assert not all(expected.values())
    for seed in (1, 2):
        rng = random.Random(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        shuffled = [_shuffled(test, rng) for test in tests]
        assert _verdicts(run(folder, *shuffled)) == expected
        _reorder_documents(folder / "policies" / "tests.yaml", rng)
        again = run_tests(TestRequest(open_workspace(folder, explicit=True)))
        assert _verdicts(again) == expected


EVERYBODY = (ANA, KIM, "team:sales", "team:care", "role:analyst")
SALES = {"who": [ANA, "team:sales"], **READ}
MASKED, DIGEST = "m***@example.org", "098f6bcd4621d373cade4e832627b4f6"
STRONG = (
    access(
        {"allowed": {"sales": SALES},
         "denied": {"ads": {"who": list(EVERYBODY), "actions": ["read", "export"],
                            "assets": ["shop.orders"], "purposes": ["marketing.advertising"],
                            "by": "shop.never-advertising"}}},
        *EVERYBODY, actions=["read", "write", "export", "delete", "train"],
        purposes=["customer_care"],
    ),
    {"principals": {"team:sales": {}}, "assets": ["shop.orders"], "actions": ["read"],
     "purposes": ["billing"],
     "access": {"early": {"at": "2026-03-02T06:59", "network": "10.1.2.3"},
                "late": {"at": "2026-03-02T20:00", "network": "10.1.2.3"},
                "saturday": {"at": "2026-03-07T10:00", "network": "10.1.2.3"},
                "elsewhere": {"network": "192.0.2.1"}}},
    data(rows=[{"email": CLEAR}], findings={"m": {**MAIL, "severity": "high"}}),
    data(rows=[{"email": MASKED}, {"email": "o***@example.org"}], findings={"m": MAIL}),
    data(rows=[{"email": DIGEST}, {"email": DIGEST[::-1]}], findings={"m": MAIL}),
    {"changes": {
        f"c{n}": {**CHANGE, "set": each, "direction": "weaker", "approvers": ["team:sales"]}
        for n, each in enumerate((
            {"owner": "none"}, {"classification": "internal"}, {"retention.max_age": "4y"},
            {"residency": ["EU", "ALL"]}))}
     | {"gone": {**CHANGE, "remove": ["retention"], "direction": "weaker"}}},
)  # fmt: skip


def test_a_loosening_that_no_test_notices_is_named_with_its_line(tmp_path: Path) -> None:
    found = run(tmp_path, SPEAKING, mutate=True)
    told = {(each.subject, each.sentence): str(each.position) for each in found.survivors}
    for subject, sentence, line in (
        ("shop.by-day", "allows one more action: write, export, delete and 1 more", 8),
        ("shop.by-day", "allows one more principal: role:analyst", 9),
        ("shop.by-day", "allows an hour earlier", 11),
        ("shop.by-day", "allows an hour later", 11),
        ("shop.by-day", "allows every day", 11),
        ("shop.by-day", "allows any network", 12),
        ("shop.never-advertising", "is gone", 13),
        ("exports.tokens", "is gone", 25),
        ("exports.tokens", "is medium instead of high", 25),
        ("exports.tokens", "accepts a weaker technique: mask, hash", 25),
        ("exports.tokens", "does not look at the technique", 25),
    ):
        assert told.get((subject, sentence), "").startswith(f"policies/rules.yaml:{line}:"), told
    assert ("Dataset shop.orders", "has no owner") in told
    assert ("Dataset shop.orders", "is kept 4y instead of 2y") in told
    assert ("Dataset shop.orders", "may lie anywhere") in told
    assert found.exit_code == 1


def test_tests_that_say_everything_notice_every_loosening(tmp_path: Path) -> None:
    found = run(tmp_path, *STRONG, mutate=True)
    assert not found.failed, reasons(found)
    left = {(each.subject, each.sentence) for each in found.survivors}
    # Nothing is found by a category that a detector does not look for.
    assert {each for each in left if each[0] != "Project acme"} == {
        ("Dataset shop.orders", "says no category of a field: day"),
    }
    # A permission for any dataset, where there is no other, decides nothing.
    assert found.equal > 0


def test_the_example_of_the_manual_holds_in_the_demo(root: Path, tmp_path: Path) -> None:
    manual = (root / "docs" / "policy-tests.md").read_text(encoding="utf-8")
    demo = tmp_path / "demo"
    shutil.copytree(root / "policies" / "demo", demo)
    shutil.rmtree(demo / "policies" / "tests")
    (demo / "policies" / "example.yaml").write_text(manual.split("```yaml\n")[1].split("```")[0])
    found = run_tests(TestRequest(open_workspace(demo, explicit=True)))
    assert found.exit_code == 0, reasons(found)
    assert {case.case.split(".")[0] for case in found.cases} == {"access", "data", "changes"}


def test_cases_that_are_left_out_are_counted_and_are_no_pass(tmp_path: Path) -> None:
    only = data(rows=[{"email": CLEAR}], findings={"m": {**MAIL, "severity": "low"}})
    assert run(tmp_path, only).exit_code == 1
    found = run(tmp_path, only, with_rows=False)
    assert (found.exit_code, found.left_out, found.cases) == (3, 1, ())
    both = run(tmp_path, only, access({"denied": {"ana": {"who": [ANA], **READ}}}), with_rows=False)
    assert {case.case.split(".")[0] for case in both.cases} == {"access"}
    assert as_text(both).endswith("; 1 case with rows left out\n")


def test_a_sample_says_of_how_many_and_names_no_more_than_all_do(tmp_path: Path) -> None:
    every = run(tmp_path, SPEAKING, mutate=True)
    assert (every.mutants, every.seed) == (every.of, None)
    asked = TestRequest(open_workspace(tmp_path, explicit=True), mutate=True, most=20, seed=3)
    some = run_tests(asked)
    assert (some.mutants, some.of, some.seed) == (20, every.of, 3)
    assert run_tests(asked).survivors == some.survivors
    assert run_tests(replace(asked, seed=4)).survivors != some.survivors
    named = {(each.subject, each.position) for each in every.survivors}
    assert {(each.subject, each.position) for each in some.survivors} <= named
    assert f"loosenings tried: 20 of {every.of}, chosen by seed 3" in TEST_FORMATS["text"](some)


def test_no_mutant_is_tried_where_a_test_fails(tmp_path: Path) -> None:
    found = run(tmp_path, access({"denied": {"ana": {"who": [ANA], **READ}}}), mutate=True)
    assert found.failed
    assert found.mutants is None


@pytest.mark.parametrize(
    ("rules", "equal"),
    [
        # What nobody may do needs no prohibition, and what is forbidden no end of permissions.
        ("  no: {deny: [export], to: anyone}\n", {"is gone"}),
        ("  may: {allow: [read], to: team:sales}\n  no: {deny: [write, export, delete, train],"
         " to: anyone}\n", {"is gone", "allows one more action"}),
        ("  may: {allow: [read], to: team:sales}\n  all: {allow: [read], to: anyone}\n",
         {"allows anyone", "allows one more principal"}),
        ("  may: {allow: [read], to: team:sales, for: billing}\n  too: {allow: [read], to:"
         " team:sales, for: dataset.purposes}\n", {"allows one more purpose"}),
        ("  may: {allow: [read], to: team:sales}\n", set()),
        ("  may: {allow: [read], to: team:sales}\n  no: {deny: [read], to: team:care}\n",
         {"allows one more principal"}),
    ],
)  # fmt: skip
def test_a_loosening_that_decides_nothing_is_told_apart(
    rules: str, equal: set[str], tmp_path: Path
) -> None:
    head = POLICY.partition("rules:\n")[0]
    nothing = data(absent={"m": {"control": "owner-declared"}})
    found = run(tmp_path, nothing, policy=f"{head}rules:\n{rules}", mutate=True)
    workspace = open_workspace(tmp_path, explicit=True)
    alike = {
        mutant.sentence
        for mutant in mutants_of(workspace.policy, is_meant=lambda _: True)
        if mutant.document == "shop" and mutant.subject.startswith("shop.")
        and decide_alike(workspace.policy, mutant.policy, "shop")
    }  # fmt: skip
    assert alike - {"makes an exception", "denies one action less"} == equal
    assert not any(each.sentence in equal for each in found.survivors if each.subject == "shop.no")


def test_formats_agree_with_the_verdict(tmp_path: Path) -> None:
    found = run(tmp_path, SPEAKING, ROWS, coverage=True)
    told = json.loads(TEST_FORMATS["json"](found))
    assert told["exit_code"] == 1
    assert len(told["cases"]) == 4
    root = ET.fromstring(TEST_FORMATS["junit"](found))
    assert root.get("tests") == str(4 + 3)
    assert root.get("failures") == "2"


def _verdicts(found: TestRun) -> dict[tuple[str, str], bool]:
    return {(case.test, case.case): not case.failures for case in found.cases}


def _shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: _shuffled(value[key], rng) for key in keys}
    if isinstance(value, list):
        return rng.sample(value, len(value))
    return value


def _reorder_documents(path: Path, rng: random.Random) -> None:
    documents = path.read_text().split("\n---\n")
    rng.shuffle(documents)
    path.write_text("\n---\n".join(documents))
