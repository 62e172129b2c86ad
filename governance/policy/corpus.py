"""All documents of a workspace as written, before anything is inherited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from governance.model.documents import Project
from governance.model.policy import PolicyFile
from governance.policy.compiled import Compiled
from governance.policy.faults import Fault, quoted
from governance.policy.files import DEFAULTS_FILE, SourceFile
from governance.policy.reading import lines_of, read_documents
from governance.policy.validation import Written, validate


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds: its documents, what is wrong with them, and whether that is all of it."""

    documents: tuple[Written, ...]
    faults: tuple[Fault, ...] = ()
    complete: bool = True


@dataclass(slots=True)
class Memory:
    """What files hold, by their bytes.

    Args:
        files: Of this process; two versions of a workspace share most of them.
        compiled: What earlier processes of this user found; None believes and keeps nothing.
    """

    files: dict[SourceFile, Read] = field(default_factory=dict)
    compiled: Compiled | None = None

    def read(self, source: SourceFile) -> Read:
        """Return what a file holds; a file of the same name and bytes is read once."""
        if source not in self.files:
            known = self.compiled and self.compiled.documents(
                source.shown, source.data, pack=source.pack
            )
            self.files[source] = Read(tuple(known)) if known else self._parse(source)
        return self.files[source]

    def flush(self) -> None:
        """Hand what was read to later processes."""
        if self.compiled:
            self.compiled.flush()

    def _parse(self, source: SourceFile) -> Read:
        content = read_documents(source.shown, source.data)
        found = [validate(node, source.shown, pack=source.pack) for node in content.documents]
        documents = tuple(written for written, _ in found if written is not None)
        faults = (*content.faults, *(fault for _, more in found for fault in more))
        is_whole = content.complete and len(documents) == len(found)
        if self.compiled and is_whole and not faults:
            self.compiled.keep(source.data, documents)
        return Read(documents, faults, is_whole)


_PACK_KINDS = frozenset({"Taxonomy", "Policy", "Detectors", "References"})


@dataclass(slots=True)
class Corpus:
    """The documents that could be read, and every fault so far.

    Args:
        complete: Whether every file was read to its end. If not, what seems unknown may be
            declared in the part that was not read.
        sources: What was read, by the path as shown to people.
        memory: What files of these very bytes hold.
    """

    documents: list[Written] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    files: list[PolicyFile] = field(default_factory=list)
    sources: dict[str, SourceFile] = field(default_factory=dict)
    complete: bool = True
    memory: Memory = field(default_factory=Memory)

    def add(self, sources: Iterable[SourceFile | Fault]) -> None:
        """Read and validate more files."""
        for source in sources:
            if isinstance(source, Fault):
                self.faults.append(source)
                self.complete = False
                continue
            self.files.append(PolicyFile(source.shown, hashlib.sha256(source.data).hexdigest()))
            self.sources[source.shown] = source
            read = self.memory.read(source)
            self.documents += read.documents
            self.faults += read.faults
            self.complete = self.complete and read.complete

    def lines(self) -> dict[str, tuple[str, ...]]:
        """Return the lines of every file in which something is wrong."""
        files = {fault.position.file for fault in self.faults}
        found = (self.sources[file] for file in files if file in self.sources)
        return {each.shown: lines_of(each.data) for each in found}

    def beside(self, source: SourceFile) -> Corpus:
        """Return these documents with those of one more file; only its faults are kept."""
        both = Corpus(list(self.documents), [], list(self.files), dict(self.sources), self.complete)
        both.add([source])
        return both

    def of(self, kind: str) -> Iterator[Written]:
        """Yield the documents of a kind, valid or not, as they were read."""
        return (written for written in self.documents if written.kind == kind)

    def valid(self, kind: str) -> Iterator[Written]:
        """Yield the valid documents of a kind, the first of each id."""
        seen: set[str] = set()
        for written in self.of(kind):
            if written.model is not None and (written.id not in seen or kind == "Defaults"):
                seen.add(written.id)
                yield written

    def ids(self, kind: str) -> frozenset[str]:
        """Return the ids of a kind, of invalid documents too."""
        return frozenset(written.id for written in self.of(kind))

    def models(self, kind: str) -> dict[str, Any]:
        """Return the valid documents of a kind by id."""
        return {written.id: written.model for written in self.valid(kind)}

    @property
    def project(self) -> Project:
        """The project, or one that says nothing where it is missing or has faults."""
        found = next(self.valid("Project"), None)
        if found is None:
            return Project(apiVersion="governance/v1", kind="Project", id="adhoc")
        model: Project = found.model
        return model


def misplaced(corpus: Corpus) -> Iterator[Fault]:
    """Yield documents that stand where their kind must not, and ids given twice."""
    yield from _wrong_place(corpus.documents)
    yield from _twice(corpus.documents)


def _wrong_place(documents: Sequence[Written]) -> Iterator[Fault]:
    projects = [written for written in documents if written.kind == "Project"]
    for extra in projects[1:]:
        problem = f"a second Project, the first is at {projects[0].key('kind')}"
        yield Fault(extra.key("kind"), problem, "keep one Project in governance.yaml")
    for written in documents:
        in_defaults_file = PurePosixPath(written.file).name == DEFAULTS_FILE
        if written.pack is not None and written.kind not in _PACK_KINDS:
            problem = f"a pack may not hold the kind {written.kind}"
            yield Fault(
                written.at("kind"), problem, "use Taxonomy, Policy, Detectors or References"
            )
        elif written.kind == "Defaults" and not in_defaults_file:
            problem = "the kind Defaults belongs into a file of its own"
            yield Fault(written.at("kind"), problem, f"name the file {DEFAULTS_FILE}")
        elif written.kind != "Defaults" and in_defaults_file:
            problem = f"{DEFAULTS_FILE} holds the kind Defaults alone, found {written.kind}"
            yield Fault(written.at("kind"), problem, "move the document into another file")


def _twice(documents: Sequence[Written]) -> Iterator[Fault]:
    # NOTE: the documents and not their places, which are worked out where something is wrong.
    first: dict[tuple[str, str], Written] = {}
    for written in documents:
        # NOTE: the Defaults of one folder are one document; it has no id of its own.
        name = written.id or written.file if written.kind == "Defaults" else written.id
        if not name:
            continue
        key = (_namespace(written.kind), name)
        if key not in first:
            first[key] = written
        elif written.kind == "Defaults":
            problem = f"a second Defaults for this folder, the first is at {first[key].at('id')}"
            yield Fault(written.at("kind"), problem, "join the two")
        elif written.kind != "Project":
            problem = f"duplicate id {quoted(name)}, first at {first[key].at('id')}"
            yield Fault(written.at("id"), problem, "choose another id")


def _namespace(kind: str) -> str:
    """Datasets and models are assets, and one id names one asset."""
    return "asset" if kind in ("Dataset", "Model") else kind
