"""Questions about data categories, entities, purposes and regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from governance.model.parts import CategorySpec


def is_within(child: str, parent: str) -> bool:
    """Return whether a dotted key equals another or lies below it."""
    return child == parent or child.startswith(f"{parent}.")


@dataclass(frozen=True, slots=True)
class TaxonomyIndex:
    """The taxonomies of the packs and the workspace, joined.

    Args:
        categories: Dotted category to its description. entities: Entity to category.
        purposes: Dotted purpose to its description. regions: Group to member countries.
        subjects: Kind of person to its description; a dataset may name others.
    """

    categories: Mapping[str, CategorySpec]
    entities: Mapping[str, str]
    purposes: Mapping[str, str]
    regions: Mapping[str, tuple[str, ...]]
    subjects: Mapping[str, str] = field(default_factory=dict)

    def category_of(self, entity: str) -> str | None:
        """Return the category that an entity proves, or None for one nobody mapped."""
        return self.entities.get(entity)

    def is_personal(self, category: str | None) -> bool:
        """Return whether a category, or the nearest ancestor that says so, is personal data."""
        return self._inherited(category, "personal")

    def is_special(self, category: str | None) -> bool:
        """Return whether it is a special category (GDPR Art. 9)."""
        return self._inherited(category, "special")

    def expand_regions(self, regions: Iterable[str]) -> frozenset[str]:
        """Return the regions with every group replaced by itself and its countries."""
        expanded: set[str] = set()
        for region in regions:
            expanded |= {region, *self.regions.get(region, ())}
        return frozenset(expanded)

    def _inherited(self, category: str | None, flag: str) -> bool:
        while category:
            spec = self.categories.get(category)
            said = getattr(spec, flag) if spec else None
            if said is not None:
                return bool(said)
            category = category.rpartition(".")[0]
        return False
