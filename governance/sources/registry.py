"""Every source, by the type of place that it reads. To add one: a module and a line here."""

from __future__ import annotations

from governance.model.asset import PlaceType
from governance.sources.accesslog import AccessSource
from governance.sources.avro import AvroSource
from governance.sources.bigquery import BigQuerySource
from governance.sources.cloudtrail import CloudTrailSource
from governance.sources.delimited import CsvSource
from governance.sources.duckdb import DuckDbSource
from governance.sources.excel import ExcelSource
from governance.sources.feather import FeatherSource
from governance.sources.jsondocument import JsonSource
from governance.sources.jsonlines import JsonLinesSource
from governance.sources.openlineage import OpenLineageSource
from governance.sources.orc import OrcSource
from governance.sources.parquet import ParquetSource
from governance.sources.pgaudit import PgAuditSource
from governance.sources.source import Source
from governance.sources.sqlite import SqliteSource
from governance.sources.textlog import TextSource

SOURCES: tuple[Source, ...] = (
    AccessSource(),
    AvroSource(),
    BigQuerySource(),
    CloudTrailSource(),
    CsvSource(),
    DuckDbSource(),
    ExcelSource(),
    FeatherSource(),
    JsonSource(),
    JsonLinesSource(),
    OpenLineageSource(),
    OrcSource(),
    ParquetSource(),
    PgAuditSource(),
    SqliteSource(),
    TextSource(),
)


def source_of(kind: PlaceType) -> Source:
    """Return the source that reads a type of place other than ``auto``."""
    return next(source for source in SOURCES if source.reads is kind)
