"""The taxonomies of the packs and the workspace, joined into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from governance.model.taxonomy import TaxonomyIndex
from governance.policy.corpus import Corpus
from governance.policy.faults import Fault, quoted
from governance.policy.validation import Written

_PARTS = ("categories", "entities", "purposes", "subjects", "regions")
_MAY_BE_SAID_AGAIN = ("purposes", "subjects")


def join_taxonomies(corpus: Corpus) -> TaxonomyIndex:
    """Return all categories, entities, purposes and regions; the last writer of each wins.

    Packs are read first, so that a workspace may describe a purpose in its own words.
    """
    joined: dict[str, dict[str, Any]] = {part: {} for part in _PARTS}
    for written in _taxonomies(corpus):
        for part in _PARTS:
            joined[part] |= getattr(written.model, part)
    return TaxonomyIndex(**joined)


def join_detectors(corpus: Corpus) -> dict[str, Any]:
    """Return all pattern detectors by id; the first writer of each wins."""
    joined: dict[str, Any] = {}
    for written in corpus.valid("Detectors"):
        joined = written.model.detectors | joined
    return joined


def join_references(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """Return what each control serves, over all packs and files, sorted."""
    joined: dict[str, set[str]] = {}
    for written in corpus.valid("References"):
        for control, references in written.model.controls.items():
            joined.setdefault(control, set()).update(references)
    return {control: tuple(sorted(found)) for control, found in sorted(joined.items())}


def said_twice(corpus: Corpus) -> Iterator[Fault]:
    """Yield words that two taxonomies define, and detectors defined twice.

    A second definition could quietly make personal data impersonal. A pack's purposes and
    data subjects are mere descriptions: a workspace may replace them.
    """
    first: dict[tuple[str, str], Written] = {}
    for kind, parts in (("Taxonomy", _PARTS), ("Detectors", ("detectors",))):
        for written in corpus.valid(kind):
            for part in parts:
                if written.pack and part in _MAY_BE_SAID_AGAIN:
                    continue
                for word in getattr(written.model, part):
                    known = first.setdefault((part, word), written)
                    if known is not written:
                        problem = f"{quoted(word)} is already defined at {known.key(part, word)}"
                        yield Fault(written.key(part, word), problem, "choose another name")


def with_parents(names: Iterable[str]) -> frozenset[str]:
    """Return dotted names together with everything above them."""
    found: set[str] = set()
    for name in names:
        parts = name.split(".")
        found |= {".".join(parts[: depth + 1]) for depth in range(len(parts))}
    return frozenset(found)


def known_regions(taxonomy: TaxonomyIndex) -> frozenset[str]:
    """Return the groups of a taxonomy and every country in them."""
    groups = taxonomy.regions
    return frozenset(groups) | {country for group in groups.values() for country in group}


def _taxonomies(corpus: Corpus) -> list[Any]:
    return sorted(corpus.valid("Taxonomy"), key=lambda written: written.pack is None)
