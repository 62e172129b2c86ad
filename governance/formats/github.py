"""GitHub's workflow commands: annotations on the lines of a pull request."""

from __future__ import annotations

from typing import ClassVar

from governance.formats.anchor import Anchors
from governance.formats.cleaning import clean, count
from governance.formats.contract import View
from governance.formats.verdict import (
    baseline_told,
    facts_age,
    incomplete_places,
    open_findings,
    tally,
    verdict,
)
from governance.model.ladders import Severity
from governance.model.outcome import FindingState
from governance.model.run import Run

_UNREAD_SHOWN = 3
MAX_ANNOTATIONS = 10
"""GitHub shows so many of each kind of one step; the last one says how many more there are."""
_LONGEST = 1_000
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}
_CLOSING_LEVELS = {0: "notice", 1: "notice"}


class GithubFormat:
    """At most ten commands: what was not read, then the worst findings, then how many more.

    Baselined findings are counted and take no room. The last command is an error where nothing
    can be concluded, so that a run without findings does not look clean.
    """

    name: ClassVar[str] = "github"

    def render(self, run: Run, view: View) -> str:
        anchors = Anchors(run, view.prefix)
        unread = incomplete_places(run)
        shown = [
            _command("warning", f"{asset} ({uri}): {status}: {reason}",
                     file=anchors.file(uri).path, title="governance: not read completely")
            for asset, uri, status, reason in unread[:_UNREAD_SHOWN]
        ]  # fmt: skip
        found = [pair for pair in open_findings(run) if pair[1].state is not FindingState.BASELINED]
        room = MAX_ANNOTATIONS - 1 - len(shown)
        for outcome, finding in found[:room]:
            path, line, column = anchors.of(outcome, finding)
            text = f"{finding.message} {finding.remedy} (finding {finding.id})"
            place = {"file": path, "line": str(line)}
            place |= {"col": str(column)} if column else {}
            title = f"governance {outcome.control}: {finding.title}"
            shown.append(_command(_LEVELS[finding.severity], text, **place, title=title))
        more = [count(len(found) - room, "more finding")] if len(found) > room else []
        left = len(unread) - _UNREAD_SHOWN
        more += [f"{count(left, 'more place')} not read completely"] if left > 0 else []
        baseline = baseline_told(run)
        parts = [verdict(run), tally(run), facts_age(run), *more, baseline]
        text = "; ".join(filter(None, parts))
        level = _CLOSING_LEVELS.get(run.exit_code, "error")
        shown.append(_command(level, text, title=f"governance {run.command}"))
        return "\n".join(shown) + "\n"


def _command(level: str, text: str, **properties: str) -> str:
    """Return one command in which no name can start another.

    Source: actions/toolkit, docs/commands.md.
    """
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {told}::{_escaped(clean(text.strip(), _LONGEST))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(clean(text, _LONGEST)).replace(":", "%3A").replace(",", "%2C")
