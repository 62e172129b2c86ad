"""Service levels and teams of a contract: how long rows are kept, and who answers for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from governance.model.ladders import Duration
from governance.model.position import Position
from governance.policy.exchange.cursor import Cursor, Said
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.words import day, length, principal
from governance.policy.nodes import Mapping as MapNode
from governance.policy.nodes import Sequence as ListNode

_OWNERS = frozenset({"owner", "data owner", "data product owner", "contract owner"})
_STEWARDS = frozenset({"steward", "data steward"})


@dataclass(slots=True, eq=False)
class Table:
    """An object of a contract: its draft, and the names by which the contract calls it.

    Args:
        columns: Logical and physical names, to the field they became.
    """

    draft: Draft
    names: frozenset[str]
    columns: dict[str, str] = field(default_factory=dict)


def read_terms(contract: Cursor, tables: Sequence[Table]) -> None:
    """Put the retention of a contract's service levels into its datasets.

    An agreement on other qualities of service has no place in the policy language.
    """
    default = contract.node.text("slaDefaultElement")
    found: dict[str, tuple[Duration, str | None, Said]] = {}
    for term in contract.each("slaProperties"):
        if (term.node.text("property") or "").strip().lower() != "retention":
            continue
        value, name = term.said("value"), term.said("property")
        if value is None or name is None:
            continue
        unit = term.said("unit")
        kept = length(value.text, unit.text if unit else None)
        if kept is None:
            term.ledger.lose(value, "no length of days, weeks, months or years")
            continue
        element = term.said("element")
        if element is None and default:
            element = contract.said("slaDefaultElement")
        for table, column in _meant(term, element, tables):
            known = found.get(table.draft.id)
            if known and known[0].approximate_days <= kept.approximate_days:
                term.ledger.lose(value, "a shorter retention is agreed for the same object")
            else:
                found[table.draft.id] = (kept, column, value)
    for table in tables:
        if table.draft.id in found:
            kept, column, said = found[table.draft.id]
            measured = {"measured_by": column} if column else {}
            table.draft.put("retention", {"max_age": str(kept), **measured}, said.position)


def _meant(
    term: Cursor, element: Said | None, tables: Sequence[Table]
) -> list[tuple[Table, str | None]]:
    """Return the tables that a term is about, each with the column that measures it."""
    if element is None:
        return [(table, None) for table in tables]
    meant: list[tuple[Table, str | None]] = []
    for name in (part.strip() for part in element.text.split(",")):
        direct = list(dict.fromkeys(_named(name, tables)))
        if not direct:
            direct = _only_column(name.rpartition(".")[2], tables)
            if direct:
                reason = "no object has this name; the only one with such a column is meant"
                term.ledger.doubt(element, reason)
        if not direct:
            term.ledger.lose(element, "no object of the contract has this name or column")
        elif "." in name and direct[0][1] is None and name not in direct[0][0].names:
            term.ledger.doubt(element, "the object has no such property: its column is left out")
        meant += direct
    return meant


def _named(name: str, tables: Iterable[Table]) -> Iterable[tuple[Table, str | None]]:
    for table in tables:
        for known in table.names:
            if name == known:
                yield table, None
            elif known and name.startswith(f"{known}."):
                yield table, table.columns.get(name.removeprefix(f"{known}."))


def _only_column(column: str, tables: Iterable[Table]) -> list[tuple[Table, str | None]]:
    having = [table for table in tables if column in table.columns]
    return [(having[0], having[0].columns[column])] if len(having) == 1 else []


def read_team(contract: Cursor, drafts: Sequence[Draft], around: Surroundings) -> None:
    """Put the owner and the steward whom a contract names into its datasets."""
    entry = contract.node.entries.get("team")
    if entry is None:
        return
    named: Said | None = None
    if isinstance(entry.value, MapNode):
        team = contract.inside("team")
        if team is None:
            return
        members = team.each("members")
        named = _declared_team(team, around)
    elif isinstance(entry.value, ListNode):
        members = contract.each("team")
    else:
        return
    owners = [member for member in members if _role(member) in _OWNERS]
    stewards = [member for member in members if _role(member) in _STEWARDS]
    owner = _current(owners, "owner") or named
    for draft in drafts:
        if owner:
            draft.put("owner", owner.text, owner.position)
        steward = _current(stewards, "steward")
        if steward:
            draft.put("steward", steward.text, steward.position)
    _ownership(owners, drafts)


def _declared_team(team: Cursor, around: Surroundings) -> Said | None:
    text = team.node.text("name")
    known = around.team(text) if text else None
    said = team.said("name") if known else None
    return Said(known, said.position, said.key) if known and said else None


def _role(member: Cursor) -> str:
    return " ".join((member.node.text("role") or "").lower().replace("_", " ").split())


def _current(members: Sequence[Cursor], noun: str) -> Said | None:
    """Return the one member who holds a role and has not left; two would be none."""
    present = [member for member in members if not member.node.text("dateOut")]
    if len(present) > 1:
        for member in present:
            said = member.said("username")
            if said:
                reason = f"{len(present)} people are called {noun}: exactly one must answer"
                member.ledger.lose(said, reason)
        return None
    if not present:
        return None
    said = present[0].said("username")
    present[0].take("role")
    word = principal(said.text) if said else None
    if said and word is None:
        present[0].ledger.lose(said, "no single word that could name a person")
    return Said(word, said.position, said.key) if said and word else None


def _ownership(owners: Sequence[Cursor], drafts: Sequence[Draft]) -> None:
    """Write since when each owner was one, where the contract dates them all."""
    spans: dict[str, dict[str, date]] = {}
    position: Position | None = None
    for member in owners:
        who = principal(member.node.text("username") or "")
        since, until = member.node.text("dateIn"), member.node.text("dateOut")
        if who is None or not since or who in spans:
            return
        start, end = day(since), day(until) if until else None
        if start is None or (until and end is None):
            return
        spans[who] = {"since": start} | ({"until": end} if end else {})
        position = position or member.node.position
    for member in owners:
        for key in ("username", "role", "dateIn", "dateOut"):
            member.take(key)
    for draft in drafts:
        if position:
            draft.put("ownership", spans, position)
