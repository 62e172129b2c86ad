"""What a file is, by its content first and its name second."""

from __future__ import annotations

import pickletools
import re
import warnings
import zipfile
from contextlib import suppress
from pathlib import PurePath
from typing import BinaryIO

from governance.errors import SourceError
from governance.model.asset import PlaceType
from governance.sources.bigquery import is_bigquery
from governance.sources.cloudtrail import is_cloudtrail
from governance.sources.dialect import Dialect, find_dialect, has_header
from governance.sources.encoding import SAMPLE_BYTES, find_encoding
from governance.sources.flatten import parse_json
from governance.sources.lines import text_blocks
from governance.sources.tally import Tally

_TABLES: tuple[tuple[bytes, PlaceType], ...] = (
    (b"PAR1", PlaceType.PARQUET),
    (b"Obj\x01", PlaceType.AVRO),
    (b"ORC", PlaceType.ORC),
    (b"ARROW1", PlaceType.FEATHER),
    (b"FEA1", PlaceType.FEATHER),
    (b"\xff\xff\xff\xff", PlaceType.FEATHER),
    (b"SQLite format 3\x00", PlaceType.SQLITE),
)
_UNREAD: tuple[tuple[bytes, str], ...] = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"\xff\x06\x00\x00sNaPpY", "Snappy"),
    (b"PARE", "encrypted Parquet"),
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"\x93NUMPY", "NumPy"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x7fELF", "program"),
    (b"$FL2", "SPSS"),
)
_DOCUMENTS = {
    "word/document.xml": "Word",
    "ppt/presentation.xml": "PowerPoint",
    "mimetype": "OpenDocument",
}
_WORKBOOK = "xl/workbook.xml"
# A collection or an object, in the protocols that are text.
_PICKLED_TEXTS = (b"(", b"]", b"}", b")", b"c")
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_FEW_OPERATIONS = 3  # kinds of them
_TABLE_ENDINGS = frozenset({".csv", ".tsv", ".tab", ".psv"})
_LOG_NAME = re.compile(r"\.(?:log|out|err)(?:[.\-_]\w[\w.\-]*)?$", re.IGNORECASE)
_FEW_RECORDS = 3
_LINEAGE_KEYS = {"eventTime", "job", "run"}
# What a server logs of pgaudit, as text, csvlog or jsonlog.
_PGAUDIT = re.compile(
    r"""(?:(?:LOG|NOTICE|INFO|WARNING):\s+|,LOG,00000,"|"message":\s?")"""
    r"AUDIT: (?:SESSION|OBJECT),\d+,\d+,[A-Z_]+,"
)
_CLOUDTRAIL = re.compile(r'\{\s*"Records"\s*:\s*\[\s*\{\s*"(?:eventVersion|awsRegion|eventSource)"')
_BIGQUERY = re.compile(r'"serviceName"\s*:\s*"bigquery(?:storage)?\.googleapis\.com"')
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]')
_DOCUMENT_START = re.compile(
    r"""\{\s*(?:\}|"(?:[^"\\]|\\.)*"\s*:)"""
    r"""|\[\s*(?:[\[{\]"]|(?:-?\d[\d.eE+-]*|true|false|null)\s*,)"""
)
_NAME = re.compile(r"\w(?:[\w .\-/()%#]{0,40}[\w)%#])?$")


def refuse_unread(stream: BinaryIO, path: PurePath) -> None:
    """Refuse a file of a format that is known and not read.

    Raises:
        SourceError: With the format's name.
    """
    stream.seek(0)
    head = stream.read(512)
    stream.seek(0)
    name = next((name for magic, name in _UNREAD if head.startswith(magic)), None)
    if head.startswith(b"PK"):
        name = _zipped(stream)
    elif head.startswith(_PICKLES) or _is_textual_pickle(stream):
        name = "pickle"
    if name is not None:
        raise SourceError(path.name, f"{name} is not read yet", "export it to a format that is")


def _is_textual_pickle(stream: BinaryIO) -> bool:
    """Return whether the content is a pickle of the first protocols, which are lines of text.

    Its operations are listed and none is carried out. A sample that ends amid them is one too:
    a line end is no operation, so that other text stops early, but for words of few first letters.
    """
    head = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    if not head.startswith(_PICKLED_TEXTS):
        return False
    seen: set[str] = set()
    position = 0
    with warnings.catch_warnings(), suppress(ValueError, OverflowError, UnicodeError):
        warnings.simplefilter("ignore")  # of escapes, in what is no string of a program
        for operation, _, start in pickletools.genops(head):
            seen.add(operation.name)
            position = start or 0
            if operation.name == "STOP":
                ends = position == len(head) - 1 and min(head) < ord(" ")
                return ends and len(seen) >= _FEW_OPERATIONS
    is_cut = len(head) == SAMPLE_BYTES and position > len(head) // 2
    return is_cut and len(seen) > _FEW_OPERATIONS


