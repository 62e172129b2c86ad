"""What the values of a field say to one demand: refuted, unknown, or consistent with it."""

from __future__ import annotations

from dataclasses import dataclass

from governance.controls.demands import (
    COARSENING,
    GONE,
    KEYED,
    TOKENS,
    Demand,
    are_related,
    detectable,
)
from governance.controls.outcomes import counted, percent
from governance.controls.shown import Shown, shown_entities
from governance.model.enumerable import is_enumerable
from governance.model.facts import FieldFacts
from governance.model.ladders import State, Technique
from governance.model.rules import shape_name
from governance.model.taxonomy import TaxonomyIndex


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the values say to one demand: refuted, unknown, or consistent (neither).

    Args:
        tolerated: Rows in clear that are there, and that the demand lets pass.
    """

    refuted: str | None = None
    unknown: str | None = None
    consistent: str = ""
    confidence: float = 1.0
    tolerated: int = 0


def judge(
    facts: FieldFacts, demand: Demand, category: str | None, taxonomy: TaxonomyIndex
) -> Judgement:
    """Return what a field's values say to a demand.

    Args:
        category: What the field is declared as.
    """
    if facts.rows == 0:
        return Judgement(unknown="no row was read")
    if facts.nulls == facts.rows:
        return Judgement(consistent="is empty: proven")
    formed = _judge_form(facts, demand)
    if formed and not formed.consistent:
        return formed
    coarse = formed if demand.shape and demand.shape[0].is_coarse else None
    clear = clear_hits(facts, category, taxonomy)
    if coarse:
        # NOTE: a year still reads as a date of birth; it is one that the form allows.
        clear = tuple(hit for hit in clear if not are_related(hit.category, category))
    shape = _judge_technique(facts, demand, category, taxonomy, coarse)
    return _judge_clear(facts, demand, clear, shape) if clear else shape


def _judge_clear(
    facts: FieldFacts, demand: Demand, clear: tuple[Shown, ...], shape: Judgement
) -> Judgement:
    """Judge a column with values in clear: too many, or as many as the rule lets pass.

    Args:
        shape: What the other values say; where they refute it or leave it open, that stands.
    """
    rows = sum(hit.rows for hit in clear)
    kinds = ", ".join(sorted({hit.entity for hit in clear}))
    if rows > demand.max_hits:
        share = percent(min(1.0, rows / facts.rows))
        return Judgement(
            refuted=f"{counted(rows, 'row')} ({share}) hold {kinds} in clear",
            confidence=max(hit.confidence for hit in clear),
        )
    if shape.refuted or shape.unknown or not rows:
        return shape
    return Judgement(
        consistent=f"holds {counted(rows, 'row')} of {kinds} in clear, "
        f"no more than the {demand.max_hits:,} that {demand.source} tolerates",
        tolerated=rows,
    )


def _judge_technique(
    facts: FieldFacts,
    demand: Demand,
    category: str | None,
    taxonomy: TaxonomyIndex,
    coarse: Judgement | None,
) -> Judgement:
    if not demand.check_technique:
        return coarse or Judgement(consistent="holds no clear value that a detector knows")
    if facts.protection is None or facts.protection.distinct == 0:
        return Judgement(unknown="the shape of its values was not measured")
    if facts.protection.other and not demand.accept - GONE:
        left = counted(facts.protection.other, "distinct value")
        return Judgement(refuted=f"{left} are still there, and nothing but removal is accepted")
    if facts.protection.coded:
        spelled = counted(facts.protection.coded, "distinct value")
        what = "plain text in base64, hexadecimal or percent signs, which anybody reads"
        return Judgement(refuted=f"{spelled} are {what}", confidence=0.95)
    enumerable = is_enumerable(category, taxonomy.entities)
    return (
        _judge_shapes(facts, demand, enumerable)
        or coarse
        or _judge_rest(facts, demand, known=detectable(category, taxonomy.entities))
    )


def _judge_form(facts: FieldFacts, demand: Demand) -> Judgement | None:
    """Return whether every value has the form that a demand names; None where it names none."""
    if demand.shape is None:
        return None
    form, never = demand.shape
    counts = dict(facts.protection.unfit) if facts.protection else {}
    lacking = counts.get(shape_name(demand.shape))
    if lacking is None:
        return Judgement(unknown=f"its values were not held against the form {form}")
    if lacking:
        lack = "lacks" if lacking == 1 else "lack"
        barred = " or begin as they must not" if never else ""
        what = f"{counted(lacking, 'distinct value')} {lack} the form {form}{barred}"
        return Judgement(refuted=what)
    return Judgement(consistent=f"holds nothing finer than the form {form}: proven")


def clear_hits(
    facts: FieldFacts, category: str | None, taxonomy: TaxonomyIndex
) -> tuple[Shown, ...]:
    """Return what a column shows in clear: of its own kind, or of any kind without doubt."""
    shown = tuple(
        hit
        for hit in shown_entities(facts, taxonomy)
        if hit.is_certain or are_related(hit.category, category)
    )
    protection = facts.protection
    # NOTE: "j***@example.org" still reads as an address; when every value is masked, placeholder
    # or digest, what a detector matched is the mask. A column with no mask has no such excuse.
    if protection and protection.other == 0 and protection.masked > 0:
        return ()
    return shown


def _judge_shapes(facts: FieldFacts, demand: Demand, enumerable: bool) -> Judgement | None:
    """Return why a protection that the values show is not an accepted one, or None."""
    seen, accept = facts.protection, demand.accept
    assert seen is not None  # noqa: S101 (the caller asked)
    if seen.masked and Technique.MASK not in accept and not accept & COARSENING:
        return Judgement(
            refuted=f"{counted(seen.masked, 'distinct value')} are masked, which is not accepted"
        )
    digests = accept & (KEYED | {Technique.HASH})
    if not seen.hashed:
        return None
    if not digests:
        return Judgement(
            refuted=f"{counted(seen.hashed, 'distinct value')} are digests, which do not make it "
            f"{demand.state.value}"
        )
    if enumerable and digests == {Technique.HASH}:
        return Judgement(
            refuted=f"{counted(seen.hashed, 'distinct value')} are plain digests of a kind that "
            "can be enumerated"
        )
    if digests == {Technique.HMAC_SHA256} and seen.hash_bits not in (None, 256):
        return Judgement(
            refuted=f"the digests have {seen.hash_bits} bits, HMAC-SHA-256 gives 256",
            confidence=0.9,
        )
    return None


def _judge_rest(facts: FieldFacts, demand: Demand, *, known: bool) -> Judgement:
    """Judge the values without a recognised shape, and say what the accepted ones show."""
    seen, accept = facts.protection, demand.accept
    assert seen is not None  # noqa: S101 (the caller asked)
    if demand.state is State.ANONYMISED and (seen.other or seen.hashed or seen.masked):
        return Judgement(unknown="that it is anonymised cannot be seen in its values alone")
    if seen.other == 0:
        return Judgement(consistent=_shape_words(seen.hashed, seen.hash_bits, seen.masked))
    total = f"{seen.other:,} of {counted(seen.distinct, 'distinct value')}"
    if accept & TOKENS:
        return Judgement(
            consistent=f"holds no clear value that a detector knows ({total} may be tokens): "
            "consistent"
        )
    if accept & COARSENING:
        if known:
            return Judgement(consistent="holds no clear value of its kind: consistent")
        return Judgement(unknown=f"the shape of {total} does not show whether they are coarse")
    return Judgement(refuted=f"{total} show none of the accepted shapes", confidence=0.8)


def _shape_words(hashed: int, bits: int | None, masked: int) -> str:
    if hashed:
        length = f"a {bits}-bit" if bits else "a salted"
        return f"is consistent: shape of {length} digest; a key cannot be seen in the data"
    return "is consistent: every value is masked" if masked else "is redacted: proven"
