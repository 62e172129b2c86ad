"""Who a word of another format means: a declared team, or a person."""

from __future__ import annotations

from governance.policy.exchange.cursor import Ledger, Said
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.words import is_email, principal


def find_owner(said: Said, around: Surroundings, ledger: Ledger) -> Said | None:
    """Return the ``team:`` or ``user:`` that a word means; None, and a remark, if it means neither.

    A name of several words is no person's account, and a team must be declared: nobody is made up.
    """
    text = said.text.strip()
    found = _meant(text, around)
    if found is None:
        ledger.lose(said, "no declared team has this id, title or GitHub name")
        return None
    return Said(found, said.position, said.key)


def _meant(text: str, around: Surroundings) -> str | None:
    if text == "none":
        return text
    if text.startswith("@") and "/" in text:
        return around.github(text)
    if text.startswith(("team:", "user:")):
        return principal(text)
    return around.team(text) or around.github(text) or (f"user:{text}" if is_email(text) else None)
