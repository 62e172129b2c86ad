"""Groups of countries in selectors: a policy for the EU holds in Germany."""

from __future__ import annotations

from governance.model.documents import Policy
from governance.model.rules import Choice, Selected
from governance.model.taxonomy import TaxonomyIndex


def with_countries(policy: Policy, taxonomy: TaxonomyIndex) -> Policy:
    """Return a policy whose selector names, beside each group, all that lies within it.

    ``all_of`` is left alone: one place of a group fits, and not one in each of its countries.
    """
    selected = policy.applies_to.region
    if selected is None:
        return policy
    selector = policy.applies_to.model_copy(update={"region": _widened(selected, taxonomy)})
    return policy.model_copy(update={"applies_to": selector})


def is_group(word: str, taxonomy: TaxonomyIndex) -> bool:
    """Return whether a word stands for several regions."""
    return len(_within(word, taxonomy)) > 1


def _widened(selected: Selected, taxonomy: TaxonomyIndex) -> Selected:
    if isinstance(selected, str):
        words = _within(selected, taxonomy)
        return selected if len(words) == 1 else Choice(any_of=words)
    update = {
        key: tuple(dict.fromkeys(each for word in words for each in _within(word, taxonomy)))
        for key, words in (("any_of", selected.any_of), ("none_of", selected.none_of))
        if words is not None
    }
    return selected.model_copy(update=update)


def _within(word: str, taxonomy: TaxonomyIndex) -> tuple[str, ...]:
    """Return a region, the countries of it, and the groups whose every country lies in it."""
    countries = frozenset(taxonomy.regions.get(word, ()))
    groups = (name for name, members in taxonomy.regions.items() if countries.issuperset(members))
    return tuple(
        dict.fromkeys([word, *sorted(countries), *sorted(groups)] if countries else [word])
    )
