"""What a folder's ``_defaults.yaml`` hands down, also where no dataset of today inherits it.

A dataset that is declared there one day would have it. Folders are compared by what counts in
them in the end, so that a default may move to another level, and a folder may be renamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from governance.model.policy import EffectivePolicy
from governance.policy.comparison.change import Difference, Value
from governance.policy.files import folders_above

KIND = "Defaults"
Handed = dict[str, Value]


def folder_differences(base: EffectivePolicy, head: EffectivePolicy) -> Iterator[Difference]:
    """Yield what the defaults of a folder hand down otherwise, by their file and key."""
    kept = [_handed(head, file) for file in head.folders]
    for file in sorted(base.folders.keys() | head.folders.keys()):
        before, after = _handed(base, file), _handed(head, file)
        if not _is_used(base, file) or (not _is_used(head, file) and before in kept):
            continue
        for key in sorted(before.keys() | after.keys()):
            old, new = before.get(key), after.get(key)
            if old != new and file in (_writer(base, file, key), _writer(head, file, key)):
                yield Difference(KIND, file, (key,), old, new)


def heirs(policy: EffectivePolicy, file: str) -> Iterator[str]:
    """Yield the datasets that lie in the folder of a defaults file, or below it."""
    for name in policy.datasets:
        position = policy.position("Dataset", name)
        if position is not None and file in folders_above(position.file):
            yield name


def _handed(policy: EffectivePolicy, file: str) -> Handed:
    """Return what counts for a dataset in the folder of a defaults file."""
    found: Handed = _sorted(policy.project.defaults.dataset.model_dump(mode="json"))
    for level in folders_above(file):
        if level in policy.folders:
            own = policy.folders[level].model_dump(mode="json", exclude_unset=True)
            for key, value in _sorted(own).items():
                above = found.get(key)
                # A retention has from above what it leaves unsaid.
                found[key] = above | value if isinstance(above, dict) else value
    return found


def _sorted(dumped: Handed) -> Handed:
    said = {key: value for key, value in dumped.items() if value is not None}
    return {key: sorted(value) if isinstance(value, list) else value for key, value in said.items()}


def _writer(policy: EffectivePolicy, file: str, key: str) -> str | None:
    """Return the defaults file whose word counts for a key in a folder."""
    levels = [each for each in folders_above(file) if each in policy.folders]
    said = (each for each in reversed(levels) if getattr(policy.folders[each], key) is not None)
    return next(said, None)


def _is_used(policy: EffectivePolicy, file: str) -> bool:
    """Whether anything but the defaults lies in the folder, so that a dataset may too."""
    folder = PurePosixPath(file).parent
    return any(
        PurePosixPath(each.path).is_relative_to(folder)
        for each in policy.files
        if each.path not in policy.folders and not each.path.startswith("pack:")
    )
