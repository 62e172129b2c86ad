"""A workspace as the engine sees it: its effective policy, and where its state lives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from governance.errors import NothingToDoError
from governance.model.policy import EffectivePolicy
from governance.model.rules import PatternDetector
from governance.policy.corpus import Memory
from governance.policy.workspace import find_workspace, load_builtin, load_workspace

STATE_FOLDER = ".governance"


@dataclass(frozen=True)
class Workspace:
    """A folder with ``governance.yaml``, or the current folder for an ad hoc scan.

    Args:
        root: What relative paths are relative to.
        policy: The effective policy; the baseline pack alone when nothing is declared.
        declared: Whether there is a ``governance.yaml``.
    """

    root: Path
    policy: EffectivePolicy
    declared: bool

    @property
    def state(self) -> Path:
        """The folder of the trail and the facts."""
        return self.root / STATE_FOLDER

    @property
    def trail(self) -> Path:
        return self.state / "trail.db"

    @property
    def facts(self) -> Path:
        return self.state / "facts.db"


def open_workspace(
    start: Path,
    *,
    explicit: bool = False,
    memory: Memory | None = None,
) -> Workspace:
    """Load the workspace that holds ``start``.

    Args:
        explicit: ``start`` was named as the workspace itself; do not look further up.
        memory: What policy files of the same bytes were found to say before.

    The detectors that the workspace itself writes are tried; those of the packs are tried by our
    own tests, and whoever reads data makes all of them ready.

    Raises:
        InvalidPolicyError: With every error of every policy file.
        DetectionError: If a detector's pattern cannot be used.
        NothingToDoError: If there is no ``governance.yaml``.
    """
    root = start if explicit and (start / "governance.yaml").is_file() else None
    root = root or (None if explicit else find_workspace(start))
    if root is None:
        raise NothingToDoError(
            where=str(start),
            problem="no policy here: there is no governance.yaml, so nothing was checked",
            remedy="run 'governance init' to start one, or name the data: 'governance scan PATH'",
        )
    # NOTE: whoever only compares policies needs no controls.
    from governance.controls.registry import CONTROLS

    known = frozenset(control.id for control in CONTROLS)
    policy = load_workspace(root, known_controls=known, memory=memory)
    if tried := _own_detectors(policy):
        from governance.detectors.patterns import yaml_detectors

        yaml_detectors(tried)  # a pattern that cannot run stops the run, not an asset
    return Workspace(root, policy, declared=True)


def _own_detectors(policy: EffectivePolicy) -> dict[str, PatternDetector]:
    written = (
        path.removeprefix("detectors.")
        for (kind, _), paths in policy.origins.items()
        if kind == "Detectors" and not paths[""].position.file.startswith("pack:")
        for path in paths
    )
    return {name: policy.detectors[name] for name in written if name in policy.detectors}


def open_ad_hoc(folder: Path) -> Workspace:
    """Return a workspace of the baseline pack alone, for data that nobody declared."""
    return Workspace(folder, load_builtin(), declared=False)
