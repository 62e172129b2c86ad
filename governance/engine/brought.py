"""The data and model files that a change brings: read from git, measured, judged with the rest.

The checkout is not touched: what the commits hold is written to a folder of its own and read
there. A model file is never loaded: what loads a pickle runs it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from governance.engine.declared import declared_assets
from governance.engine.workspace import Workspace
from governance.errors import GovernanceError
from governance.model.asset import Asset, AssetKind, Place
from governance.model.coverage import Coverage
from governance.model.facts import AssetFacts, PlaceFacts
from governance.model.measured import Stored
from governance.model.policy import EffectivePolicy
from governance.policy.commits import Changed, Fork, changed_files, write_blob
from governance.sources.kinds import HEAD_BYTES, FileKind, kind_of

if TYPE_CHECKING:
    from governance.engine.check import CheckRequest

_FILE_BYTES = 1024**3
_ALL_BYTES = 4 * 1024**3
_FILES = 2_000
_LFS = b"version https://git-lfs"
_MODEL = "a model file: nothing of it is loaded, and no control examines it yet"


@dataclass(frozen=True)
class Brought:
    """What a change brings.

    Args:
        facts: Of whole places, and of what nothing declares. parts: Of files that belong to
            places of many; the stored facts of the others stay. notes: What a reader must know.
    """

    facts: tuple[AssetFacts, ...] = ()
    parts: tuple[AssetFacts, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Folder:
    """Where the files of the change lie.

    Args:
        root: The workspace's place in it. quiet: Files that count only if something is in them.
    """

    root: Path
    data: list[str]
    quiet: set[str]
    models: list[str]
    unread: list[tuple[str, str]]
    unknown: int = 0


def scan_brought(
    request: CheckRequest, fork: Fork, policy: EffectivePolicy, stored: Stored
) -> Brought:
    """Return what the change brings, measured; nothing is imported for it where it brings none.

    Raises:
        UsageError: If git cannot tell.
    """
    workspace = replace(request.workspace, policy=policy)
    top, changed = changed_files(workspace.root, fork)
    if not changed:
        return Brought()
    with TemporaryDirectory(prefix="governance-change-") as name:
        folder = _lay(changed, top, workspace, Path(name).resolve())
        if not folder.data and not folder.models and not folder.unread:
            return Brought(notes=tuple(_notes(folder, 0)))
        facts, parts = _measured(folder, workspace, request, stored) if folder.data else ([], [])
        facts += [_unread(uri, AssetKind.MODEL, _MODEL) for uri in folder.models]
        facts += [_unread(uri, AssetKind.DATASET, reason) for uri, reason in folder.unread]
    notes = _notes(folder, len(facts) + len(parts))
    return Brought(tuple(facts), tuple(parts), tuple(notes))


def _lay(changed: Sequence[Changed], top: Path, workspace: Workspace, into: Path) -> _Folder:
    """Write the files that may be data into a folder, laid as the repository lays them."""
    project = workspace.policy.project.id
    inside = PurePosixPath(workspace.root.resolve().relative_to(top.resolve()))
    folder = _Folder(into / inside, [], set(), [], [])
    folder.root.mkdir(parents=True, exist_ok=True)
    size = 0
    for each in changed:
        uri = _uri(each.path, inside)
        if each.blob is None:
            continue
        size += each.size
        if each.size > _FILE_BYTES or size > _ALL_BYTES or len(folder.data) >= _FILES:
            folder.unread.append((uri, "too much for a check: scan it, and export the facts"))
            continue
        target = into / each.path
        write_blob(top, each.blob, target)
        _sort(folder, uri, each.path, target, project)
    return folder


def _sort(folder: _Folder, uri: str, path: str, target: Path, project: str) -> None:
    with target.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    kind = FileKind.OTHER if _is_ours(head, target, project) else kind_of(path, head)
    if head.startswith(_LFS) and kind is not FileKind.OTHER:
        reason = "a pointer of Git LFS: what it stands for is not in the repository"
        folder.unread.append((uri, reason))
    elif kind is FileKind.MODEL:
        folder.models.append(uri)
    elif kind in (FileKind.DATA, FileKind.TEXT) and head:
        folder.data.append(uri)
        folder.quiet |= {uri} if kind is FileKind.TEXT or uri.endswith(".json") else set()
        return
    elif kind is FileKind.UNKNOWN:
        folder.unknown += 1
    target.unlink()


def _is_ours(head: bytes, path: Path, project: str) -> bool:
    """Return whether it is exported facts, or a baseline, to the last line."""
    try:
        if head.startswith(b'{"facts":"governance/'):
            from governance.facts.parsing import Origin, parse_records

            return bool(parse_records(path.read_bytes(), Origin(path.name, project)))
        if head.startswith(b'{"schema": "governance/baseline/'):
            from governance.engine.baseline import parse_baseline

            return parse_baseline(path.name, path.read_bytes()) is not None
    except GovernanceError:
        return False
    return False


def _measured(
    folder: _Folder, workspace: Workspace, request: CheckRequest, stored: Stored
) -> tuple[list[AssetFacts], list[AssetFacts]]:
    from governance.engine.lens import Lens
    from governance.engine.naming import Names
    from governance.engine.pool import examine_all
    from governance.sources.inventory import uris_of
    from governance.sources.limits import ReadLimits

    there = replace(workspace, root=folder.root)
    declared = list(_declared(folder, workspace, stored))
    covered = {uri for asset, _ in declared for place in asset.places
               for uri in uris_of(place, folder.root)}  # fmt: skip
    shadow = list(_undeclared(folder, covered, request.secret))
    lens = Lens(there, request.secret, Names(there.policy, request.secret), ReadLimits())
    assets = [*(asset for asset, _ in declared), *shadow]
    found = examine_all(assets, lens, workers=request.workers, progress=lambda *_: None)
    facts = [each.facts for each in found]
    whole = [each for each, (_, is_whole) in zip(facts, declared, strict=False) if is_whole]
    parts = [each for each, (_, is_whole) in zip(facts, declared, strict=False) if not is_whole]
    undeclared = [each for each in facts[len(declared) :] if _counts(each, folder)]
    return [*whole, *undeclared], parts


def _declared(
    folder: _Folder, workspace: Workspace, stored: Stored
) -> Iterator[tuple[Asset, bool]]:
    """Yield each declared asset with the places that the change touches: whole ones and parts."""
    from governance.sources.paths import find_files

    measured = {
        (record.facts.asset.id, read.place)
        for record in stored.records for read in record.facts.places
    }  # fmt: skip
    for asset in declared_assets(workspace.policy):
        sides: dict[bool, list[Place]] = {True: [], False: []}
        for place in asset.places:
            here = {file.name for file in find_files(place.uri, folder.root, confined=True).files}
            if not here:
                continue
            all_files = find_files(place.uri, workspace.root, confined=True).files
            is_whole = {file.name for file in all_files} <= here
            if is_whole or (asset.id, place.name) in measured:
                sides[is_whole].append(place)
        for is_whole, places in sides.items():
            if places:
                yield replace(asset, places=tuple(places)), is_whole


def _undeclared(folder: _Folder, covered: set[str], secret: bytes) -> Iterator[Asset]:
    from governance.engine.inventory import undeclared_asset
    from governance.sources.discovery import discover

    for uri in folder.data:
        for place in discover(uri, folder.root):
            if place.uri not in covered and uri not in covered:
                yield undeclared_asset(place, secret)


def _counts(facts: AssetFacts, folder: _Folder) -> bool:
    """Return whether a file is told of: text is, when something is in it or it was not read."""
    if all(place.opened_as.partition("#")[0] not in folder.quiet for place in facts.asset.places):
        return True
    fields = [each for read in facts.places for each in read.fields]
    return not facts.is_complete or any(each.contains or each.verdict for each in fields)


def _unread(uri: str, kind: AssetKind, reason: str) -> AssetFacts:
    from governance.sources.names import told_path

    told = told_path(uri)
    asset = Asset(told, kind, (Place("here", told),), declared=False)
    return AssetFacts(asset, (PlaceFacts("here", told, Coverage.skipped(reason)),))


def _notes(folder: _Folder, count: int) -> Iterator[str]:
    if count:
        yield f"{count} data or model files of the change were looked at, as HEAD holds them"
    if folder.unknown:
        yield f"{folder.unknown} binary files of the change are of no known kind: not looked into"


def _uri(path: str, inside: PurePosixPath) -> str:
    """Return a path of the repository as the workspace spells it."""
    return PurePosixPath(os.path.relpath(path, str(inside))).as_posix()
