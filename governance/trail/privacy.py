"""People in the trail: entries refer to them, and what concerns them can be erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from governance.errors import TrailError
from governance.model.trail import Event, Person
from governance.trail.references import is_reference, read_names

if TYPE_CHECKING:
    from governance.trail.details import Details
    from governance.trail.subjects import Subjects

DETAILS_FILE = "details.db"
DETAILS = "details"
"""The key under which a payload holds the hex of a commitment."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a person: their reference, and how many entries have details about them."""

    ref: str
    details: int


class Privacy:
    """The people of one workspace. Every method raises ``TrailError``.

    Args:
        keys: The folder of the keys. state: The folder of the trail.
    """

    def __init__(self, keys: Path, state: Path) -> None:
        self._keys = keys
        self._state = state

    @cached_property
    def _subjects(self) -> Subjects:
        # NOTE: who asks for names alone spares itself the libraries that write.
        from governance.trail.subjects import Subjects

        return Subjects(self._keys)

    @cached_property
    def _details(self) -> Details:
        from governance.trail.details import Details

        return Details(self._state / DETAILS_FILE)

    def reference(self, name: str) -> str:
        """Return what the trail says instead of a name."""
        return self._subjects.add(name).ref

    def hide(self, events: Sequence[Event], actor: str) -> list[Event]:
        """Return the events as the trail keeps them: no names, and commitments to details.

        Args:
            actor: Whom details concern that are about nobody else.
        """
        hidden = []
        for event in events:
            if event.details is None and not _names_somebody(event.payload):
                hidden.append(event)
                continue
            payload = self._refer(event.payload)
            if event.details is not None:
                subject = self._subjects.add(event.about or actor)
                try:
                    payload[DETAILS] = self._details.keep(event.details, subject).hex()
                except ValueError as cause:
                    problem = f"the details of an event do not fit the trail's format: {cause}"
                    raise TrailError(
                        "trail", problem, "shorten them; nothing was written"
                    ) from None
            hidden.append(Event(event.type, payload))
        return hidden

    def find(self, name: str) -> Held | None:
        """Return what is known of a person; None if nothing is, or it was erased."""
        subject = self._subjects.find(name)
        return Held(subject.ref, self._details.count(subject.ref)) if subject else None

    def erase(self, ref: str) -> None:
        """Destroy a person's key and name, and remove the details that it opened."""
        self._details.erase(ref)
        self._subjects.destroy(ref)

    def forget(self, commitments: Sequence[bytes]) -> None:
        """Remove the details of entries that were pruned."""
        self._details.drop(commitments)

    def reader(self) -> Reader:
        """Return what shows names and details again, where they still exist."""
        return Reader(read_names(self._keys), lambda: self._details)

    def _refer(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, Person):
            return self.reference(value)
        if isinstance(value, Mapping):
            return {key: self._refer(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._refer(item) for item in value]
        return value


class Reader:
    """Names and details as they are known here and now."""

    def __init__(
        self, known: Mapping[str, tuple[str, bytes]], details: Callable[[], Details]
    ) -> None:
        self._names = {ref: name for ref, (name, _) in known.items()}
        self._keys = {ref: key for ref, (_, key) in known.items()}
        self._details = details

    def name(self, actor: str) -> str:
        """Return the name behind a reference; the reference itself where it leads nowhere."""
        return self._names.get(actor, actor)

    def show(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a payload with names for references and details for commitments."""
        shown = {key: self._show(value) for key, value in payload.items()}
        told = shown.get(DETAILS)
        if isinstance(told, str) and len(told) == 64:
            found = self._details().read(bytes.fromhex(told), self._keys)
            shown[DETAILS] = found if found is not None else "erased"
        return shown

    def _show(self, value: Any) -> Any:  # noqa: ANN401
        if is_reference(value):
            return self.name(value)
        if isinstance(value, Mapping):
            return {key: self._show(item) for key, item in value.items()}
        return [self._show(item) for item in value] if isinstance(value, list) else value


def _names_somebody(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, Mapping):
        return any(type(item) is not str and _names_somebody(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(type(item) is not str and _names_somebody(item) for item in value)
    return isinstance(value, Person)


def commitments(payload: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield what an entry's payload commits to."""
    told = payload.get(DETAILS)
    if isinstance(told, str) and len(told) == 64:
        yield bytes.fromhex(told)
