"""What a field shows of personal data and secrets, drawn from its verdict and its contents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from governance.model.facts import EntityFacts, FieldFacts
from governance.model.ladders import Severity
from governance.model.taxonomy import TaxonomyIndex, is_within

SECRET = "SECRET"  # noqa: S105 (the entity's name)
_WEAK = 0.6
_CERTAIN = 0.99


@dataclass(frozen=True, slots=True)
class Shown:
    """An entity that a field shows.

    Args:
        category: What the taxonomy says the entity is; None for a secret nobody mapped.
        rows: Rows it occurs in. lines: The first of them.
        confidence: 0 to 1.
        is_verdict: Whether the whole column is of this kind.
        detail: The kind of secret, or None.
    """

    entity: str
    category: str | None
    rows: int
    distinct: int
    lines: tuple[int, ...]
    confidence: float
    deterministic: bool
    is_verdict: bool
    special: bool
    detail: str | None = None

    @property
    def is_secret(self) -> bool:
        return self.entity == SECRET

    @property
    def is_certain(self) -> bool:
        """Whether a whole column, a format, a prefix or a checksum speaks for it."""
        return self.is_secret or self.is_verdict or self.deterministic

    @property
    def severity(self) -> Severity:
        """Critical for secrets and special categories, high for other personal data.

        One step less where only the language of a cell suggests it.
        """
        if self.is_secret or self.special:
            return Severity.CRITICAL if self.is_certain else Severity.HIGH
        return Severity.HIGH if self.is_certain else Severity.MEDIUM

    @property
    def name(self) -> str:
        """The entity as a person reads it, with the kind of a secret."""
        return f"{self.entity} ({self.detail})" if self.detail else self.entity


def shown_entities(field: FieldFacts, taxonomy: TaxonomyIndex) -> tuple[Shown, ...]:
    """Return the personal data and secrets that a field shows, each entity once.

    The verdict speaks for the cells it explains: its runner-up, and entities found in most of
    the same cells, are readings of the same values and are left out. A deterministic
    minority is kept: three card numbers in a column of phone numbers are three card numbers.
    """
    found = [_contained(entity, taxonomy) for entity in field.contains]
    verdict = field.verdict
    if verdict is None:
        return tuple(shown for shown in found if _matters(shown, taxonomy))
    whole = _verdict(field, taxonomy)
    share = {entity.entity: entity.share for entity in field.contains}
    rest = [
        shown
        for shown in found
        if shown.entity != verdict.entity
        and (shown.is_secret or (shown.deterministic and shown.entity != verdict.runner_up))
        and (shown.is_secret or share[shown.entity] < 0.5 or not _matters(whole, taxonomy))
    ]
    return tuple(shown for shown in (whole, *rest) if _matters(shown, taxonomy))


def covers(declared: str | None, shown: Shown) -> bool:
    """Return whether a declared category announces what was found.

    The declared category may be coarser or finer than the entity's. Nothing announces a
    secret unless the field is declared as exactly that.
    """
    if declared is None or shown.category is None:
        return False
    finer = is_within(declared, shown.category)
    return finer or (not shown.is_secret and is_within(shown.category, declared))


def strongest_first(shown: tuple[Shown, ...]) -> Iterator[Shown]:
    """Yield secrets and special categories first, then verdicts, then by rows and name."""
    yield from sorted(
        shown, key=lambda it: (-it.severity.rank, not it.is_verdict, -it.rows, it.entity)
    )


def _matters(shown: Shown, taxonomy: TaxonomyIndex) -> bool:
    return shown.is_secret or taxonomy.is_personal(shown.category) or shown.special


def _contained(facts: EntityFacts, taxonomy: TaxonomyIndex) -> Shown:
    category = taxonomy.category_of(facts.entity)
    return Shown(
        entity=facts.entity,
        category=category,
        rows=facts.rows,
        distinct=facts.distinct,
        lines=facts.lines,
        confidence=_CERTAIN if facts.deterministic else _WEAK,
        deterministic=facts.deterministic,
        is_verdict=False,
        special=taxonomy.is_special(category),
        detail=facts.detail,
    )


def _verdict(field: FieldFacts, taxonomy: TaxonomyIndex) -> Shown:
    assert field.verdict is not None  # noqa: S101 (the caller asked)
    entity = field.verdict.entity
    same = next((found for found in field.contains if found.entity == entity), None)
    category = taxonomy.category_of(entity)
    return Shown(
        entity=entity,
        category=category,
        rows=same.rows if same else field.rows - field.nulls,
        distinct=same.distinct if same else field.distinct,
        lines=same.lines if same else (),
        confidence=field.verdict.confidence,
        deterministic=same.deterministic if same else False,
        is_verdict=True,
        special=taxonomy.is_special(category),
        detail=same.detail if same else None,
    )
