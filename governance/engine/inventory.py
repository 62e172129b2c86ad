"""Which assets a run looks at: the declared ones, and what lies beside them undeclared."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from governance.detectors.privacy import withheld_name
from governance.engine.declared import TRAIL_ASSET, declared_assets
from governance.engine.targets import unknown
from governance.engine.workspace import Workspace
from governance.errors import NothingToDoError
from governance.model.asset import Asset, AssetKind, Place
from governance.sources.discovery import discover
from governance.sources.inventory import uris_of, watched_uris
from governance.sources.names import told_path


def take_inventory(
    workspace: Workspace, targets: Sequence[str], here: Path, secret: bytes
) -> tuple[Asset, ...]:
    """Return what a scan of ``targets`` looks at; no target is every declared asset.

    Args:
        targets: Asset ids, paths, folders or globs; paths are relative to ``here``.
        secret: The key of the fingerprints that stand for names which are themselves data.

    Raises:
        UsageError: If a target is neither a declared asset nor something on disk.
        NothingToDoError: If there is nothing to look at.
    """
    declared = declared_assets(workspace.policy) if workspace.declared else ()
    shadow = _undeclared(workspace, declared, secret)
    if not targets:
        chosen = (*declared, *shadow)
    else:
        known = {asset.id: asset for asset in (*declared, *shadow)}
        found = [_resolve(target, known, workspace, here, secret) for target in targets]
        chosen = tuple(dict.fromkeys(asset for group in found for asset in group))
    if not chosen:
        raise NothingToDoError(
            where=", ".join(targets) or str(workspace.root),
            problem="nothing to examine here, so nothing was checked",
            remedy="declare a dataset in the policy files, or name a file that holds data",
        )
    return (*chosen, TRAIL_ASSET)


def _undeclared(
    workspace: Workspace, declared: Sequence[Asset], secret: bytes
) -> tuple[Asset, ...]:
    """Return an asset for each file or table in a watched folder that nothing declares."""
    patterns = workspace.policy.project.watch
    covered = {
        uri
        for asset in declared
        for place in asset.places
        for uri in uris_of(place, workspace.root)
    }
    watched = watched_uris(patterns, workspace.root) if patterns else ()
    return tuple(
        undeclared_asset(Place("here", uri), secret) for uri in watched if uri not in covered
    )


def _resolve(
    target: str, known: dict[str, Asset], workspace: Workspace, here: Path, secret: bytes
) -> tuple[Asset, ...]:
    """Return the assets that one target names; a path of a declared place is that asset."""
    if target in known:
        return (known[target],)
    places = discover(target, here)
    if not places and not os.path.lexists(here / target) and not _is_glob(target):
        raise unknown(target)
    owners = {
        uri: asset
        for asset in known.values()
        for place in asset.places
        for uri in uris_of(place, workspace.root)
    }
    return tuple(
        owners.get(uri := _relative_uri(place.uri, here, workspace.root))
        or undeclared_asset(replace(place, uri=uri), secret)
        for place in places
    )


def undeclared_asset(place: Place, secret: bytes) -> Asset:
    """Return the asset of a file that nothing declares, under a name that holds no value."""
    told = told_path(place.uri, lambda name: withheld_name(name, secret))
    if told != place.uri:
        place = replace(place, uri=told, withheld=place.uri)
    return Asset(id=place.uri, kind=AssetKind.DATASET, places=(place,), declared=False)


def _relative_uri(uri: str, here: Path, root: Path) -> str:
    """Return a URI as the root spells it: relative inside of it, else absolute."""
    if here == root:
        return uri
    path, mark, member = uri.partition("#")
    absolute = Path(os.path.normpath(here.absolute() / path))
    inside = absolute.is_relative_to(root.absolute())
    spelled = absolute.relative_to(root.absolute()) if inside else absolute
    return f"{spelled.as_posix()}{mark}{member}"


def _is_glob(target: str) -> bool:
    return any(character in target for character in "*?[")
