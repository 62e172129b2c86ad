"""The dates that a text names, in the sample of values in which names are looked for, too.

A date by itself is nobody's, and every record of a log has one. So dates are looked for where
people write sentences, and neither in columns of dates nor in what a machine stamps.
"""

from __future__ import annotations

import regex

from governance.detectors.base import Detector, Found
from governance.detectors.library.date_time import DateTime
from governance.detectors.names import NamedFound
from governance.model.evidence import Grade

DATE_TIME, DATE_OF_BIRTH = "DATE_TIME", "DATE_OF_BIRTH"
# A record's own stamp stands this near to the start of its line.
_HEAD = 40
_TEXT_WORDS = 2
_WORD = regex.compile(r"(?<![^\W_])[^\W\d_]{2,}(?![^\W_])")
_DETECTOR = DateTime()
_CLOCK = regex.compile(r"[0-9][:h][0-9]{2}")
# Every certain date has its year: looking for one costs a hundredth of reading for dates.
_A_YEAR = regex.compile(r"(?<![0-9])(?:1[5-9]|2[01])[0-9]{2}(?![0-9])")
_STAMPED = regex.compile(r"\W{0,3}[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}[T ][0-9]{2}:[0-9]{2}")
_FIELD = regex.compile(r"(?:[=:\[]|[\"']:\s?)[\"']?$")


def dates_in(text: str, births: tuple[Detector, ...] = ()) -> list[NamedFound]:
    """Return the certain dates of a text that are neither a record's stamp nor one of birth.

    Args:
        births: Detectors of dates of birth, whose dates are theirs.

    Raises:
        TimeoutError: If a pattern ran away on this text.
    """
    stamp = _STAMPED.match(text)
    if text.count(" ") < _TEXT_WORDS or not _A_YEAR.search(text, stamp.end() if stamp else 0):
        return []
    found = [each for each in _DETECTOR.find(text) if each.grade is Grade.STRONG]
    if not found:
        return []
    taken = [
        (each.start, each.end)
        for detector in births
        for each in detector.find(text)
        if each.grade is Grade.STRONG
    ]
    dates: list[NamedFound] = []
    for each in sorted(found, key=lambda it: (it.start - it.end, it.start)):
        clear = all(each.end <= start or each.start >= end for start, end in taken)
        if clear and not _is_stamp(text, each):
            taken.append((each.start, each.end))
            dates.append(NamedFound(DATE_TIME, each.start, each.end))
    outside = len(_WORD.findall(text)) - sum(
        len(_WORD.findall(text, each.start, each.end)) for each in dates
    )
    return sorted(dates, key=lambda it: it.start) if outside >= _TEXT_WORDS else []


def _is_stamp(text: str, match: Found) -> bool:
    """Whether a machine wrote when a record was made: the head of a line, or a field's value."""
    if not _CLOCK.search(text, match.start, match.end):
        return False
    line = text.rfind("\n", 0, match.start) + 1
    head = text[line : match.start]
    return (len(head) <= _HEAD and not _WORD.search(head)) or bool(_FIELD.search(head[-4:]))
