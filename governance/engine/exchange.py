"""Policy files out of other formats, and other formats out of policy files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from governance.errors import InvalidPolicyError, NothingToDoError, UsageError
from governance.model.documents import Dataset
from governance.model.policy import EffectivePolicy
from governance.policy.corpus import Corpus
from governance.policy.exchange.carrying import Written
from governance.policy.exchange.codeowners.block import Line, overridden, put_in, render
from governance.policy.exchange.codeowners.write import write_lines
from governance.policy.exchange.emit import to_yaml
from governance.policy.exchange.fides.write import write_resources
from governance.policy.exchange.fitting import Surroundings, surroundings
from governance.policy.exchange.importing import Imported, import_file, import_owners
from governance.policy.exchange.odcs.write import Heading, write_contract
from governance.policy.exchange.remarks import Fate, Remark
from governance.policy.faults import Fault, as_errors, quoted, suggest
from governance.policy.files import read_source
from governance.policy.workspace import examine, find_workspace, read_workspace

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file, in its order."""

_UNNAMED = "policies/imported.yaml"


@dataclass(frozen=True, slots=True)
class Exported:
    """A document of another format, as text, and what was told of it."""

    text: str
    datasets: tuple[str, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Ownership:
    """A CODEOWNERS file as it is and as it ought to be.

    Args:
        path: Where it lies. before: Its text; empty when there is none.
        after: Its text with the generated part as it ought to be.
        overridden: A sentence for each generated rule that a later line takes back.
    """

    path: Path
    before: str
    after: str
    lines: tuple[Line, ...]
    overridden: tuple[str, ...]
    remarks: tuple[Remark, ...]


def import_policies(
    kind: str, source: Path, target: Path | None, *, workspace: Path | None, prefix: str | None
) -> Imported:
    """Return policy documents for a file of another format, made to fit the workspace.

    Args:
        kind: ``odcs``, ``dbt``, ``fides`` or ``codeowners``.
        target: The policy file to be written; None for none.
        workspace: The folder of ``governance.yaml``; None finds it above the target.
        prefix: What the ids start with; None leaves it to the format.

    Raises:
        InvalidPolicyError: With every fault of the source, or of what cannot fit.
        NothingToDoError: If the source describes no dataset.
    """
    start = (target or Path("x")).absolute().parent
    root = workspace or find_workspace(start)
    shown = _within(root, target) or _UNNAMED
    around = surroundings(root, shown)
    name = _within(root, source) or str(source)
    read = read_source(source, name)
    if isinstance(read, Fault):
        raise InvalidPolicyError(as_errors([read], {}))
    if kind == "codeowners":
        repository = repository_of(root or start)
        below = _within(repository, root) or ""
        imported = import_owners(name, read.data, around, repository, f"{below}/" if below else "")
    else:
        imported = import_file(kind, name, read.data, around, prefix=prefix)
    return imported


def is_included(root: Path, target: Path) -> bool:
    """Return whether the workspace loads a file: whether a pattern of its project names it."""
    return _within(root, target) in {file.path for file in read_workspace(root).files}


def repository_of(folder: Path) -> Path:
    """Return the git repository that holds a folder, or the folder itself."""
    start = folder.absolute()
    return next((each for each in (start, *start.parents) if (each / ".git").exists()), start)


def dataset_names(root: Path) -> tuple[str, ...]:
    """Return the ids of all datasets of a workspace, sorted."""
    return tuple(sorted(_load(root)[1].datasets))


def export_contract(
    root: Path, names: Sequence[str], heading: Heading, *, effective: bool
) -> Exported:
    """Return datasets as one data contract.

    Args:
        names: Ids of datasets; none means all.
        effective: Whether to write what is inherited too.

    Raises:
        InvalidPolicyError: If the policy files do not load.
        UsageError: If there is no dataset of a name.
        NothingToDoError: If there is no dataset.
    """
    corpus, policy = _load(root)
    chosen = _chosen(corpus, policy, names, effective=effective)
    own_id = policy.project.id if len(chosen) > 1 else f"{policy.project.id}.{chosen[0].id}"
    named = replace(heading, id=heading.id or own_id)
    written = write_contract(chosen, named, _around(corpus))
    return _exported(written, chosen, policy)


def export_fides(root: Path, names: Sequence[str], *, effective: bool) -> Exported:
    """Return datasets as Fides resources; see ``export_contract``."""
    corpus, policy = _load(root)
    chosen = _chosen(corpus, policy, names, effective=effective)
    return _exported(write_resources(chosen, _around(corpus)), chosen, policy)


def export_owners(root: Path, target: Path | None) -> Ownership:
    """Return the CODEOWNERS file with its generated part as the policies have it.

    Args:
        target: The file; None finds it where GitHub does.

    Raises:
        InvalidPolicyError: If the policy files do not load.
        NothingToDoError: If no owner is known to GitHub, so that there is nothing to write.
        UsageError: If the file cannot be read or its markers are broken.
    """
    policy = _load(root)[1]
    repository = repository_of(root)
    below = _within(repository, root) or ""
    lines, remarks = write_lines(policy, f"{below}/" if below else "")
    if not lines:
        raise NothingToDoError(
            str(root),
            "no owner is known to GitHub, so that no rule can be written",
            "write 'github: \"@organisation/team\"' into the contacts of the teams",
        )
    path = target or next(
        (found for name in CODEOWNERS if (found := repository / name).is_file()),
        repository / CODEOWNERS[0],
    )
    before = _text(path)
    after = put_in(before, render(lines), str(path))
    late = tuple(overridden(after, lines, str(path)))
    return Ownership(path, before, after, lines, late, remarks)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode() if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as cause:
        raise UsageError(str(path), "cannot be read as UTF-8", "mend the file") from cause


def _within(root: Path | None, path: Path | None) -> str | None:
    """Return a path relative to a folder that holds it, or None; the folder itself is ``""``."""
    if root is None or path is None:
        return None
    inner, outer = path.resolve(), root.resolve()
    if not inner.is_relative_to(outer):
        return None
    shown = inner.relative_to(outer).as_posix()
    return "" if shown == "." else shown


def _load(root: Path) -> tuple[Corpus, EffectivePolicy]:
    corpus = read_workspace(root)
    policy = examine(corpus)
    if corpus.faults:
        raise InvalidPolicyError(as_errors(corpus.faults, corpus.lines()))
    return corpus, policy


def _around(corpus: Corpus) -> Surroundings:
    return Surroundings(corpus, corpus.models("Team"), "")


def _chosen(
    corpus: Corpus, policy: EffectivePolicy, names: Sequence[str], *, effective: bool
) -> list[Dataset]:
    known: Mapping[str, Dataset] = policy.datasets if effective else corpus.models("Dataset")
    for name in names:
        if name not in known:
            raise UsageError(name, f"unknown dataset {quoted(name)}", suggest(name, known))
    chosen = [known[name] for name in dict.fromkeys(names or sorted(known))]
    if not chosen:
        problem = "the policy files declare no dataset"
        raise NothingToDoError("policy", problem, "declare one, or import one")
    return chosen


def _exported(written: Written, chosen: Sequence[Dataset], policy: EffectivePolicy) -> Exported:
    reason = "the format has no key for it"
    remarks = [
        Remark(position, f"{name}.{key.removeprefix('all_')}", Fate.OURS_ALONE, reason)
        for name, keys in written.ours.items()
        for key in keys
        if (position := policy.position("Dataset", name, key.removeprefix("all_")))
    ]
    names = tuple(dataset.id for dataset in chosen)
    return Exported(to_yaml(written.value), names, tuple(sorted(remarks)))
