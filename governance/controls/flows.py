"""The columns that jobs fill from other columns, and how sensitive what flows through them is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.controls.outcomes import first_lines
from governance.controls.subjects import shown_name
from governance.model.documents import Dataset
from governance.model.facts import ColumnEnd, ColumnFlow
from governance.model.ladders import Classification
from governance.model.policy import EffectivePolicy


@dataclass(frozen=True, slots=True)
class Path:
    """What one job carries from one column to another, over all events.

    Args:
        level: The tier of the clear data that arrives at the source; None when it has none.
        claim: Whether every event says that the values were masked.
    """

    job: str
    source: ColumnEnd
    target: ColumnEnd
    level: Classification | None
    claim: bool
    events: int
    where: str

    @property
    def subject(self) -> str:
        source = ".".join(part for part in (shown_end(self.source), self.source.field) if part)
        return f"{self.job} from {source}"


class ColumnGraph:
    """Column lineage as one graph: a column takes the tier of the clear data that reaches it.

    A column that jobs fill with masked data alone carries nothing that is clear, whatever its own
    tier is.
    """

    def __init__(self, policy: EffectivePolicy, flows: Iterable[ColumnFlow]) -> None:
        self._policy = policy
        # NOTE: a job that rewrites a column in place says nothing of where it came from.
        self.direct = tuple(flow for flow in flows if flow.direct and flow.source != flow.target)
        self._into: dict[tuple[str, str | None], list[ColumnFlow]] = {}
        for flow in self.direct:
            self._into.setdefault((flow.target.dataset, flow.target.field), []).append(flow)

    def level(self, end: ColumnEnd) -> Classification | None:
        """Return the highest tier of the clear data in a column; None when it has none.

        Data is followed back through every step that does not claim to mask it.
        """
        best: Classification | None = None
        seen: set[ColumnEnd] = set()
        waiting = [end]
        while waiting:
            column = waiting.pop()
            if column in seen:
                continue
            seen.add(column)
            arriving = self._arriving(column)
            clear = [flow for flow in arriving if flow.masking is not True]
            if arriving and not clear:
                continue
            best = _higher(best, self._own(column))
            waiting += [flow.source for flow in clear]
        return best

    def _arriving(self, column: ColumnEnd) -> list[ColumnFlow]:
        """Return what fills a column; an end without a place may be any place."""
        found = self._into.get((column.dataset, column.field), [])
        if column.place is None:
            return found
        return [flow for flow in found if flow.target.place in (None, column.place)]

    def _own(self, column: ColumnEnd) -> Classification | None:
        dataset = self._policy.datasets.get(column.dataset)
        return classification_of(dataset, column.field) if dataset else None


def paths_of(graph: ColumnGraph, flows: Sequence[ColumnFlow]) -> list[Path]:
    """Return flows joined by job, source and target, in a fixed order."""
    groups: dict[tuple[str, ColumnEnd, ColumnEnd], list[ColumnFlow]] = {}
    for flow in flows:
        job = flow.pipeline or shown_name(flow.job) or "a job whose name is not shown"
        groups.setdefault((job, flow.source, flow.target), []).append(flow)
    return [
        Path(
            job=job,
            source=source,
            target=target,
            level=graph.level(source),
            claim=all(flow.masking is True for flow in group),
            events=sum(flow.count for flow in group),
            where=_where(group),
        )
        for (job, source, target), group in sorted(groups.items(), key=lambda it: repr(it[0]))
    ]


def shown_end(end: ColumnEnd) -> str:
    """Return the dataset at an end of a flow as it may be shown."""
    return end.dataset if end.declared else shown_name(end.dataset) or "a name that is not shown"


def classification_of(dataset: Dataset, field: str | None) -> Classification | None:
    """Return the tier of a column, or of the dataset where the column has none of its own."""
    spec = dataset.fields.get(field or "")
    return (spec.classification if spec else None) or dataset.classification


def lower(one: Classification | None, than: Classification) -> bool:
    """Return whether a tier is lower than another; no tier is lower than each."""
    return one is None or one.rank < than.rank


def _higher(one: Classification | None, other: Classification | None) -> Classification | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda tier: tier.rank)


def _where(flows: Sequence[ColumnFlow]) -> str:
    logs: dict[str, set[int]] = {}
    for flow in flows:
        logs.setdefault(flow.log, set()).update(flow.lines)
    return "; ".join(f"{log} {first_lines(sorted(logs[log]))}".strip() for log in sorted(logs))
