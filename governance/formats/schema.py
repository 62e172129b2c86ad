"""The JSON Schema (2020-12) of the run document; no key may appear that is not named here."""

from __future__ import annotations

from enum import Enum
from typing import Any

from governance.formats.document import SCHEMA_ID
from governance.model.asset import AssetKind
from governance.model.coverage import CoverageStatus
from governance.model.ladders import Severity
from governance.model.outcome import FindingKind, FindingState, Grade, Status
from governance.model.run import WaiverState

_Schema = dict[str, Any]


def run_schema() -> _Schema:
    """Return the schema; every object lists all its keys as required."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA_ID.replace('/', ':')}",
        "title": "What one run of governance concluded",
        **_object(
            schema={"const": SCHEMA_ID},
            run=_run(),
            assets=_list(_asset(), "One row for each asset and place."),
            outcomes=_list(_outcome(), "The result of every control on every asset."),
            waivers=_list(_waiver(), "Waivers as this run saw them."),
            baseline=_or_null(_baseline()),
            accesses=_list(_access(), "Logged accesses, one row for each dataset."),
            comparison=_or_null(_comparison()),
            notes=_list(_TEXT, "Sentences that a reader must not miss."),
            summary=_summary(),
        ),
    }


def _object(**properties: _Schema) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _list(items: _Schema, description: str) -> _Schema:
    return {"type": "array", "items": items, "description": description}


def _text(description: str) -> _Schema:
    return {"type": "string", "description": description}


def _text_or_null(description: str) -> _Schema:
    return {"type": ["string", "null"], "description": description}


def _one_of(members: type[Enum], description: str, *, nullable: bool = False) -> _Schema:
    values = [member.value for member in members]
    return {"enum": [*values, None] if nullable else values, "description": description}


def _or_null(schema: _Schema) -> _Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_TEXT: _Schema = {"type": "string"}
_COUNT: _Schema = {"type": "integer", "minimum": 0}
_SHARE: _Schema = {"type": "number", "minimum": 0, "maximum": 1}
_FLAG: _Schema = {"type": "boolean"}
_INSTANT: _Schema = {"type": "string", "format": "date-time", "pattern": "Z$"}


def _run() -> _Schema:
    return _object(
        id=_TEXT,
        command=_text("scan or check."),
        project=_text("The project's id; adhoc without a workspace."),
        started=_INSTANT,
        finished=_INSTANT,
        tool=_object(name=_TEXT, version=_TEXT),
        policy_digest=_text("sha256: and the digest of the effective policy."),
        exit_code={"type": "integer", "minimum": 0, "maximum": 4},
    )


def _asset() -> _Schema:
    coverage = _object(
        status=_one_of(CoverageStatus, "How much was read."),
        reason=_text_or_null("Why it is not complete; null only when it is."),
        rows=_COUNT,
        bytes=_COUNT,
        sampled=_FLAG,
        content=_text_or_null("b3: and the keyed digest of its bytes; null when nothing was kept."),
        read_by=_text_or_null("The earlier run that read these very bytes; null: this one did."),
        taken=_or_null(_INSTANT | {"description": "When an earlier scan read it; null: now."}),
    )
    return _object(
        id=_text("The asset's id; an undeclared file's URI."),
        kind=_one_of(AssetKind, "What it is."),
        owner=_text_or_null("team:… or user:…; null when nobody owns it."),
        declared=_FLAG,
        place=_text_or_null("The location's name; null for what has no data to read."),
        uri=_text_or_null("data/orders.csv, shop.db#customers."),
        region=_text_or_null("Where it is stored, as declared."),
        environment=_text_or_null("As declared."),
        details={"type": "object", "additionalProperties": _TEXT},
        coverage=_or_null(coverage),
        fields=_list(_field(), "Columns in the order they were read."),
    )


def _field() -> _Schema:
    verdict = _object(
        name=_text("The entity that this column is."),
        confidence=_SHARE,
        because=_list(_TEXT, "Reasons, the weightiest first."),
        runner_up=_text_or_null("The entity that came second."),
    )
    protection = _object(
        distinct=_COUNT,
        redacted=_COUNT,
        masked=_COUNT,
        hashed=_COUNT,
        hash_bits={"type": ["integer", "null"], "minimum": 0},
        other=_COUNT,
    )
    return _object(
        name=_TEXT,
        type=_TEXT,
        rows=_COUNT,
        nulls=_COUNT,
        distinct=_COUNT,
        free_text=_FLAG,
        entity=_or_null(verdict),
        contains=_list(_contained(), "What occurs in it, down to a single row."),
        protection=_or_null(protection),
    )


def _contained() -> _Schema:
    return _object(
        entity=_TEXT,
        rows=_COUNT,
        distinct=_COUNT,
        share=_SHARE,
        checksum_rate=_or_null(_SHARE),
        lines=_list({"type": "integer", "minimum": 0}, "The first twenty row or line numbers."),
        preview=_text("The shape of one match, letters and digits hidden."),
        fingerprint=_text("v1: and a keyed hash of that match."),
        deterministic=_FLAG,
        detail=_text_or_null("The kind of secret."),
    )


def _outcome() -> _Schema:
    return _object(
        control=_TEXT,
        asset=_TEXT,
        place=_text_or_null("The location's name."),
        field=_text_or_null("The column."),
        subject=_text_or_null("What else tells two outcomes apart: an actor, a rule."),
        status=_one_of(Status, "How the control ended."),
        grade=_one_of(Grade, "Where the evidence comes from.", nullable=True),
        reason=_text("What was measured, or why it was not."),
        measured=_text_or_null("The measured value, as text."),
        threshold=_text_or_null("What it was held against."),
        finding=_or_null(_finding()),
    )


def _finding() -> _Schema:
    position: _Schema = {"type": "integer", "minimum": 1}
    return _object(
        id={"type": "string", "description": "Stable across runs, branches and moves."},
        kind=_one_of(FindingKind, "A breach, or something that nobody declared."),
        severity=_one_of(Severity, "How bad it is."),
        confidence=_SHARE,
        title=_TEXT,
        message=_TEXT,
        remedy=_TEXT,
        owner=_text_or_null("Who should mend it."),
        state=_one_of(FindingState, "How it relates to what was known before."),
        location=_or_null(_object(file=_TEXT, line=position, column=position)),
        references=_list(_TEXT, "As gdpr:art30."),
        rule=_text_or_null("policy-id.rule-id when a rule was broken."),
        waiver=_text_or_null("The waiver that covers it."),
    )


def _comparison() -> _Schema:
    gone = _object(
        control=_TEXT,
        asset=_TEXT,
        place=_text_or_null("The location's name."),
        field=_text_or_null("The column."),
        subject=_text_or_null("What else tells it apart."),
        finding=_text_or_null("The finding's id."),
        severity=_one_of(Severity, "Of the finding.", nullable=True),
        title=_text_or_null("Of the finding."),
    )
    return _object(
        base=_text("The commit and its ref; findings that it has too are existing."),
        resolved=_list(gone, "Failures of the base that the change ends."),
        unclear=_list(gone, "Failures of the base that are not evaluated any more."),
        unasked=_list(gone, "Failures of the base that the change no longer asks about."),
    )


def _waiver() -> _Schema:
    return _object(
        id=_TEXT,
        target=_TEXT,
        control=_TEXT,
        reason=_TEXT,
        approved_by=_list(_TEXT, "Who approved it."),
        opened={"type": "string", "format": "date"},
        expires={"type": "string", "format": "date"},
        state=_one_of(WaiverState, "How it stood on the day of the run."),
        in_force=_FLAG,
        matched=_COUNT,
    )


def _baseline() -> _Schema:
    return _object(
        path=_TEXT,
        sha256=_TEXT,
        entries=_COUNT,
        matched=_COUNT,
        worse=_COUNT,
        unmatched=_COUNT,
    )


def _access() -> _Schema:
    return _object(
        dataset=_TEXT, events=_COUNT, denied=_COUNT, actors=_COUNT, first=_INSTANT, last=_INSTANT
    )


def _summary() -> _Schema:
    severities = {severity.value: _COUNT for severity in Severity}
    return _object(
        assets=_COUNT,
        outcomes=_object(**{status.value: _COUNT for status in Status}),
        findings=_object(**severities, gap=_COUNT),
        states=_object(**{state.value: _COUNT for state in FindingState}),
    )


RUN_SCHEMA = run_schema()
