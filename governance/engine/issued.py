"""What an issued report said that is not in the trail's entries, so that it can be said again.

An anchor that comes later raises the level of the whole trail, and a policy file may give the
project another title. A report that is issued once more, or made again, says what the first issue
said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from governance.engine.ledger import Ledger
from governance.model.signoff import ReviewCase
from governance.model.trail import Assurance, Verification
from governance.trail.reading import read_entries


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of the trail, and of whose it is.

    Args:
        level: The assurance. pin: Where the key came from. project: The title.
    """

    level: str
    pin: str | None
    project: str

    def plain(self) -> dict[str, Any]:
        """Return it as a payload of the trail holds it."""
        return {"level": self.level, "pin": self.pin, "project": self.project}

    def of(self, verification: Verification) -> Verification:
        """Return a verification that says the same."""
        return replace(verification, level=Assurance[self.level], pin=self.pin)


def first_said(ledger: Ledger, case: ReviewCase | None) -> Said | None:
    """Return what the first issue of a signed review said; None where there is none."""
    if case is None:
        return None
    for entry in read_entries(ledger.path, types={"report.issued"}):
        said = entry.payload.get("said")
        if entry.payload.get("review") == case.id and isinstance(said, Mapping):
            return Said(said["level"], said["pin"], said["project"])
    return None
