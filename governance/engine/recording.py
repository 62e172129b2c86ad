"""Records that people make: read from the command line, checked, and written into the trail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from governance.controls.registry import CONTROLS
from governance.engine.chronicle import RECORDED, RECORDS, WITHDRAWN, records_in
from governance.engine.workspace import Workspace
from governance.errors import UsageError
from governance.model.records import SHAPES, FactKind, FactSpec, Record, RecordKind
from governance.model.trail import Event, Person
from governance.sources.names import looks_like_data
from governance.trail.reading import read_entries
from governance.trail.storage import Where

if TYPE_CHECKING:
    from governance.trail.privacy import Privacy

LONGEST = 400
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
_PRINCIPAL = re.compile(r"(user|team|role|service):\S{1,190}")
_PERSON = "user:"
# The scheme of a link, a day with a time, and the number of a law of the European Union.
_HARMLESS = re.compile(
    r"\bhttps?://"
    r"|(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?(?!\d)"
    r"|\b(?:19|20)\d\d/\d{1,4}\b"
)
# In the order in which they must follow one another.
_CLOCK = ("began", "detected", "decided", "notified", "closed")


@dataclass(frozen=True)
class RecordDraft:
    """A record as somebody wrote it.

    Args:
        id: None for one that is made from kind, day and what it is about.
        facts: Name to text, as ``--fact name=text`` gives it.
    """

    kind: RecordKind
    id: str | None
    on: date
    by: tuple[str, ...]
    facts: Mapping[str, str]


def record_event(
    draft: RecordDraft, workspace: Workspace, today: date, refer: Callable[[str], str]
) -> Event:
    """Return the entry of a record, in which the trail refers to persons as it does everywhere.

    Args:
        refer: Returns what the trail says instead of a person's name.

    Raises:
        UsageError: If a fact is unknown, missing or written otherwise than its kind asks; if a
            person or an asset is not declared; or if a text holds what looks like a person's data,
            which a log that never forgets must not be given.
    """
    where = f"record {draft.kind.value}"
    if draft.on > today:
        raise UsageError(where, f"{draft.on} is still to come", "record what has taken place")
    for who in draft.by:
        if not workspace.policy.is_active(who, draft.on):
            problem = f"'{who[:80]}' was no active member of a team on {draft.on}"
            raise UsageError("--by", problem, "name who answers for it")
    specs = {spec.name: spec for spec in SHAPES[draft.kind]}
    unknown = sorted(set(draft.facts) - set(specs))
    if unknown:
        problem = f"it has no fact '{unknown[0][:40]}'"
        raise UsageError(where, problem, f"use one of: {', '.join(specs)}")
    missing = [spec for spec in specs.values() if spec.required and spec.name not in draft.facts]
    if missing:
        told = ", ".join(f"{spec.name} ({spec.meaning})" for spec in missing)
        raise UsageError(where, f"it lacks {told}", "add each as --fact name=text")
    facts = {name: _read(specs[name], text, workspace) for name, text in draft.facts.items()}
    _check_order(where, facts)
    for name, text in facts.items():
        if specs[name].kind is FactKind.TEXT:
            _check_text(text, f"--fact {name}")
    refuse_personal((draft.id or "",), "--id")
    identity = draft.id or _identity(draft, facts, refer)
    if not _ID.fullmatch(identity):
        problem = "an id is lower-case letters, digits, dots and dashes"
        raise UsageError("--id", problem, "write it as drill-2026-spring")
    return Event(
        RECORDED,
        {
            "kind": draft.kind.value,
            "id": identity,
            "on": draft.on.isoformat(),
            "by": [_hidden(who) for who in draft.by],
            "facts": {
                name: _hidden(text) if specs[name].kind is FactKind.PRINCIPAL else text
                for name, text in sorted(facts.items())
            },
        },
    )


def withdrawal(
    record: Record, by: tuple[str, ...], reason: str, workspace: Workspace, today: date
) -> Event:
    """Return the entry that takes a record back; both stay in the trail, and reports tell why.

    Raises:
        UsageError: If who takes it back is no active member of a team, or the reason is none.
    """
    for who in by:
        if not workspace.policy.is_active(who, today):
            problem = f"'{who[:80]}' is no active member of a team"
            raise UsageError("--by", problem, "name who answers for it")
    if not reason.strip() or len(reason) > LONGEST or not reason.isprintable():
        problem = f"a reason is one line of at most {LONGEST} characters"
        raise UsageError("--reason", problem, "say why it does not stand")
    _check_text(reason, "--reason")
    return Event(
        WITHDRAWN,
        {
            "kind": record.kind.value,
            "id": record.id,
            "on": today.isoformat(),
            "by": [_hidden(who) for who in by],
            "facts": {"withdrawn": reason.strip()},
        },
    )


def list_records(
    place: Where, kind: RecordKind | None, people: Privacy | None
) -> tuple[Record, ...]:
    """Return the records that stand, oldest first, with the names that are still known here.

    Raises:
        TrailError: If there is no trail, or it cannot be read.
    """
    records = records_in(read_entries(place, types=RECORDS), people)
    return tuple(record for record in records if kind in (None, record.kind))


def refuse_personal(texts: Iterable[str], where: str) -> None:
    """Refuse a text that holds somebody's data or a key: no entry can be taken out again.

    Principals that the policy files name are no such text; they are checked by themselves.

    Raises:
        UsageError: Without the text.
    """
    for text in texts:
        if looks_like_data(_HARMLESS.sub(" ", _PRINCIPAL.sub(" ", text))):
            problem = "the text reads as somebody's data, and the trail cannot forget"
            raise UsageError(where, problem, "say it without, and name people as user:…")


def _check_text(text: str, where: str) -> None:
    """Refuse a text that names a person or holds their data."""
    if _PERSON in text:
        problem = "the text names a person, who could not be erased from it again"
        raise UsageError(where, problem, "name people with --by, or as a fact that asks for one")
    refuse_personal((text,), where)


def _hidden(who: str) -> str:
    """Return a person so that the trail keeps a reference to them; a team or a role as it is."""
    return Person(who) if who.startswith(_PERSON) else who


def _read(spec: FactSpec, text: str, workspace: Workspace) -> str:
    """Return a fact as it is stored."""
    text, where = text.strip(), f"--fact {spec.name}"
    if not text or len(text) > LONGEST or not text.isprintable():
        problem = f"a text is one line of at most {LONGEST} characters"
        raise UsageError(where, problem, "shorten it")
    reader = _READERS.get(spec.kind)
    if reader is not None:
        return reader(where, text)
    return _known(spec.kind, where, text, workspace)


def _known(kind: FactKind, where: str, text: str, workspace: Workspace) -> str:
    """Return a word that the policy files or the tool must know; any other text as it is."""
    policy = workspace.policy
    if kind is FactKind.PRINCIPAL and text not in policy.principals():
        problem = f"no policy file knows '{text[:80]}'"
        raise UsageError(where, problem, "name a person or team that is declared")
    if kind is FactKind.ASSET and text not in {*policy.datasets, *policy.models}:
        problem = f"no policy file declares '{text[:80]}'"
        raise UsageError(where, problem, "name a declared dataset or model")
    if kind is FactKind.CONTROLS:
        known = {control.id for control in CONTROLS}
        strange = [name for name in re.split(r"[,\s]+", text) if name not in known]
        if strange:
            problem = f"there is no control '{strange[0][:60]}'"
            raise UsageError(where, problem, "see docs/generated/controls.md")
    return text


def _flag(where: str, text: str) -> str:
    if text not in ("yes", "no"):
        raise UsageError(where, "it is answered by yes or no", "write yes or no")
    return text


def _day(where: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(where, "not a day", "write it as 2026-11-23") from None


def _instant(where: str, text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError
        return instant.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        remedy = "write it with its time zone, as 2026-11-23T10:00:00+01:00"
        raise UsageError(where, "not a time with a time zone", remedy) from None


_READERS = {FactKind.DAY: _day, FactKind.INSTANT: _instant, FactKind.FLAG: _flag}


def _check_order(where: str, facts: Mapping[str, str]) -> None:
    given = [name for name in _CLOCK if name in facts]
    for earlier, later in pairwise(given):
        if datetime.fromisoformat(facts[later]) < datetime.fromisoformat(facts[earlier]):
            raise UsageError(where, f"{later} lies before {earlier}", "mend one of the two times")
    pair = ("published", "effective")
    if all(name in facts for name in pair) and facts["effective"] < facts["published"]:
        raise UsageError(where, "effective lies before published", "mend one of the two days")


def _identity(draft: RecordDraft, facts: Mapping[str, str], refer: Callable[[str], str]) -> str:
    """Return an id: of a law its title, of anything else its day and what it is about.

    Of a person the id holds the number that the trail refers to them by, never the name.
    """
    if draft.kind is RecordKind.REGULATION:
        words = facts["title"]
    else:
        about = [facts.get(name, "") for name in ("asset", "course", "title", "who")]
        if about[-1].startswith(_PERSON):
            about[-1] = refer(about[-1])
        words = " ".join((draft.kind.value, draft.on.isoformat(), *about))
    plain = re.sub(r"\b(subject|team|role|service):", " ", words.lower())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")
