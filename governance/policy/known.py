"""What the documents of a workspace declare, for telling a reference from a typo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from governance.model.documents import Dataset
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.selectors import Selectable, values_of
from governance.policy.corpus import Corpus
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.nodes import Path
from governance.policy.validation import Written
from governance.policy.vocabulary import known_regions, with_parents

RESERVED_IDS = frozenset({"trail"})
"""Ids that assets of the tool itself have."""

_WILD = frozenset("*?[")


@dataclass(frozen=True)
class Known:
    """Everything that a reference may name.

    A document with faults still declares its id. Where a file could not be read to its end,
    nothing is called unknown: it may be declared there.

    Args:
        controls: The slugs of the controls, or None when nobody told them.
    """

    corpus: Corpus
    policy: EffectivePolicy
    controls: frozenset[str] | None

    def trusts(self, *kinds: str) -> bool:
        """Return whether every document of some kinds was read, is valid and has its own id."""
        return self.corpus.complete and self._unsound.isdisjoint(kinds)

    def dataset(self, name: str) -> Dataset | None:
        """Return a dataset whose id is its own, or None."""
        return self.policy.datasets.get(name) if self._names["Dataset", name] == 1 else None

    @cached_property
    def _names(self) -> Counter[tuple[str, str]]:
        return Counter(
            (written.kind, written.id or written.file) for written in self.corpus.documents
        )

    @cached_property
    def _unsound(self) -> frozenset[str]:
        """Kinds of which a document has faults or shares its id."""
        broken = {written.kind for written in self.corpus.documents if written.model is None}
        return frozenset(broken | {kind for (kind, _), count in self._names.items() if count > 1})

    @cached_property
    def rules(self) -> dict[str, RuleRef]:
        return {rule.id: rule for rule in self.policy.rules()}

    @cached_property
    def dataset_references(self) -> frozenset[str]:
        return frozenset(f"dataset:{name}" for name in self.datasets)

    @cached_property
    def datasets(self) -> frozenset[str]:
        return self.corpus.ids("Dataset")

    @cached_property
    def teams(self) -> frozenset[str]:
        return frozenset(f"team:{name}" for name in self.corpus.ids("Team"))

    @cached_property
    def roles(self) -> frozenset[str]:
        members = (m for team in self.policy.teams.values() for m in team.members.values())
        return frozenset(f"role:{role}" for member in members for role in member.roles)

    @cached_property
    def logs(self) -> frozenset[str]:
        pipelines = self.policy.pipelines.values()
        return frozenset(f"{pipeline.id}/{log}" for pipeline in pipelines for log in pipeline.logs)

    @cached_property
    def assets(self) -> frozenset[str]:
        return self.datasets | self.corpus.ids("Model") | self.logs | RESERVED_IDS

    @cached_property
    def categories(self) -> frozenset[str]:
        return with_parents(self.policy.taxonomy.categories)

    @cached_property
    def purposes(self) -> frozenset[str]:
        return with_parents(self.policy.taxonomy.purposes)

    @cached_property
    def regions(self) -> frozenset[str]:
        return known_regions(self.policy.taxonomy)

    @cached_property
    def places(self) -> frozenset[str]:
        """Names and environments of all locations."""
        locations = [
            (name, spec)
            for dataset in self.policy.datasets.values()
            for name, spec in dataset.locations.items()
        ]
        environments = {spec.environment for _, spec in locations if spec.environment}
        return frozenset({name for name, _ in locations} | environments)

    def carried(self, key: str) -> frozenset[str]:
        """Return every value that some dataset has for a key of a selector."""
        if key not in self._carried:
            self._carried[key] = frozenset(
                value
                for dataset in self.policy.datasets.values()
                for candidate in (Selectable(dataset), *_fields_of(dataset, key))
                for value in values_of(key, candidate)
            )
        return self._carried[key]

    @cached_property
    def _carried(self) -> dict[str, frozenset[str]]:
        return {}

    def refer(
        self, written: Written, path: Path, noun: str, known: Collection[str]
    ) -> Callable[[str], Iterator[Fault]]:
        """Return a check of one word at a path against what is known."""

        def check(word: str) -> Iterator[Fault]:
            if word in known or not self.corpus.complete:
                return
            remedy = suggest(word, known, otherwise=f"declare the {noun} or remove it")
            yield Fault(written.at(*path), f"unknown {noun} {quoted(word)}", remedy)

        return check

    def principal(self, written: Written, path: Path, word: str) -> Iterator[Fault]:
        """Check a team or role; users and services need no declaration."""
        if is_wild(word):
            return
        if word.startswith("team:"):
            yield from self.refer(written, path, "team", self.teams)(word)
        elif word.startswith("role:") and self.trusts("Team"):
            yield from self.refer(written, path, "role", self.roles)(word)

    def category(self, written: Written, path: Path, word: str) -> Iterator[Fault]:
        """Check a category or a parent of one."""
        if self.trusts("Taxonomy"):
            yield from self.refer(written, path, "category", self.categories)(word)

    def purpose(self, written: Written, path: Path, word: str) -> Iterator[Fault]:
        """Check a purpose or a parent of one."""
        if self.trusts("Taxonomy"):
            yield from self.refer(written, path, "purpose", self.purposes)(word)

    def region(self, written: Written, path: Path, word: str) -> Iterator[Fault]:
        """Check a country or a group of countries."""
        if self.trusts("Taxonomy"):
            yield from self.refer(written, path, "region", self.regions)(word)


def _fields_of(dataset: Dataset, key: str) -> Iterator[Selectable]:
    """Yield the fields of a dataset where they have values of their own beside the dataset's."""
    if key == "tag":
        yield from (Selectable(dataset, field) for field in dataset.fields)


def is_wild(word: str) -> bool:
    """Return whether a word is a glob."""
    return not _WILD.isdisjoint(word)
