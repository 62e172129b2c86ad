"""The process that reads: what it may use, and what becomes of it when it asks for more.

A file can crash a parser, or make it take all memory or all time there is. So files are read in
processes of their own, with limits that the system enforces; the scan itself never opens one.
"""

from __future__ import annotations

import contextlib
import os
import resource
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from governance.engine.collecting import collect_seldom
from governance.engine.lens import Lens
from governance.engine.measured import Measured, Share
from governance.model.asset import Asset, Place
from governance.sources.beginning import Growth

_MIB = 1024 * 1024
# What libraries need to find their files and speak the right language; no secret is among them.
_ENVIRONMENT = (
    "HF_HOME", "HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "STANZA_RESOURCES_DIR", "TMPDIR",
    "TZ", "VIRTUAL_ENV",
)  # fmt: skip
_NEARLY = 128 * _MIB
OUT_OF_MEMORY = "needs more memory than is allowed"


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one process may use for one place.

    Args:
        memory_bytes: Address space, beyond what the libraries take once they are loaded.
        file_bytes: Size of a temporary file.
        seconds: Time for a small place. bytes_a_second: A larger one may take longer; nothing
            that works is this slow.
    """

    memory_bytes: int = 3 * 1024 * _MIB
    file_bytes: int = 4 * 1024 * _MIB
    seconds: float = 300.0
    bytes_a_second: int = 100_000

    def seconds_for(self, size: int) -> float:
        """Return the seconds that a place of so many bytes may take."""
        return self.seconds + size / self.bytes_a_second


@dataclass(frozen=True, slots=True)
class Task:
    """A share of one place to examine.

    Args:
        size: Of its files in bytes. growth: What an earlier run measured of it.
    """

    asset: Asset
    place: Place
    share: Share
    size: int = 0
    growth: Growth | None = None

    def measure(self, lens: Lens) -> Measured:
        """Read the place and return what the share holds."""
        # NOTE: the process that only hands tasks out loads nothing that reads.
        from governance.engine.examine import examine_share

        return examine_share(self.asset, self.place, lens, self.share, self.growth)


def work(connection: Connection, lens: Lens, limits: WorkerLimits) -> None:
    """Answer every task with what was measured, or with the exception that it raised."""
    _confine(limits)
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            answer: Measured | Exception = task.measure(lens)
        except MemoryError:
            answer = Measured.skipped(OUT_OF_MEMORY)
        # NOTE: any Exception: one that ended this process would be taken for a file that kills its
        # reader, and so hide a fault of the tool. The scan raises it again in its own process. A
        # library that gets no memory may fail in any way.
        except Exception as fault:  # noqa: BLE001 (for that reason)
            answer = Measured.skipped(OUT_OF_MEMORY) if _is_full() else fault
        connection.send(answer)


def _confine(limits: WorkerLimits) -> None:
    # NOTE: here, for the process that hands the tasks out spares itself what examines; and first,
    # for what is set in the environment tells these libraries how much room to reserve.
    from governance.detectors.examine import load_libraries
    from governance.engine import examine  # noqa: F401

    collect_seldom()
    for name in set(os.environ) - set(_ENVIRONMENT):
        del os.environ[name]
    # NOTE: a library that is loaded by half, for want of memory, fails in ways that nobody can tell
    # apart from a fault of the tool.
    load_libraries()
    for kind, wanted in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, _address_space() + limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
    ):
        _, most = resource.getrlimit(kind)
        amount = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        # A system that knows no such limit, or refuses it, leaves the others in force.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))


def _is_full() -> bool:
    """Return whether the process is about to use all the address space that it may."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    return most != resource.RLIM_INFINITY and _address_space() + _NEARLY > most


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError):  # a system without it: the limit stands alone
        return 0
    return pages * resource.getpagesize()
