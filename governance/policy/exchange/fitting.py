"""Drafts made to fit the workspace they come into: an imported file must load.

What the workspace cannot take is left out and told: a category that no taxonomy knows, a field
that is less protected than its dataset must be. The linter itself is asked, again and again,
until it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from governance.errors import InvalidPolicyError
from governance.model.documents import Team
from governance.model.position import Position
from governance.policy.corpus import Corpus
from governance.policy.exchange.drafts import Draft, to_text
from governance.policy.exchange.remarks import Fate, Remark
from governance.policy.faults import Fault, as_errors
from governance.policy.files import SourceFile, packed
from governance.policy.nodes import Mapping, Node, Path
from governance.policy.nodes import Sequence as ListNode
from governance.policy.workspace import examine, read_workspace

_MOST_ROUNDS = 50


@dataclass(frozen=True)
class Surroundings:
    """What an imported file will lie beside.

    Args:
        corpus: The documents of the workspace, without the file to be written.
        teams: The workspace's teams, by id.
        shown: The file to be written, relative to the workspace.
    """

    corpus: Corpus
    teams: dict[str, Team]
    shown: str

    def team(self, name: str) -> str | None:
        """Return ``team:…`` for the id or the title of a declared team, or None."""
        for team in self.teams.values():
            if name.strip().lower() in (team.id, (team.title or "").lower()):
                return f"team:{team.id}"
        return None

    def github(self, handle: str) -> str | None:
        """Return ``team:…`` for the GitHub name of a declared team (``@org/team``), or None."""
        for team in self.teams.values():
            if team.contacts.get("github", "").lower() == handle.strip().lower():
                return f"team:{team.id}"
        return None


def surroundings(root: FilePath | None, shown: str) -> Surroundings:
    """Return what a file will lie beside; without a workspace, the built-in words alone."""
    if root is None:
        corpus = Corpus()
        corpus.add(packed([]))
    else:
        corpus = read_workspace(root, without=shown)
    return Surroundings(corpus, corpus.models("Team"), shown)


def fit(drafts: Sequence[Draft], around: Surroundings) -> list[Remark]:
    """Take out of the drafts what the workspace refuses, and return a remark for each.

    Raises:
        InvalidPolicyError: If a fault cannot be mended by leaving something out.
    """
    remarks: list[Remark] = []
    for _ in range(_MOST_ROUNDS):
        text = to_text(drafts)
        corpus = around.corpus.beside(SourceFile(around.shown, text.encode()))
        nodes = [each.node for each in corpus.documents if each.file == around.shown]
        examine(corpus)
        own = [fault for fault in corpus.faults if fault.position.file == around.shown]
        if not own:
            return remarks
        remarks += _leave_out(drafts, nodes, own)
    raise InvalidPolicyError(as_errors(own, corpus.lines()))


def _leave_out(
    drafts: Sequence[Draft], nodes: Sequence[Mapping], faults: Sequence[Fault]
) -> list[Remark]:
    remarks: list[Remark] = []
    hopeless: list[Fault] = []
    gone: list[tuple[str, Path]] = []
    for fault in sorted(set(faults), reverse=True):  # from the end, so that list places stay
        draft, path = _locate(drafts, nodes, fault.position)
        if not path or path[0] in ("id", "kind", "apiVersion"):
            hopeless.append(Fault(draft.position, fault.problem, fault.remedy))
        elif not any(draft.id == known and path[: len(up)] == up for known, up in gone):
            gone.append((draft.id, path))
            key = f"{draft.id}.{'.'.join(str(step) for step in path)}"
            remarks.append(Remark(draft.place(path), key, Fate.LOST, fault.problem))
            draft.drop(path)
    if hopeless:
        raise InvalidPolicyError(as_errors(hopeless, {}))
    return remarks


def _locate(
    drafts: Sequence[Draft], nodes: Sequence[Mapping], position: Position
) -> tuple[Draft, Path]:
    """Return the draft that wrote a position, and the path of the value that stands there."""
    for draft, node in zip(drafts, nodes, strict=True):
        path = _path_to(node, position)
        if path is not None:
            return draft, path
    return drafts[0], ()


def _path_to(node: Node, position: Position) -> Path | None:
    children: list[tuple[str | int, Position, Node]] = []
    if isinstance(node, Mapping):
        children = [(key, entry.key, entry.value) for key, entry in node.entries.items()]
    elif isinstance(node, ListNode):
        children = [(index, item.position, item) for index, item in enumerate(node.items)]
    for step, place, child in children:
        inner = _path_to(child, position)
        if inner is not None:
            return (step, *inner)
        if position in (place, child.position):
            return (step,)
    return () if node.position == position else None