def _zipped(stream: BinaryIO) -> str | None:
    """Return what a zip file is that is not read, or None for a workbook."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        return "a damaged zip file"
    finally:
        stream.seek(0)
    if _WORKBOOK in names:
        return None
    return next((name for part, name in _DOCUMENTS.items() if part in names), "zip")


def find_type(stream: BinaryIO, path: PurePath, *, has_fields: bool = False) -> PlaceType:
    """Return how to read a file of type ``auto``; the stream is left at its start.

    Args:
        has_fields: Whether the place declares the fields of an access log.

    Raises:
        SourceError: If the content is neither text nor a table that is read.
    """
    refuse_unread(stream, path)
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    table = next((kind for magic, kind in _TABLES if sample.startswith(magic)), None)
    if sample.startswith(b"PK"):
        return PlaceType.EXCEL
    if sample[8:12] == b"DUCK":
        return PlaceType.DUCKDB
    if table is not None:
        return table
    encoding = find_encoding(sample)
    if encoding is None:
        raise SourceError(path.name, "unknown binary content", "export it to a format that is read")
    if has_fields:
        return PlaceType.ACCESS
    stream.seek(encoding.mark_bytes)
    text = next(text_blocks(stream, encoding, Tally()), "")[:SAMPLE_BYTES]
    stream.seek(0)
    is_whole = len(sample) < SAMPLE_BYTES
    if _PGAUDIT.search(text):
        return PlaceType.PGAUDIT
    return _json_type(text, path) or _text_type(text, path, complete=is_whole)


def _json_type(text: str, path: PurePath) -> PlaceType | None:
    """Return which JSON a text is, or None."""
    start = text.lstrip()
    by_name = path.suffix.lower() in (".jsonl", ".ndjson")
    if not start.startswith(("{", "[")):
        return PlaceType.JSONL if by_name else None
    lines = [line for line in start.split("\n") if line.strip()]
    first = _parsed(lines[0])
    if first is not None and (by_name or len(lines) > 1):
        return _record_type(first) or PlaceType.JSONL
    if by_name or (start.startswith("{") and _mostly_json(lines)):
        return PlaceType.JSONL
    return _document_type(start, first) if _DOCUMENT_START.match(start) else None


def _document_type(start: str, first: object) -> PlaceType:
    if _CLOUDTRAIL.match(start) or is_cloudtrail(first):
        return PlaceType.CLOUDTRAIL
    if _BIGQUERY.search(start):
        return PlaceType.BIGQUERY
    return PlaceType.OPENLINEAGE if _tells_lineage(start) else PlaceType.JSON


def _record_type(record: object) -> PlaceType | None:
    """Return the kind of log that a JSON line belongs to, or None for any other."""
    if is_cloudtrail(record):
        return PlaceType.CLOUDTRAIL
    if is_bigquery(record):
        return PlaceType.BIGQUERY
    return PlaceType.OPENLINEAGE if _is_lineage(record) else None


def _mostly_json(lines: list[str]) -> bool:
    """Return whether damaged JSON lines are still JSON lines."""
    whole = lines[:-1] if len(lines) > 1 else lines
    objects = sum(1 for line in whole[:50] if isinstance(_parsed(line), dict))
    return len(lines) > 1 and objects * 2 >= min(len(whole), 50)


def _parsed(text: str) -> object:
    try:
        return parse_json(text)
    except (ValueError, RecursionError):
        return None


def _tells_lineage(text: str) -> bool:
    """Return whether the outermost objects at the beginning of a document are run events."""
    base = 2 if text.startswith("[") else 1
    level = 0
    shown: set[str] = set()
    for token in _TOKEN.finditer(text):
        opened = token[0][0]
        if opened in "{[":
            level += 1
        elif opened in "}]":
            level -= 1
        elif level == base and token[2]:
            shown.add(token[1])
    return shown >= _LINEAGE_KEYS


def _is_lineage(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= _LINEAGE_KEYS


def _text_type(text: str, path: PurePath, *, complete: bool) -> PlaceType:
    if path.suffix.lower() in _TABLE_ENDINGS:
        return PlaceType.CSV
    if _LOG_NAME.search(path.name):
        return PlaceType.TEXT
    dialect = find_dialect(text, complete=complete)
    return PlaceType.CSV if _is_table(text, dialect) else PlaceType.TEXT


def _is_table(text: str, dialect: Dialect) -> bool:
    """Return whether a text without a telling name is a table: a header over even rows."""
    if dialect.columns < 2 or dialect.confidence < 0.95:
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < _FEW_RECORDS:
        return False
    first: list[str] = next(dialect.reader([lines[0]]), [])
    names_fit = all(_NAME.match(cell.strip()) for cell in first)
    return names_fit and len(set(first)) == len(first) and has_header(first, [])
