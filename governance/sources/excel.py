"""Excel workbooks: every sheet, hidden ones too, streamed row by row."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar
from xml.etree.ElementTree import ParseError

from governance.errors import SourceError
from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.dialect import has_header
from governance.sources.source import Job, Part

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

# NOTE: the shared strings are held in memory, at several times their size in the file; a sheet
# is streamed.
_STRINGS_BYTES = 48 * 1024 * 1024
_SHEET_BYTES = 2 * 1024 * 1024 * 1024
_PEEK_ROWS = 20
_STRINGS = "xl/sharedStrings.xml"


class ExcelSource:
    """One sheet as text; without a name, every one, as ``sheet.column``.

    The first row that is not blank names the columns where it reads as names. A formula is read
    as the value that the workbook keeps for it. Row numbers count the rows behind the header.
    """

    reads: ClassVar[PlaceType] = PlaceType.EXCEL

    def faults(self) -> tuple[type[Exception], ...]:
        from defusedxml import DefusedXmlException
        from openpyxl.utils.exceptions import InvalidFileException

        return (
            zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, KeyError,
            ValueError, TypeError, AttributeError, IndexError, EOFError, NotImplementedError,
            OverflowError,
        )  # fmt: skip

    def read(self, job: Job) -> Iterator[Part]:
        _refuse_bombs(job)
        with closing(_open(job.stream)) as workbook:
            sheets = {sheet.title: sheet for sheet in workbook.worksheets}
            if job.table is None:
                for title, sheet in sheets.items():
                    prefix = f"{title}." if len(sheets) > 1 else ""
                    yield from _read_sheet(sheet, prefix, job)
                return
            if job.table not in sheets:
                raise SourceError(job.path.name, "the workbook has no such sheet", "check the name")
            yield from _read_sheet(sheets[job.table], "", job)


def sheet_names(stream: BinaryIO) -> tuple[str, ...]:
    """Return the titles of a workbook's sheets in their order.

    Raises:
        zipfile.BadZipFile, KeyError, ValueError …: What ``ExcelSource.faults`` lists.
    """
    with closing(_open(stream)) as workbook:
        return tuple(sheet.title for sheet in workbook.worksheets)


def _open(stream: BinaryIO) -> Workbook:
    import openpyxl
    from openpyxl import DEFUSEDXML

    # NOTE: the package is a dependency, but a variable of the environment switches it off.
    if not DEFUSEDXML:
        raise SourceError("workbook", "is XML and cannot be read safely", "install defusedxml")
    return openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)


def _refuse_bombs(job: Job) -> None:
    """Refuse what would unpack to more than is held or read.

    A part never unpacks to more than its entry declares: the reader stops there.
    """
    with zipfile.ZipFile(job.stream) as book:
        for part in book.infolist():
            limit = _STRINGS_BYTES if part.filename == _STRINGS else _SHEET_BYTES
            if part.file_size > limit:
                size = limit // (1024 * 1024)
                what = "its texts unpack" if part.filename == _STRINGS else "a sheet unpacks"
                raise SourceError(
                    job.path.name, f"{what} to more than {size} MiB", "save it as CSV or Parquet"
                )
    job.stream.seek(0)


def _read_sheet(sheet: ReadOnlyWorksheet, prefix: str, job: Job) -> Iterator[Part]:
    # NOTE: the size that a sheet declares may be a lie; its rows tell.
    sheet.reset_dimensions()
    rows = (cells for cells in _rows(sheet) if any(cells))
    first = next(rows, None)
    if first is None:
        return
    peeked = list(islice(rows, _PEEK_ROWS))
    shown = [[cell or "" for cell in row] for row in (first, *peeked)]
    if has_header(shown[0], shown[1:]):
        names, body = shown[0], chain(peeked, rows)
    else:
        names, body = [""] * len(first), chain([first], peeked, rows)
    builder = BatchBuilder(job.limits, job.tally, [f"{prefix}{name}" for name in names])
    for row in body:
        for batch in builder.add(row):
            yield Part(batch)
    for batch in builder.finish():
        yield Part(batch)


def _rows(sheet: ReadOnlyWorksheet) -> Iterator[Sequence[str | None]]:
    streamed: Any = sheet  # its stub takes it for another class
    for row in streamed.iter_rows(values_only=True):
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) or None
