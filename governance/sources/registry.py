"""Every source, by the type of place that it reads. To add one: a module and a line here."""

from __future__ import annotations

from governance.model.asset import PlaceType
from governance.sources.accesslog import AccessSource
from governance.sources.delimited import CsvSource
from governance.sources.feather import FeatherSource
from governance.sources.jsondocument import JsonSource
from governance.sources.jsonlines import JsonLinesSource
from governance.sources.openlineage import OpenLineageSource
from governance.sources.parquet import ParquetSource
from governance.sources.source import Source
from governance.sources.sqlite import SqliteSource
from governance.sources.textlog import TextSource

SOURCES: tuple[Source, ...] = (
    AccessSource(),
    CsvSource(),
    FeatherSource(),
    JsonSource(),
    JsonLinesSource(),
    OpenLineageSource(),
    ParquetSource(),
    SqliteSource(),
    TextSource(),
)


def source_of(kind: PlaceType) -> Source:
    """Return the source that reads a type of place other than ``auto``."""
    return next(source for source in SOURCES if source.reads is kind)
