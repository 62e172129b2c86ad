"""What several controls ask of the trail's past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from governance.controls.outcomes import not_applicable, not_evaluated
from governance.model.outcome import Outcome
from governance.model.parts import Review
from governance.model.records import RecordKind
from governance.model.world import Control, Subject


def unanswerable(control: Control, subject: Subject, key: str, asked: object) -> Iterator[Outcome]:
    """Yield the outcome where the policy does not ask, or where the trail cannot answer.

    Args:
        key: The key of ``governance.yaml`` that asks. asked: What it says, if anything.
    """
    chronicle = subject.world.chronicle
    if not asked:
        yield not_applicable(control, subject.asset, f"the project asks for none ({key})")
    elif not chronicle.enabled:
        yield not_applicable(control, subject.asset, "no trail is kept in this run")
    elif chronicle.problem is not None:
        reason = "the trail does not verify, so what it records proves nothing"
        yield not_evaluated(control, subject, reason)


def recorded_reviews(subject: Subject) -> tuple[Review, ...]:
    """Return the reviews of an asset that the trail holds: its own, and signed ones of everything.

    One report that two persons signed is a review of each asset that it covers.
    """
    chronicle, asset = subject.world.chronicle, subject.asset.id
    own = (
        _review(record.on, record.by)
        for record in chronicle.of_kind(RecordKind.REVIEW)
        if record.facts.get("asset") == asset
    )
    signed = (_review(one.on, one.by) for one in chronicle.reviews if asset in one.assets)
    return (*own, *signed)


def recorded_recertifications(subject: Subject) -> tuple[Review, ...]:
    """Return when somebody confirmed, in the trail, who may use the asset."""
    return tuple(
        _review(record.on, record.by)
        for record in subject.world.chronicle.of_kind(RecordKind.RECERTIFICATION)
        if record.facts.get("asset") == subject.asset.id
    )


def _review(on: date, by: tuple[str, ...]) -> Review:
    # NOTE: unvalidated, because who was erased is a reference and no principal of a policy file.
    return Review.model_construct(on=on, by=by)
