"""Examine many assets on several cores. Evidence is the same for any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from governance.engine.examine import Examined, Lens, examine_asset
from governance.model.asset import Asset
from governance.model.coverage import Coverage
from governance.model.facts import AssetFacts, PlaceFacts

# A worker takes about two seconds to start; fewer assets than this are read sooner here.
_WORTH_A_POOL = 4
_CRASHED = "the process that read it was killed, by its content or for want of memory"

Progress = Callable[[int, int, str], None]
_lens: Lens | None = None


def examine_all(
    assets: Sequence[Asset], lens: Lens, *, workers: int, progress: Progress
) -> tuple[Examined, ...]:
    """Return what each asset held, in the order of ``assets``.

    An asset whose worker dies is skipped with that reason; the others go on.
    """
    readable = [asset for asset in assets if asset.places]
    if workers < 2 or len(readable) < _WORTH_A_POOL:
        found = _here(readable, lens, progress)
    else:
        found = _spread(readable, lens, workers, progress)
    examined = dict(found)
    return tuple(examined.get(asset.id) or Examined(AssetFacts(asset)) for asset in assets)


def _here(
    assets: Sequence[Asset], lens: Lens, progress: Progress
) -> Iterator[tuple[str, Examined]]:
    for done, asset in enumerate(assets):
        progress(done, len(assets), asset.id)
        yield asset.id, examine_asset(asset, lens)


def _spread(
    assets: Sequence[Asset], lens: Lens, workers: int, progress: Progress
) -> Iterator[tuple[str, Examined]]:
    """Read on several cores; what a dead worker took with it is read again one by one."""
    lost = []
    # NOTE: spawn, because a forked copy of Arrow's thread pool can hang.
    with ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (lens,)) as pool:
        waiting = {pool.submit(_examine, asset): asset for asset in assets}
        for done, future in enumerate(as_completed(waiting)):
            asset = waiting[future]
            progress(done, len(assets), asset.id)
            try:
                yield asset.id, future.result()
            except BrokenProcessPool:
                lost.append(asset)
    for asset in lost:
        yield asset.id, _alone(asset, lens)


def _alone(asset: Asset, lens: Lens) -> Examined:
    """Read an asset in a process of its own, so that it can only take itself down."""
    with ProcessPoolExecutor(1, get_context("spawn"), _start_worker, (lens,)) as pool:
        try:
            return pool.submit(_examine, asset).result()
        except BrokenProcessPool:
            places = tuple(
                PlaceFacts(place.name, place.uri, Coverage.skipped(_CRASHED))
                for place in asset.places
            )
            return Examined(AssetFacts(asset, places))


def _start_worker(lens: Lens) -> None:
    global _lens
    _lens = lens


def _examine(asset: Asset) -> Examined:
    if _lens is None:
        raise RuntimeError("a worker was not started through _start_worker")
    return examine_asset(asset, _lens)
