"""How out-of-tree detectors join those of the registry. Naming them loads none."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from governance.errors import DetectionError

if TYPE_CHECKING:
    from governance.detectors.base import Detector

GROUP = "governance.detectors"


def load_plugins(points: Iterable[EntryPoint] | None = None) -> tuple[Detector, ...]:
    """Return the out-of-tree detectors of the entry point group, sorted by id.

    Raises:
        DetectionError: If one cannot be loaded, is no detector, or takes a built-in's id.
    """
    from governance.detectors.registry import DETECTORS

    taken = {make().id for make in DETECTORS}
    loaded: dict[str, Detector] = {}
    for point in points if points is not None else entry_points(group=GROUP):
        detector = _load(point)
        if detector.id in taken or detector.id in loaded:
            raise DetectionError(
                where=f"entry point {point.name}",
                problem=f"detector id '{detector.id}' is taken",
                remedy="give the detector another id",
            )
        loaded[detector.id] = detector
    return tuple(loaded[name] for name in sorted(loaded))


def _load(point: EntryPoint) -> Detector:
    from governance.detectors.base import Detector

    try:
        detector = point.load()()
    except (ImportError, AttributeError, TypeError) as cause:
        raise DetectionError(
            where=f"entry point {point.name}",
            problem=f"cannot load it ({type(cause).__name__})",
            remedy="mend or uninstall the package that brings it",
        ) from cause
    if not isinstance(detector, Detector):
        raise DetectionError(
            where=f"entry point {point.name}",
            problem="it is not a detector",
            remedy="give it all attributes of governance.detectors.base.Detector",
        )
    return detector
