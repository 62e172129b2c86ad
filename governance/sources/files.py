"""One file of a place: opened, unpacked, recognised and read; what goes wrong is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from governance.errors import SourceError
from governance.model.asset import Place, PlaceType
from governance.model.coverage import Coverage, CoverageStatus
from governance.sources.archives import FAULTS, Opened, open_all
from governance.sources.beginning import NOTHING, Beginning, FileRead
from governance.sources.limits import ReadLimits
from governance.sources.paths import Found, FoundFile, open_regular
from governance.sources.registry import source_of
from governance.sources.sniffing import find_type, refuse_unread
from governance.sources.source import Job, Part
from governance.sources.spool import spooled
from governance.sources.tally import Tally

_FORMATS = {
    PlaceType.AVRO: "an Avro file",
    PlaceType.DUCKDB: "a DuckDB database",
    PlaceType.EXCEL: "an Excel workbook",
    PlaceType.FEATHER: "a Feather file",
    PlaceType.JSON: "JSON",
    PlaceType.OPENLINEAGE: "OpenLineage",
    PlaceType.ORC: "an ORC file",
    PlaceType.PARQUET: "a Parquet file",
    PlaceType.SQLITE: "a SQLite database",
}
_NOTHING_MORE = Coverage(CoverageStatus.COMPLETE)
_WITH_TABLES = frozenset({PlaceType.DUCKDB, PlaceType.EXCEL, PlaceType.SQLITE})


@dataclass
class Account:
    """What was read of the files and members of a place so far.

    Args:
        lines: Physical lines of all of them.
        parts: Name and coverage of each.
        begun: What an earlier run read of the file at hand.
    """

    limits: ReadLimits
    lines: int = 0
    parts: list[tuple[str, Coverage]] = field(default_factory=list)
    begun: Beginning = NOTHING

    def close(self, name: str, tally: Tally) -> None:
        """Add what was read of one."""
        self.lines += tally.lines
        self.parts.append((name, tally.coverage()))

    def take_over(self, file: FileRead) -> None:
        """Add a file that an earlier run read to its end."""
        whole = Coverage(CoverageStatus.COMPLETE, None, file.rows, file.bytes)
        self.lines += file.lines
        self.parts += [("", whole)] + [("", _NOTHING_MORE)] * (file.parts - 1)

    def read_since(self, parts: int, lines: int) -> FileRead:
        """Return what was read since there were so many parts and lines."""
        read = [coverage for _, coverage in self.parts[parts:]]
        rows, size = sum(each.rows for each in read), sum(each.bytes for each in read)
        return FileRead(rows, size, self.lines - lines, len(read))


def read_file(file: FoundFile, found: Found, place: Place, account: Account) -> Iterator[Part]:
    """Yield the parts of a file, or of each file that it packs; whatever fails is accounted for.

    Args:
        found: The URI's table and member.
    """
    whole = Tally()
    before = len(account.parts)
    try:
        if file.problem is not None:
            raise SourceError(file.name, file.problem, "name another file")
        with open_regular(file) as stream:
            whole.bytes = os.fstat(stream.fileno()).st_size
            if whole.bytes:
                yield from _read_all(stream, file, found, place, (account, whole))
    except SourceError as fault:
        whole.stop(fault.problem)
    except OSError as fault:
        whole.stop(_told(fault))
    except FAULTS:
        whole.stop("a damaged archive")
    except (MemoryError, RecursionError):
        whole.stop("needs more memory than is allowed")
    if whole.stopped is not None or len(account.parts) == before:
        account.close(file.name, whole)


def _read_all(
    stream: BinaryIO, file: FoundFile, found: Found, place: Place, account: tuple[Account, Tally]
) -> Iterator[Part]:
    so_far, whole = account
    before = len(so_far.parts)
    for opened in open_all(stream, PurePosixPath(file.path), so_far.limits):
        if not _is_meant(opened.name, found.member):
            continue
        # NOTE: the bytes on disk are told once, with the first of what they hold.
        tally = Tally(bytes=whole.bytes)
        whole.bytes = 0
        yield from _guarded(opened, found.table, place, (so_far, tally))
        so_far.close(f"{file.name}{opened.name}", tally)
    if len(so_far.parts) == before:
        whole.stop("the archive has no such member" if found.member else "an empty archive")


def _is_meant(name: str, member: str | None) -> bool:
    """Whether what was opened is the member asked for, or lies in it as in an archive."""
    return member is None or name == f"!{member}" or name.startswith(f"!{member}!")


def _guarded(
    opened: Opened, table: str | None, place: Place, account: tuple[Account, Tally]
) -> Iterator[Part]:
    """Yield the parts of one stream; whatever goes wrong ends in its tally."""
    tally = account[1]
    try:
        if opened.problem is not None:
            raise SourceError(opened.name, opened.problem, "unpack it first")
        yield from _read(opened, table, place, account)
    except SourceError as fault:
        tally.stop(fault.problem)
    except OSError as fault:
        tally.stop(_told(fault))
    except UnicodeError:
        tally.stop("its encoding cannot be read")
    except (MemoryError, RecursionError):
        tally.stop("needs more memory than is allowed")
    except FAULTS:
        tally.stop("damaged, or cut short")
    if opened.is_cut:
        size = account[0].limits.unpacked_bytes // (1024 * 1024)
        tally.stopped = f"unpacks to more than {size:,} MiB, the rest was not read"


def _read(
    opened: Opened, table: str | None, place: Place, account: tuple[Account, Tally]
) -> Iterator[Part]:
    """Yield the parts of an open stream, read as its type says.

    Raises:
        SourceError: If it is of no type that is read.
    """
    stream, kind, (so_far, tally) = opened.stream, place.type, account
    if stream is None:
        return
    if kind is PlaceType.AUTO:
        kind = find_type(stream, opened.file, has_fields="who" in dict(place.log_fields))
    else:
        refuse_unread(stream, opened.file)
    if table is not None and kind not in _WITH_TABLES:
        name = opened.file.name
        raise SourceError(name, "not a database, so it has no tables", "name the file")
    source = source_of(kind)
    faults: tuple[type[Exception], ...] = (OSError, *source.faults())
    with spooled(opened, kind, so_far.limits) as (readable, path):
        job = Job(
            readable, path, so_far.limits, table, place.log_fields, so_far.lines, tally,
            so_far.begun,
        )  # fmt: skip
        try:
            yield from source.read(job)
        except faults as fault:
            if isinstance(fault, OSError) and fault.errno is not None:
                raise
            # NOTE: never the library's words, they may quote a value.
            tally.stop(f"damaged, or not {_FORMATS.get(kind, 'text')}")


def _told(fault: OSError) -> str:
    if fault.errno is None:
        return "damaged, or cut short"
    return f"cannot be read: {fault.strerror or 'an input error'}".lower()
