"""The straight line of ``policy test``: tests, coverage of the rules, mutants, verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from governance.assets import asset_folder
from governance.controls.matrices import judge_matrices
from governance.engine.policytest_data import Laboratory, judge_data
from governance.engine.workspace import Workspace, open_workspace
from governance.errors import NothingToDoError, UsageError
from governance.model.documents import PolicyTest
from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.model.testrun import CaseResult, TestRun
from governance.policy.faults import suggest
from governance.policy.files import PROJECT_FILE, pack_names

_FOLDER = "tests"
_PACK = "pack:"


@dataclass(frozen=True)
class TestRequest:
    """What is tested.

    Args:
        workspace: Whose policy files, and whose tests.
        pack: The built-in pack that the workspace tests; None for a workspace of its own.
        paths: Files or folders, relative to the workspace; only their tests run. None: all.
        coverage: Whether to tell which rules were exercised.
        mutate: Whether to loosen every rule and see which loosening no test notices.
        with_rows: Whether data cases with rows run too: their detectors take seconds to load.
        most: So many loosenings at most; ``seed`` chooses them where there are more.
    """

    __test__ = False  # pytest collects classes called Test…

    workspace: Workspace
    pack: str | None = None
    paths: tuple[str, ...] = ()
    coverage: bool = False
    mutate: bool = False
    with_rows: bool = True
    most: int = 1_000
    seed: int = 0

    @property
    def source(self) -> str:
        """What is tested, in a word."""
        return f"{_PACK}{self.pack}" if self.pack else self.workspace.policy.project.id

    def is_meant(self, position: Position | None) -> bool:
        """Return whether what stands at a position is what the tests are there for."""
        file = position.file if position else ""
        return file.startswith(f"{_PACK}{self.pack}/") if self.pack else not file.startswith(_PACK)


def open_pack(name: str) -> Workspace:
    """Return the workspace in which a built-in pack is tested: its folder ``tests``.

    Raises:
        UsageError: If there is no such pack.
        NothingToDoError: If the pack ships no tests.
    """
    if name not in pack_names():
        raise UsageError("--pack", f"no pack is called '{name}'", suggest(name, pack_names()))
    folder = asset_folder("policies") / name / _FOLDER
    if not (folder / PROJECT_FILE).is_file():
        problem = "the pack ships no tests, so nothing was tested"
        raise NothingToDoError(f"{_PACK}{name}", problem, "write a workspace in its folder 'tests'")
    return open_workspace(folder, explicit=True)


def run_tests(request: TestRequest) -> TestRun:
    """Run the tests and return what they came to.

    Mutants are tried only where every test passes: a test that fails already notices nothing.

    Raises:
        NothingToDoError: If there is no test, or none at one of the paths.
    """
    policy = request.workspace.policy
    tests, left_out = _chosen(policy, request), 0
    if not request.with_rows:
        left_out = sum(bool(case.rows) for test in tests for case in test.data.values())
        tests = tuple(map(_without_rows, tests))
    laboratory = Laboratory(request.workspace)
    cases = tuple(case for test in tests for case in judge_test(laboratory, policy, test))
    run = TestRun(request.source, cases, left_out=left_out)
    # NOTE: what few runs ask for is loaded by those alone: a hook before a commit is quick.
    if request.coverage:
        from governance.engine.policytest_coverage import coverage_of

        uses = coverage_of(laboratory, policy, tests, is_meant=request.is_meant)
        run = replace(run, coverage=uses)
    if request.mutate and not run.failed:
        from governance.engine.policytest_mutate import Trials

        tried = Trials(laboratory, policy, tests).try_some(
            is_meant=request.is_meant, most=request.most, seed=request.seed
        )
        run = replace(
            run,
            mutants=tried.count,
            of=tried.of,
            seed=request.seed if tried.of > tried.count else None,
            equal=tried.equal,
            survivors=tried.survivors,
        )
    return run


def judge_test(
    laboratory: Laboratory, policy: EffectivePolicy, test: PolicyTest
) -> Iterator[CaseResult]:
    """Yield the result of every case of a test, in the order of their names."""
    yield from judge_matrices(policy, test)
    if test.changes:
        from governance.engine.policytest_changes import judge_changes

        yield from judge_changes(policy, test)
    yield from judge_data(laboratory, policy, test)


def _chosen(policy: EffectivePolicy, request: TestRequest) -> tuple[PolicyTest, ...]:
    tests = tuple(test for _, test in sorted(policy.tests.items()))
    files = {test.id: _file(policy, test) for test in tests}
    for path in request.paths or ("",):
        if not any(_lies_in(file, path) for file in files.values()):
            raise NothingToDoError(
                where=path or request.source,
                problem="no policy test is here, so nothing was tested",
                remedy="write one as kind: PolicyTest; docs/policy-tests.md shows how",
            )
    if not request.paths:
        return tests
    return tuple(
        test for test in tests if any(_lies_in(files[test.id], path) for path in request.paths)
    )


def _without_rows(test: PolicyTest) -> PolicyTest:
    data = {name: case for name, case in test.data.items() if not case.rows}
    return test.model_copy(update={"data": data})


def _file(policy: EffectivePolicy, test: PolicyTest) -> str:
    position = policy.position("PolicyTest", test.id)
    return position.file if position else ""


def _lies_in(file: str, path: str) -> bool:
    return path in ("", ".") or PurePosixPath(file).is_relative_to(PurePosixPath(path))
