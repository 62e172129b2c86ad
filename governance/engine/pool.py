"""Examine many places on several cores. Evidence is the same for any number of workers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from governance.engine.growth import Growing, completed, keep
from governance.engine.lens import Examined, Lens, is_divisible
from governance.engine.measured import Measured, Share, join_asset
from governance.engine.worker import Task, WorkerLimits, work
from governance.model.asset import Asset, AssetKind, Place, PlaceType
from governance.model.facts import AssetFacts
from governance.sources.beginning import NOTHING
from governance.sources.paths import find_files

# A place this large is examined in shares, by all workers.
SHARED_BYTES = 32 * 1024 * 1024
# A worker takes about two seconds to start. Few and small texts are read sooner here: their
# parsers are written in Python and cannot crash.
_SMALL_BYTES = 1024 * 1024
_TEXTS = frozenset({PlaceType.CSV, PlaceType.JSON, PlaceType.JSONL, PlaceType.TEXT})
_CRASHED = "the process that read it was killed, by its content or for want of memory"

Progress = Callable[[int, int, str], None]
Where = tuple[str, str]


def examine_all(
    assets: Sequence[Asset],
    lens: Lens,
    *,
    workers: int,
    progress: Progress,
    limits: WorkerLimits | None = None,
    growing: Mapping[Where, Growing] | None = None,
) -> tuple[Examined, ...]:
    """Return what each asset held, in the order of ``assets``.

    A place whose worker dies, or takes too long, is skipped with that reason; the others go on.

    Args:
        growing: The places of which an earlier run may have measured the beginning, or a later one
            may want to know it, by the asset's id and the place's name.

    Raises:
        Exception: What examining a place raised, if it was no fault of the place.
    """
    grown = growing or {}
    tasks = [task for asset in assets for task in _tasks(asset, lens, workers, grown)]
    if _is_little(tasks):
        found = _here(tasks, lens, progress)
    else:
        crew = min(workers, len(tasks))
        found = _spread(tasks, lens, crew, progress, limits or WorkerLimits())
    desk = _Desk(lens, grown, Counter(task.asset.id for task in tasks))
    for task, each in found:
        desk.put(task, each)
    return tuple(desk.done.get(asset.id) or Examined(AssetFacts(asset)) for asset in assets)


@dataclass
class _Desk:
    """Where shares lie until their asset is whole; then only its facts are held on to.

    Args:
        open: Tasks that are not done, by asset.
    """

    lens: Lens
    growing: Mapping[Where, Growing]
    open: Counter[str]
    done: dict[str, Examined] = field(default_factory=dict)
    _measured: dict[Where, Measured] = field(default_factory=dict)

    def put(self, task: Task, found: Measured) -> None:
        """Take in what a task found."""
        asset, where = task.asset, (task.asset.id, task.place.name)
        before = self._measured.get(where)
        self._measured[where] = before.merge(found) if before else found
        self.open[asset.id] -= 1
        if not self.open[asset.id]:
            self.done[asset.id] = self._joined(asset)

    def _joined(self, asset: Asset) -> Examined:
        measured: list[Measured] = []
        kept: dict[str, bytes] = {}
        taken_over: list[tuple[str, int]] = []
        for place in asset.places:
            where = (asset.id, place.name)
            growing, found = self.growing.get(where), self._measured.pop(where)
            if growing:
                found = completed(found, growing.earlier, self.lens.key)
                if growing.earlier and found.beginning != NOTHING:
                    taken_over.append((growing.earlier.run, found.beginning.all_rows))
                packed = keep(found, growing, self.lens.key)
                kept |= {place.name: packed} if packed else {}
            measured.append(found)
        examined = join_asset(asset, measured, self.lens.explain)
        return replace(examined, kept=kept, taken_over=tuple(taken_over))


def _tasks(
    asset: Asset, lens: Lens, workers: int, growing: Mapping[Where, Growing]
) -> Iterator[Task]:
    for place in asset.places:
        size = _size(place, lens)
        shared = size >= SHARED_BYTES and is_divisible(place) and asset.kind is AssetKind.DATASET
        count = workers if shared else 1
        known = growing.get((asset.id, place.name))
        for index in range(count):
            yield Task(asset, place, Share(index, count), size, known.growth if known else None)


def _size(place: Place, lens: Lens) -> int:
    total = 0
    for file in find_files(place.opened_as, lens.workspace.root, confined=place.confined).files:
        try:
            total += 0 if file.problem else file.path.stat().st_size
        except OSError:
            continue  # the reading will say why
    return total


def _is_little(tasks: Sequence[Task]) -> bool:
    small = sum(task.size for task in tasks) <= _SMALL_BYTES
    return small and all(task.place.type in _TEXTS for task in tasks)


def _here(tasks: Sequence[Task], lens: Lens, progress: Progress) -> Iterator[tuple[Task, Measured]]:
    for done, task in enumerate(tasks):
        progress(done, len(tasks), task.asset.id)
        yield task, task.measure(lens)


def _spread(
    tasks: Sequence[Task], lens: Lens, crew: int, progress: Progress, limits: WorkerLimits
) -> Iterator[tuple[Task, Measured]]:
    """Give each worker one task at a time, so that a death tells which place caused it."""
    # NOTE: the largest first, so that no core waits for the last one at the end.
    waiting = sorted(tasks, key=lambda task: -task.size)[::-1]
    workers = [_Worker(lens, limits) for _ in range(crew)]
    done = 0
    try:
        while waiting or any(worker.task for worker in workers):
            for worker in workers:
                if worker.task is None and waiting:
                    worker.give(waiting.pop())
            for worker in _ready(workers):
                task, measured = worker.take()
                done += 1
                progress(done, len(tasks), task.asset.id)
                yield task, measured
    finally:
        for worker in workers:
            worker.stop()


def _ready(workers: Sequence[_Worker]) -> list[_Worker]:
    """Wait for an answer, a death, or the end of somebody's time; return whom it concerns."""
    busy = {worker.connection: worker for worker in workers if worker.task}
    first = min(worker.until for worker in busy.values())
    answered = wait(list(busy), max(0.0, first - time.monotonic()))
    if answered:
        return [busy[each] for each in answered if isinstance(each, Connection)]
    return [worker for worker in busy.values() if worker.until <= time.monotonic()]


