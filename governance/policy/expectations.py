"""Policy tests: whatever they name is declared, and each of them expects something."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from governance.model.cases import AccessCase, ChangeCase, DataCase, Expected, Matrix, instant_of
from governance.model.documents import PolicyTest
from governance.policy.faults import Fault, quoted
from governance.policy.known import Known
from governance.policy.nodes import Path
from governance.policy.patching import PatchError, changed_document, documents_of, patched, supposed
from governance.policy.validation import Written

MAX_CELLS = 100_000
"""Cells of all matrices of one test: who, action, asset and purpose, once for each matrix."""

UNSTATED = "unknown"
"""The purpose of an access whose log names one that no taxonomy has."""

_YEARS = (1970, 9000)
_NO_RULE = frozenset({"no rule", "the project's default"})
_PATCHES = ("set", "remove", "head", "deleted")


def check_policy_tests(known: Known) -> Iterator[Fault]:
    """Yield a fault for each test that names what is not there, or could never fail."""
    for written in known.corpus.valid("PolicyTest"):
        test: PolicyTest = written.model
        yield from _instant(written, ("now",), test.now)
        if not (test.access or test.data or test.changes):
            yield Fault(written.at("id"), "the test expects nothing", "add access, data or changes")
        yield from _principals(known, written, test)
        yield from _words(known, written, (), test)
        yield from _access(known, written, test)
        for name, case in test.data.items():
            yield from _data(known, written, ("data", name), case)
        for name, change in test.changes.items():
            yield from _change(known, written, ("changes", name), change)


def _instant(written: Written, path: Path, text: str) -> Iterator[Fault]:
    problem, remedy = "is no instant that the calendar has", "write it as 2026-11-23T10:00"
    try:
        year = instant_of(text, "UTC").year
    except ValueError:
        yield Fault(written.at(*path), f"{quoted(text)} {problem}", remedy)
        return
    if not _YEARS[0] <= year < _YEARS[1]:
        problem = "lies outside the calendar of records"
        yield Fault(written.at(*path), f"{quoted(text)} {problem}", "write a year from 1970")


def _principals(known: Known, written: Written, test: PolicyTest) -> Iterator[Fault]:
    for name, persona in test.principals.items():
        path: Path = ("principals", name)
        for fault in known.principal(written, path, name):
            yield Fault(written.key(*path), fault.problem, fault.remedy)
        said = persona.model_fields_set
        if said and not name.startswith(("user:", "service:")):
            problem = f"only a user or a service is in teams, found {quoted(name)}"
            yield Fault(written.key(*path), problem, "write {} behind it")
        for index, team in enumerate(persona.teams):
            where = (*path, "teams", index)
            yield from known.refer(written, where, "team", known.corpus.ids("Team"))(team)
        for index, role in enumerate(persona.roles):
            yield from known.principal(written, (*path, "roles", index), f"role:{role}")


def _words(
    known: Known, written: Written, path: Path, said: PolicyTest | AccessCase
) -> Iterator[Fault]:
    for index, asset in enumerate(said.assets):
        where = (*path, "assets", index)
        yield from known.refer(written, where, "dataset", known.datasets)(asset)
    for index, purpose in enumerate(said.purposes):
        if purpose != UNSTATED:
            yield from known.purpose(written, (*path, "purposes", index), purpose)


def _access(known: Known, written: Written, test: PolicyTest) -> Iterator[Fault]:
    if test.access and not test.principals:
        remedy = "name them under principals, as user:ana@example.org: {}"
        yield Fault(written.key("access"), "nobody asks for access", remedy)
        return
    for name, matrix in test.access.items():
        path: Path = ("access", name)
        yield from _circumstances(known, written, path, matrix)
        yield from _cases(known, written, path, test)
    cells = len(test.cells()) * len(test.access)
    if test.access and not cells:
        remedy = "name actions and assets, in the cases or beside the principals"
        yield Fault(written.key("access"), "nothing is asked for", remedy)
    elif cells > MAX_CELLS:
        problem = f"{cells:,} accesses are more than the {MAX_CELLS:,} that one test may ask for"
        yield Fault(written.key("access"), problem, "split it into several tests")


def _circumstances(known: Known, written: Written, path: Path, matrix: Matrix) -> Iterator[Fault]:
    if matrix.at is not None:
        yield from _instant(written, (*path, "at"), matrix.at)
    if matrix.network is not None:
        try:
            ipaddress.ip_network(matrix.network, strict=False)
        except ValueError:
            problem = f"{quoted(matrix.network)} is no address and no network"
            yield Fault(written.at(*path, "network"), problem, "write it as 10.1.2.3 or 10.0.0.0/8")
    if matrix.region is not None:
        yield from known.region(written, (*path, "region"), matrix.region)


def _cases(known: Known, written: Written, path: Path, test: PolicyTest) -> Iterator[Fault]:
    matrix, first = test.access[str(path[1])], dict[tuple[str, ...], str]()
    deciders = known.rules.keys() | known.corpus.ids("Grant") | _NO_RULE
    for expected, name, case in matrix.listed():
        at: Path = (*path, expected, name)
        for key in ("who", "actions", "assets"):
            if not getattr(case, key):
                yield Fault(written.at(*at, key), f"'{key}' is empty", "name one, or more")
        for index, who in enumerate(case.who):
            check = known.refer(written, (*at, "who", index), "principal", test.principals)
            yield from check(who)
        yield from _words(known, written, at, case)
        if case.by is not None and known.trusts("Policy", "Grant"):
            yield from known.refer(written, (*at, "by"), "rule or grant", deciders)(case.by)
        for cell in case.cells():
            known_as = first.setdefault(tuple(map(str, cell)), f"{expected}.{name}")
            if known_as != f"{expected}.{name}":
                problem = f"{quoted(name)} lists an access that '{known_as}' lists too"
                yield Fault(written.key(*at), problem, "list each access once")
                break


def _data(known: Known, written: Written, path: Path, case: DataCase) -> Iterator[Fault]:
    yield from _about(known, written, path, case)
    dataset = known.dataset(case.dataset or "")
    if dataset is not None and case.location is not None:
        where = (*path, "location")
        yield from known.refer(written, where, "location", dataset.locations)(case.location)
    elif dataset is not None and case.rows and len(dataset.locations) != 1:
        many = f"has {len(dataset.locations)} locations" if dataset.locations else "has no location"
        listed = ", ".join(sorted(dataset.locations)) or "none; declare one in its file"
        yield Fault(written.key(*path), f"{quoted(dataset.id)} {many}", f"name one: {listed}")
    if case.set or case.remove:
        yield from _supposition(known, written, path, case)
    if not (case.findings or case.absent or case.nothing_else):
        remedy = "add findings, absent or nothing_else"
        yield Fault(written.key(*path), "the case expects nothing", remedy)
    for index, row in enumerate(case.rows):
        if not row:
            yield Fault(written.at(*path, "rows", index), "an empty row", "give it a column")
    for key, expected in (("findings", case.findings), ("absent", case.absent)):
        for name, finding in expected.items():
            yield from _expected(known, written, (*path, key, name), finding)


def _about(known: Known, written: Written, path: Path, case: DataCase) -> Iterator[Fault]:
    if (case.dataset is None) == (case.model is None):
        both = case.model is not None
        problem = "names both a dataset and a model" if both else "names no dataset and no model"
        position = written.key(*path, *(("model",) if both else ()))
        yield Fault(position, f"the case {problem}", "name one of the two")
    elif case.dataset is not None:
        check = known.refer(written, (*path, "dataset"), "dataset", known.datasets)
        yield from check(case.dataset)
    else:
        models = known.corpus.ids("Model")
        yield from known.refer(written, (*path, "model"), "model", models)(case.model or "")
        for key in ("rows", "location"):
            if key in case.model_fields_set:
                problem = f"a model has no {key}"
                yield Fault(written.key(*path, key), problem, "remove it, or name a dataset")


def _supposition(known: Known, written: Written, path: Path, case: DataCase) -> Iterator[Fault]:
    if not known.trusts(case.about[0]):
        return
    try:
        supposed(known.policy, case)
    except PatchError as cause:
        said = "set" if case.set else "remove"
        yield Fault(written.at(*path, said), cause.problem, cause.remedy)


def _expected(known: Known, written: Written, path: Path, finding: Expected) -> Iterator[Fault]:
    if finding.control is None and "absent" in path[2:3]:
        # NOTE: only the control tells whether it looked; without it, unseen would be absent.
        problem = "what must be absent names no control"
        yield Fault(written.key(*path), problem, "name the control that must not find it")
    elif finding.control is None and finding.rule is None:
        problem = "the finding names no control and no rule"
        yield Fault(written.key(*path), problem, "name one of the two, or both")
    if finding.control is not None and known.controls is not None:
        where = (*path, "control")
        yield from known.refer(written, where, "control", known.controls)(finding.control)
    if finding.rule is not None and known.trusts("Policy"):
        yield from known.refer(written, (*path, "rule"), "rule", known.rules)(finding.rule)


def _change(known: Known, written: Written, path: Path, case: ChangeCase) -> Iterator[Fault]:
    for index, approver in enumerate(case.approvers or ()):
        yield from known.principal(written, (*path, "approvers", index), approver)
    said = [key for key in _PATCHES if key in case.model_fields_set]
    if not said:
        listed = ", ".join(_PATCHES)
        yield Fault(written.key(*path), "the case changes nothing", f"add one of: {listed}")
        return
    if len(said) > 1 and said != ["set", "remove"]:
        problem = f"'{said[0]}' and '{said[-1]}' exclude each other"
        yield Fault(written.key(*path, said[-1]), problem, "keep one of the two")
        return
    if case.document is None and case.kind != "Project":
        yield Fault(written.key(*path), "'document' is missing", "add it")
        return
    if not known.trusts(case.kind):
        return
    try:
        patched(known.policy, case)
    except PatchError as cause:
        name = changed_document(known.policy, case)
        missing = name not in documents_of(known.policy, case.kind)
        where = "document" if missing and case.head is None else said[-1]
        yield Fault(written.at(*path, where), cause.problem, cause.remedy)
