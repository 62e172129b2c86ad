"""What a detector is: text in, found spans out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import regex

from governance.model.evidence import Grade

if TYPE_CHECKING:
    import pyarrow as pa

    from governance.detectors.settling import Settled

# NOTE: a match takes microseconds; a second means a pattern that runs away, and the value then
# counts as not examined, never as clean.
TIMEOUT_SECONDS = 1.0
# NOTE: a time limit costs ten times what a search of a short cell costs.
SHORT_TEXT = 256

Compiled = Any  # the `regex` library ships no types for its compiled patterns


class Found(NamedTuple):
    """A span of a text and how much it says; ``detail`` is the kind of a secret."""

    start: int
    end: int
    grade: Grade
    checksum: bool | None = None
    detail: str | None = None


@runtime_checkable
class Detector(Protocol):
    """Finds one kind of personal data or secret. Its docstring is its manual page.

    Attributes:
        id: Permanent kebab slug.
        entity: What a find is.
        countries: Only looked for where one of them is asked for; empty means always.
        on_request: Only looked for where the column's header asks for the entity.
        is_trusted: Its patterns are ours or Presidio's and known not to run away on a short text.
        needs_digit: A text without a digit holds nothing for it.
        gates: A text in which none of these matches holds nothing for ``find``.
        words: Words that corroborate when they stand beside a match.
    """

    @property
    def id(self) -> str: ...

    @property
    def entity(self) -> str: ...

    @property
    def countries(self) -> frozenset[str]: ...

    @property
    def on_request(self) -> bool: ...

    @property
    def is_trusted(self) -> bool: ...

    @property
    def needs_digit(self) -> bool: ...

    @property
    def gates(self) -> tuple[Compiled, ...]: ...

    @property
    def words(self) -> tuple[str, ...]: ...

    def find(self, text: str) -> Iterator[Found]:
        """Yield what is found; overlapping finds are allowed.

        Raises:
            TimeoutError: If a pattern ran away on this text.
        """


def time_limit(text: str) -> float | None:
    """Return the seconds that a trusted pattern may take on a text; None for a short one."""
    return None if len(text) <= SHORT_TEXT else TIMEOUT_SECONDS


class WholeValue:
    """Base of detectors whose values say little without a header: the whole cell must fit.

    A subclass names ``id``, ``entity`` and ``shape``, and may narrow ``fits``.
    """

    id: str
    entity: str
    shape: str
    countries: frozenset[str] = frozenset()
    on_request = True
    is_trusted = False
    needs_digit = False
    words: tuple[str, ...] = ()

    def __init__(self) -> None:
        # NOTE: line by line, so that the same pattern serves as gate over many joined values.
        self._line = regex.compile(rf"^[^\S\n]*(?:{self.shape})[^\S\n]*$", _FLAGS)

    @property
    def gates(self) -> tuple[Compiled, ...]:
        return (self._line,)

    def find(self, text: str) -> Iterator[Found]:
        """Yield the whole text if it fits."""
        if "\n" in text.strip() or not self._line.search(text, timeout=TIMEOUT_SECONDS):
            return
        checksum = self.fits(text.strip())
        if checksum is False:
            yield Found(0, len(text), Grade.INVALID, False)
        else:
            yield Found(0, len(text), Grade.WEAK, checksum)

    def settle(self, texts: pa.Array) -> Settled:
        """Decide plain values at once, where no check digits are asked for."""
        own, base = type(self), WholeValue
        is_plain = own.find is base.find and own.fits is base.fits
        if not is_plain or "(?" in self.shape.replace("(?:", ""):
            return {}
        from governance.detectors.settling import matching

        return {(Grade.WEAK, None): matching(texts, rf"(?i)^ *(?:{self.shape}) *$")}

    def fits(self, text: str) -> bool | None:  # noqa: ARG002 (subclasses read it)
        """Return whether check digits hold; None where the entity has none."""
        return None


_FLAGS = regex.MULTILINE | regex.IGNORECASE


def standing_apart(text: str, start: int, end: int) -> bool:
    """Return whether a match is no piece of a longer identifier such as a UUID or a path."""
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    if before and (before in "-._+" or before.isalnum()):
        return False
    return not after or not (
        after[0] in "-_" or after[0].isalnum() or (after[0] == "." and after[1:].isdigit())
    )


def is_separated(match: str) -> bool:
    """Return whether digit groups are kept apart by one and the same separator."""
    separators = {char for char in match.strip() if not char.isalnum()}
    return len(separators) == 1 and separators <= set(" -./")