@dataclass
class _Process:
    process: BaseProcess
    connection: Connection


class _Worker:
    """A process and the task it has; a dead or slow one is replaced."""

    def __init__(self, lens: Lens, limits: WorkerLimits) -> None:
        self._lens = lens
        self._limits = limits
        self._running = self._start()
        self.task: Task | None = None
        self.until = 0.0

    @property
    def connection(self) -> Connection:
        return self._running.connection

    def give(self, task: Task) -> None:
        """Hand over a task."""
        self.task = task
        self.until = time.monotonic() + self._limits.seconds_for(task.size)
        try:
            self.connection.send(task)
        except OSError:  # it died between two tasks; reading its answer will tell
            return

    def take(self) -> tuple[Task, Measured]:
        """Return the task with its answer, or with the reason why there is none.

        Raises:
            Exception: What the worker raised.
        """
        task = self.task
        if task is None:
            raise RuntimeError("the worker has no task")
        self.task = None
        late = self.until <= time.monotonic() and not self.connection.poll()
        if late:
            self._replace()
            return task, Measured.skipped(
                f"took longer than {self._limits.seconds_for(task.size):.0f} s"
            )
        try:
            answer = self.connection.recv()
        except (EOFError, OSError):
            self._replace()
            return task, Measured.skipped(_CRASHED)
        if isinstance(answer, Exception):
            raise answer
        return task, answer

    def stop(self) -> None:
        """End the process."""
        self._running.connection.close()
        self._running.process.kill()
        self._running.process.join()

    def _replace(self) -> None:
        self.stop()
        self._running = self._start()

    def _start(self) -> _Process:
        # NOTE: spawn, because a forked copy of Arrow's thread pool can hang, and inherits secrets.
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, self._lens, self._limits), daemon=True)
        process.start()
        theirs.close()
        return _Process(process, ours)
