"""Detectors written in YAML: compiled, and refused when they could run away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial

import regex

from governance.detectors.base import TIMEOUT_SECONDS, Compiled, Found
from governance.detectors.library.card_shape import luhn_valid
from governance.detectors.syntax import could_run_away
from governance.errors import DetectionError
from governance.model.evidence import Grade
from governance.model.rules import PatternDetector

PATTERN_LENGTH = 2000
# Patterns below this score are weak hits also where the detector calls itself deterministic.
DETERMINISTIC_SCORE = 0.5

# NOTE: case matters in keys and tokens, hence no IGNORECASE: a pattern that wants it says (?i).
_FLAGS = regex.MULTILINE


class YamlDetector:
    """A pattern detector of a pack or workspace."""

    on_request = False
    is_trusted = False
    needs_digit = False

    def __init__(self, id: str, definition: PatternDetector) -> None:
        self.id = id
        self.entity = definition.entity
        self.countries = frozenset(definition.countries)
        self.words = tuple(word.lower() for word in definition.context)
        self._definition = definition
        self._checksum = _checksum(id, definition.checksum)
        self._patterns = tuple(
            (compile_pattern(f"{id}.{name}", pattern.regex), pattern.score)
            for name, pattern in sorted(definition.patterns.items())
        )
        self.gates: tuple[Compiled, ...] = tuple(compiled for compiled, _ in self._patterns)
        if definition.deny:
            words = "|".join(regex.escape(word) for word in sorted(definition.deny))
            denied = regex.compile(rf"(?<!\w)(?:{words})(?!\w)", _FLAGS | regex.IGNORECASE)
            self._patterns += ((denied, 1.0),)
            self.gates += (denied,)
        if not self.gates:
            raise DetectionError(
                where=f"detector {id}",
                problem="it has neither patterns nor values to deny",
                remedy="give it at least one pattern",
            )

    def find(self, text: str) -> Iterator[Found]:
        """Yield every match that its allow list and checksum let pass.

        A group named ``value`` narrows the match to what it captures.
        """
        allowed = set(self._definition.allow)
        for compiled, score in self._patterns:
            for match in compiled.finditer(text, timeout=TIMEOUT_SECONDS):
                start, end = match.span("value" if "value" in compiled.groupindex else 0)
                if start < end and not {match[0], text[start:end]} & allowed:
                    yield self._judge(text[start:end], start, end, score)

    def _judge(self, value: str, start: int, end: int, score: float) -> Found:
        checksum = self._checksum(value) if self._checksum else None
        if checksum is False:
            return Found(start, end, Grade.INVALID, False, self._definition.secret)
        certain = self._definition.deterministic and score >= DETERMINISTIC_SCORE
        grade = Grade.STRONG if certain else Grade.WEAK
        return Found(start, end, grade, checksum, self._definition.secret)


def yaml_detectors(definitions: Mapping[str, PatternDetector]) -> tuple[YamlDetector, ...]:
    """Return the detectors in the order of their ids.

    Raises:
        DetectionError: If a pattern does not compile, could run away, or a checksum is unknown.
    """
    return tuple(YamlDetector(name, definitions[name]) for name in sorted(definitions))


@lru_cache(maxsize=4_096)
def compile_pattern(where: str, pattern: str) -> Compiled:
    """Return the compiled pattern.

    Raises:
        DetectionError: If it is no regular expression, is too long, or repeats a repetition.
    """
    if len(pattern) > PATTERN_LENGTH:
        raise _refused(where, f"the pattern is longer than {PATTERN_LENGTH} characters")
    try:
        compiled = regex.compile(pattern, _FLAGS)
    except regex.error as cause:
        raise _refused(
            where, f"not a regular expression ({getattr(cause, 'msg', 'invalid')})"
        ) from cause
    if could_run_away(pattern):
        raise _refused(where, "a repeated group repeats inside, which can take exponential time")
    if compiled.match(""):
        raise _refused(where, "the pattern matches nothing at all")
    return compiled


def _refused(where: str, problem: str) -> DetectionError:
    return DetectionError(
        where=f"detector {where}",
        problem=problem,
        remedy="bound each repetition, as in [A-Z]{1,20}, and put none inside another",
    )


def _checksum(id: str, name: str | None) -> Callable[[str], bool] | None:
    if name is None:
        return None
    if name == "luhn":
        return _luhn
    if name == "mod97":
        return _mod97
    if name.startswith("stdnum:") and regex.fullmatch(r"[a-z_]+(\.[a-z_]+)?", name[7:]):
        return _stdnum(id, name[7:])
    raise DetectionError(
        where=f"detector {id}",
        problem=f"unknown checksum '{name}'",
        remedy="use luhn, mod97 or stdnum:<module>, as stdnum:de.idnr",
    )


def _stdnum(id: str, module: str) -> Callable[[str], bool]:
    from importlib import import_module

    try:
        check = import_module(f"stdnum.{module}").is_valid
    except (ImportError, AttributeError) as cause:
        raise DetectionError(
            where=f"detector {id}",
            problem=f"python-stdnum has no number '{module}'",
            remedy="see its list of formats, as de.idnr or us.ssn",
        ) from cause
    return partial(_holds, check)


def _holds(check: Callable[[str], bool], value: str) -> bool:
    try:
        return bool(check(value))
    except (LookupError, ValueError):
        # Its tables of dates and places have gaps that it does not expect.
        return False


def _luhn(value: str) -> bool:
    digits = "".join(char for char in value if char.isascii() and char.isdigit())
    return bool(digits) and luhn_valid(digits)


def _mod97(value: str) -> bool:
    letters = "".join(char for char in value.upper() if char.isascii() and char.isalnum())
    return bool(letters) and int("".join(str(int(char, 36)) for char in letters)) % 97 == 1
