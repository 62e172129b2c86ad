"""Evidence in, facts out: what each column contains, and what it is.

Two questions. *Contains* goes down to one row: a single certain hit counts whatever its share,
an uncertain one needs corroboration. *Is* weighs shares over distinct values, see weigh.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from governance.detectors.against import is_of_things, is_of_versions
from governance.detectors.dates import DATE_TIME
from governance.detectors.kinds import HEADER_ONLY
from governance.detectors.persons import PERSON, persons_in_text, read_in_text
from governance.detectors.weigh import weigh_table
from governance.model.evidence import (
    FieldEvidence,
    Grade,
    Hashes,
    Hit,
    Mark,
    TableEvidence,
    estimate_distinct,
    merge_hashes,
)
from governance.model.facts import EntityFacts, FieldFacts, Verdict

# Free text: values of this many words, in this share of the distinct values, mostly unlike.
FREE_TEXT_WORDS = 5
FREE_TEXT_SHARE = 0.5
FREE_TEXT_DISTINCT = 8

Marked = dict[Mark, Hit]


def conclude(evidence: TableEvidence) -> tuple[FieldFacts, ...]:
    """Return the facts of every field, in column order."""
    fields = evidence.in_order()
    verdicts = weigh_table(fields)
    return tuple(_field_facts(field, verdicts.get(field.name), evidence.rows) for field in fields)


def _field_facts(field: FieldEvidence, verdict: Verdict | None, rows: int) -> FieldFacts:
    """A record that lacks a field has a null there, in whichever batch the field first showed."""
    absent = rows - field.rows
    return FieldFacts(
        name=field.name,
        type=" | ".join(sorted(field.types)),
        rows=rows,
        nulls=field.nulls + absent,
        distinct=field.distinct,
        verdict=verdict,
        contains=tuple(_contents(field, verdict)),
        free_text=verdict is None and _is_free_text(field),
        days=_days(field, verdict),
        undated=field.undated,
    )


def _days(field: FieldEvidence, verdict: Verdict | None) -> tuple[tuple[date, int], ...]:
    """Return the rows per day; of days of birth, which are data themselves, per year.

    The year's last day stands for it, so that a limit is never said to be passed too early.
    """
    is_born = "DATE_OF_BIRTH" in field.asked or (verdict and verdict.entity == "DATE_OF_BIRTH")
    counts: Counter[date] = Counter()
    for day, rows in field.days.items():
        counts[date(day.year, 12, 31) if is_born else day] += rows
    return tuple(sorted(counts.items()))


def _contents(field: FieldEvidence, verdict: Verdict | None) -> Iterable[EntityFacts]:
    groups: dict[tuple[str, str], Marked] = {}
    for mark, hit in field.hits.items():
        groups.setdefault((mark.entity, mark.detail or ""), {})[mark] = hit
    if is_of_versions(field):
        groups.pop(("IP_ADDRESS", ""), None)
    for entity, detail in sorted(groups):
        if verdict is None and is_of_things(field, entity):
            groups[entity, detail] = _apart(groups[entity, detail])
        is_verdict = verdict is not None and verdict.entity == entity
        counted = groups[entity, detail] and _counted(
            groups[entity, detail], is_verdict, entity in field.asked
        )
        if counted:
            yield _entity_facts(field, entity, counted)
    if verdict is None:
        yield from _read(field)


def _read(field: FieldEvidence) -> Iterator[EntityFacts]:
    """What was read in the sample of a field that is nothing in particular."""
    if _is_free_text(field) and PERSON not in field.asked:
        persons = persons_in_text(field)
        if persons:
            yield persons
    dates = read_in_text(field, DATE_TIME)
    if dates:
        yield dates


def _apart(marked: Marked) -> Marked:
    """Return the marks of matches that are not the whole value."""
    return {mark: hit for mark, hit in marked.items() if not mark.whole}


def _counted(marked: Marked, is_verdict: bool, is_asked: bool) -> Marked:
    """Return the marks that count as content.

    The column's own verdict takes all, also those whose check digits fail (made-up cards are
    still card numbers). A header that asks takes the uncertain ones. Otherwise certain hits
    count, and uncertain ones with the entity's words beside them in two values at least.
    """
    if is_verdict:
        return marked
    plain = {mark: hit for mark, hit in marked.items() if not mark.restored}
    entity = next(iter(marked)).entity
    certain = {mark: hit for mark, hit in plain.items() if mark.grade is Grade.STRONG}
    if is_asked and entity not in HEADER_ONLY:
        return {mark: hit for mark, hit in plain.items() if mark.grade >= Grade.WEAK}
    spoken = {mark: hit for mark, hit in plain.items() if mark.grade is Grade.CONTEXT}
    if estimate_distinct(_hashes(spoken)) < 2:
        spoken = {}
    return {**certain, **spoken}


def _entity_facts(field: FieldEvidence, entity: str, marked: Marked) -> EntityFacts:
    hits = list(marked.values())
    # NOTE: the surest mark speaks first, so that the preview shows a certain match.
    _, shown = max(marked.items(), key=lambda item: (item[0].grade, -item[1].hashes[0]))
    distinct = estimate_distinct(_hashes(marked))
    return EntityFacts(
        entity=entity,
        rows=sum(hit.rows for hit in hits),
        distinct=distinct,
        share=share_of(field, marked),
        checksum_rate=_checksum_rate(marked),
        lines=tuple(sorted({line for hit in hits for line in hit.lines})[:20]),
        preview=shown.preview,
        fingerprint=shown.fingerprint,
        deterministic=any(mark.grade is Grade.STRONG for mark in marked),
        detail=next(iter(marked)).detail,
    )


def share_of(field: FieldEvidence, marked: Marked) -> float:
    """Return the share of a field's distinct values that carry one of the marks.

    Below the sketch's size both counts are exact; above, a rare mark is known exactly and the
    field's count is the estimate.
    """
    if not field.looks:
        return 0.0
    return round(min(1.0, estimate_distinct(_hashes(marked)) / field.distinct), 4)


def _checksum_rate(marked: Marked) -> float | None:
    passed = _hashes({mark: hit for mark, hit in marked.items() if mark.checksum is True})
    failed = _hashes({mark: hit for mark, hit in marked.items() if mark.checksum is False})
    if not passed and not failed:
        return None
    yes, no = estimate_distinct(passed), estimate_distinct(failed)
    return round(yes / (yes + no), 4)


def _hashes(marked: Marked) -> Hashes:
    joined: Hashes = ()
    for hit in marked.values():
        joined = merge_hashes(joined, hit.hashes)
    return joined


def _is_free_text(field: FieldEvidence) -> bool:
    if field.distinct < FREE_TEXT_DISTINCT:
        return False
    long = sum(1 for look in field.looks.values() if look.words >= FREE_TEXT_WORDS)
    return long >= FREE_TEXT_SHARE * len(field.looks)
