"""The key figures of a period, each beside the one before it and its target."""

from __future__ import annotations

from governance.reporting.documents import Evidence, RunDocument
from governance.reporting.findings import count_open
from governance.reporting.inventory import view_coverage
from governance.reporting.parts import Kpi


def list_kpis(evidence: Evidence) -> tuple[Kpi, ...]:
    """Numbers of the basis run beside those of the run that the period is compared with."""
    if evidence.basis is None:
        return ()
    now = _measure(evidence.basis)
    before = _measure(evidence.previous) if evidence.previous else {}
    return tuple(
        Kpi(
            label,
            value,
            before.get(label),
            _RISING_IS_BAD.get(label),
            whole := now.get(_PART_OF.get(label, "")),
            whole if label in _PART_OF else 0 if _RISING_IS_BAD.get(label) else None,
        )
        for label, value in now.items()
    )


_RISING_IS_BAD = {
    "Assets governed": None,
    "Places read completely": False,
    "Checks passed": False,
    **dict.fromkeys(("Critical", "High", "Medium", "Low", "Gaps", "Waived", "Not evaluated"), True),
}
_PART_OF = {"Places read completely": "Places", "Checks passed": "Checks"}


def _measure(document: RunDocument) -> dict[str, int]:
    coverage = view_coverage(document)
    statuses = document.counting.statuses
    findings = {name.capitalize(): count for name, count in count_open(document)}
    gaps = findings.pop("Gap")
    return {
        "Assets governed": len({asset["id"] for asset in document.rows("assets")}),
        "Places": coverage.places,
        "Places read completely": coverage.complete,
        "Rows read": coverage.rows,
        "Checks": statuses.total() - statuses["not_applicable"],
        "Checks passed": statuses["pass"],
        **findings,
        "Gaps": gaps,
        "Waived": statuses["waived"],
        "Not evaluated": statuses["not_evaluated"],
    }
