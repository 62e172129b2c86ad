"""What a report says, in the reader's language: message catalogues, numbers and dates.

English is the key and its own translation. Another language is a file of ``reports/_locale``.
What the tool itself recorded in English is told again (``recorded.py``); what people wrote stays
as they wrote it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from governance.assets import asset_folder
from governance.errors import ReportError, UsageError
from governance.reporting.recorded import Recorded, load_recorded
from governance.reporting.text import number, parse_instant

WORDS = (
    "critical", "high", "medium", "low", "gap", "fail", "waived", "not evaluated", "pass",
    "complete", "partial", "skipped", "kept", "kept with waivers", "not kept", "partly evaluated",
    "not applicable", "conform", "conform with exceptions", "not conform", "cannot conclude",
    "in force", "ended", "unused", "not yet", "new", "existing", "baselined", "reviewed",
    "compared", "trend", "listed", "result missing", "aborted", "not finished", "everything",
    "not recorded", "dataset", "model", "log", "trail", "unverifiable", "intact", "signed",
    "anchored", "witnessed", "matches the trail", "re-serialised", "not in the trail", "nobody",
    "others", "overdue", "up to 30 days", "31 to 90 days", "91 to 180 days", "over 180 days",
    "added", "changed", "removed", "drill", "incident", "title", "description", "owner",
    "steward", "contact", "classification", "subjects", "purposes", "legal basis",
    "lawful ground", "special ground", "retention", "residency", "last review", "risk class",
    "intended use", "out of scope", "version", "training data", "trained on", "deployed on",
    "retired on", "risk assessment", "oversight", "instructions", "logs", "tests", "pipeline",
    "purpose", "passed", "refused", "approved", "source", "notice", "recipients",
    "impact assessment", "columns", "places", "hashed", "masked", "redacted", "internal",
    "public", "confidential", "restricted", "author", "adviser", "approver", "objects",
    "regulation", "training", "recertification", "review", "weaker", "stronger",
    "neutral", "unknown", "name", "address", "data protection officer",
)  # fmt: skip
"""Words that the room itself puts into rows; every catalogue has each of them."""

_THIN_SPACE = "\u202f"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence before it is translated.

    Args:
        text: English with ``{names}``; ``one|many`` where the number ``n`` decides.
        args: What the names stand for: numbers, instants, days, text, or another ``Said``.
    """

    text: str
    args: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return ENGLISH.say(self)


def said(text: str, **args: object) -> Said:
    """Return a sentence with what its names stand for."""
    return Said(text, tuple(args.items()))


@dataclass(frozen=True)
class Language:
    """One catalogue.

    Args:
        code: BCP 47, as ``de``. messages: English to the translation.
        decimal: The decimal sign. months: Twelve names. day_pattern: With day, month and year.
    """

    code: str
    messages: Mapping[str, str]
    decimal: str
    months: tuple[str, ...]
    day_pattern: str

    def say(self, message: Said | str, **args: object) -> str:
        """Return a message in this language; one that the catalogue lacks stays English."""
        if isinstance(message, Said):
            args = dict(message.args)
            message = message.text
        told = self.messages.get(message, message)
        if "|" in told:
            one, many = told.split("|", 1)
            told = one if args.get("n") == 1 else many
        return told.format_map({name: self.shown(each) for name, each in args.items()})

    @property
    def recorded(self) -> Recorded:
        """What the tool recorded in English, in this language."""
        return load_recorded(self.code, self.decimal)

    def told(self, value: object) -> str | None:
        """Return a recorded sentence in this language; people's own words as they are."""
        return None if value is None else self.recorded.tell(str(value))

    def percent(self, value: str) -> str:
        """Return a share that was recorded as text, ``97.5%``, as ``share`` prints it."""
        return value.replace(".", self.decimal).replace("%", f"{_THIN_SPACE}%")

    def shown(self, value: object) -> str:
        """Return a value as text of this language."""
        if isinstance(value, Said):
            return self.say(value)
        if isinstance(value, bool) or not isinstance(value, int | datetime | date):
            return str(value)
        if isinstance(value, int):
            return self.number(value)
        return self.moment(value) if isinstance(value, datetime) else self.day(value)

    def word(self, value: object) -> str:
        """Return one of ``WORDS``, or a text that the catalogue happens to know."""
        text = str(value).replace("_", " ")
        return self.messages.get(text, text)

    def number(self, value: int) -> str:
        """Return a whole number with its thousands apart: ``1 234 567`` (thin spaces)."""
        return number(value)

    def share(self, value: float) -> str:
        """Return 0 to 1 in per cent, rounded down so that 99.96 % never reads 100 %."""
        shown = f"{int(value * 1000) / 10:g}".replace(".", self.decimal)
        return f"{shown}{_THIN_SPACE}%"

    def moment(self, value: datetime | str | None) -> str:
        """Return an instant as ``2026-11-23 10:00 UTC``; text that is no instant stays text."""
        if value is None:
            return "–"
        if isinstance(value, str):
            parsed = parse_instant(value)
            return self.moment(parsed) if parsed else value
        return value.strftime("%Y-%m-%d %H:%M UTC")

    def day(self, value: date) -> str:
        """Return a date in words, without asking the machine's locale."""
        return self.day_pattern.format(
            day=value.day, month=self.months[value.month - 1], year=value.year
        )

    def size(self, value: int) -> str:
        """Return bytes in the largest fitting unit of 1,000."""
        amount, units = float(value), ("B", "kB", "MB", "GB", "TB")
        unit = next((u for n, u in enumerate(units) if value < 1000 ** (n + 1)), units[-1])
        amount /= 1000 ** units.index(unit)
        told = f"{amount:.0f}" if unit == "B" else f"{amount:.1f}".replace(".", self.decimal)
        return f"{told}{_THIN_SPACE}{unit}"

    def plural(self, count: int, one: str, many: str | None = None) -> str:
        """Return ``3 findings`` or ``1 finding``."""
        return self.say(f"{{n}} {one}|{{n}} {many or one + 's'}", n=count)


def list_languages() -> tuple[str, ...]:
    """Return the codes of the languages there are, sorted."""
    folder = asset_folder("reports") / "_locale"
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


@lru_cache(maxsize=8)
def load_language(code: str) -> Language:
    """Return a language by its code.

    Raises:
        UsageError: If there is no such catalogue.
        ReportError: If the catalogue is damaged.
    """
    known = list_languages()
    if code not in known:
        problem = f"no catalogue for '{code[:20]}'"
        raise UsageError("report", problem, f"use one of: {', '.join(known)}")
    path = asset_folder("reports") / "_locale" / f"{code}.toml"
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        form = content["format"]
        return Language(
            code=code,
            messages=MappingProxyType(dict(content.get("messages", {}))),
            decimal=form["decimal"],
            months=tuple(form["months"]),
            day_pattern=form["day"],
        )
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as cause:
        problem = f"not a message catalogue ({cause})"
        raise ReportError(f"reports/_locale/{code}.toml", problem, "mend it") from cause


ENGLISH = load_language("en")
