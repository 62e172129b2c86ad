"""The rules of a SARIF log: what a control asks for, and why, as a code host shows it."""

from __future__ import annotations

from typing import Any

from governance.formats.cleaning import clean
from governance.formats.contract import RuleText
from governance.formats.prose import prose
from governance.model.ladders import Severity
from governance.model.outcome import Finding, Outcome

MAX_TAGS = 10
"""GitHub shows ten tags of a rule and refuses a log with more than twenty."""
_LONGEST = 1_000
SEVERITY_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SEVERITY_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
}
# GitHub counts a score for rules with the tag 'security' alone.
_TAGS = ("security", "governance")
NOT_EVALUATED_RULE: dict[str, Any] = {
    "id": "not-evaluated",
    "name": "NotEvaluated",
    "shortDescription": {"text": "Nothing can be concluded from this run"},
    "fullDescription": {"text": "Something was not read or not evaluated: no finding is no proof."},
    "help": {
        "text": "Mend what the message names, and run it again.",
        "markdown": "Mend what the message names, and run it again.",
    },
    "defaultConfiguration": {"level": "error"},
    "properties": {"security-severity": "8.0", "tags": list(_TAGS)},
}
Found = list[tuple[Outcome, Finding]]


def describe_rule(control: str, found: Found, manual: RuleText | None) -> dict[str, Any]:
    """Return the reporting descriptor of a control.

    Args:
        found: All findings of the run; the worst of this control decides the score.
        manual: Its manual page; None describes it by its first finding.
    """
    findings = [finding for outcome, finding in found if outcome.control == control]
    worst = max((finding.severity for finding in findings), key=lambda level: level.rank)
    references = sorted({name for finding in findings for name in finding.references})
    words = control.replace("-", " ")
    summary = manual.summary if manual else words
    return {
        "id": control,
        "name": "".join(word.capitalize() for word in control.split("-"))[:255],
        "shortDescription": {"text": clean(words, _LONGEST)},
        "fullDescription": {"text": clean(summary, _LONGEST)},
        "help": _help(words, findings[0], manual),
        "defaultConfiguration": {"level": SEVERITY_LEVELS[worst]},
        "properties": {
            "security-severity": SEVERITY_SCORES[worst],
            "tags": [*_TAGS, *(clean(name, 100) for name in references)][:MAX_TAGS],
        },
    }


def _help(words: str, finding: Finding, manual: RuleText | None) -> dict[str, str]:
    parts = {"": f"{words}.", "Fix": finding.remedy}
    if manual:
        parts = {
            "": manual.summary,
            "Why": manual.why,
            "Fails when": manual.fails_when,
            "Fix": manual.fix,
            "Source": manual.source,
        }
    plain = [f"{name}: {text}" if name else text for name, text in parts.items()]
    marked = [f"**{name}.** {prose(text)}" if name else prose(text) for name, text in parts.items()]
    return {"text": clean(" ".join(plain), 4 * _LONGEST), "markdown": "\n\n".join(marked)}
