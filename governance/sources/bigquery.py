"""BigQuery's data access logs in Cloud Logging: who read and changed which table, and its columns.

Source: Google Cloud, BigQuery audit logs: BigQueryAuditMetadata, and the older AuditData (v1).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from governance.model.asset import PlaceType
from governance.sources.events import AccessEvent
from governance.sources.records import Record, Told, read_records
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble
from governance.sources.timestamps import parse_instant
from governance.sources.values import address_at, text_at, value_at

_SERVICE = "bigquery.googleapis.com"
_STORAGE = "bigquerystorage.googleapis.com"
_JOBS_KEPT = 200_000
_MACHINE = frozenset({
    "insertId", "logName", "receiveTimestamp", "timestamp", "resource", "severity", "operation",
    "trace", "spanId", "labels", "split",
})  # fmt: skip
_MACHINE_PAYLOAD = frozenset({
    "@type", "authenticationInfo", "authorizationInfo", "requestMetadata", "resourceName",
    "serviceName", "methodName",
})  # fmt: skip
# Events of tables, jobs and models that touch no row of data.
_NO_DATA = frozenset({
    "jobInsertion", "jobDeletion", "datasetCreation", "datasetChange", "datasetDeletion",
    "tableCreation", "tableChange", "modelCreation", "modelDeletion", "modelMetadataChange",
    "modelDataChange", "modelDataRead", "routineCreation", "routineChange", "routineDeletion",
    "rowAccessPolicyCreation", "rowAccessPolicyChange", "rowAccessPolicyDeletion",
    "connectionChange", "unlinkDataset", "searchIndexCreation", "searchIndexChange",
    "searchIndexDeletion", "vectorIndexCreation", "vectorIndexChange", "vectorIndexDeletion",
})  # fmt: skip
_REMOVING = frozenset({"DELETE", "TRUNCATE_TABLE"})
_Use = tuple[str, str, tuple[str, ...], str | None]
"""Action, table, columns, and the job that did it."""


class BigQuerySource:
    """Log entries, one a line or in an array, as exported from Cloud Logging.

    What a job read is told by ``tableDataRead`` with its columns, and again by the job's own entry:
    an access that both tell is one. Refused and failed requests touched no data.
    """

    reads: ClassVar[PlaceType] = PlaceType.BIGQUERY

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        desk = _Desk(job)
        yield from read_records(job, desk.tell, desk.rest, _MACHINE, _MACHINE_PAYLOAD)


def is_bigquery(record: object) -> bool:
    """Return whether a JSON value is a log entry of BigQuery."""
    return text_at(record, "protoPayload", "serviceName") in (_SERVICE, _STORAGE)


class _Desk:
    """What jobs say about themselves waits until it is clear that nothing says it better."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._told: set[tuple[str, str, str]] = set()
        self._waiting: dict[tuple[str, str, str], AccessEvent] = {}

    def tell(self, record: Record, line: int) -> Told:
        payload = record.get("protoPayload")
        if not isinstance(payload, dict) or not is_bigquery(record):
            self._job.tally.add(Trouble.STRANGE, line=line - self._job.line_offset)
            return ()
        if text_at(payload, "status", "code") not in (None, "0"):
            return ()
        uses = list(_uses(payload))
        if None in uses:
            self._job.tally.add(Trouble.STRANGE, line=line - self._job.line_offset)
        found = [use for use in uses if use is not None and not _is_temporary(use[1])]
        if not found:
            return ()
        at, who = parse_instant(text_at(record, "timestamp") or ""), _who(payload)
        if at is None or who is None:
            self._job.tally.add(Trouble.UNMAPPED, line=line - self._job.line_offset)
            return ()
        network = address_at(payload, "requestMetadata", "callerIp")
        return tuple(self._keep(found, (at, who, network, line), _says_itself(payload)))

    def rest(self) -> Told:
        """Return what jobs alone told."""
        return tuple(self._waiting.values())

    def _keep(
        self, uses: list[_Use], told: tuple[datetime, str, str | None, int], is_job: bool
    ) -> Iterator[AccessEvent]:
        at, who, network, line = told
        for action, table, columns, name in uses:
            event = AccessEvent(at, who, action, table, None, network, None, line, fields=columns)
            key = (name or "", action, table)
            if name is None or len(self._told) + len(self._waiting) >= _JOBS_KEPT:
                yield event
            elif not is_job:
                self._waiting.pop(key, None)
                self._told.add(key)
                yield event
            elif key not in self._told:
                self._waiting[key] = event


def _who(payload: Record) -> str | None:
    info = value_at(payload, "authenticationInfo")
    return text_at(info, "principalEmail") or text_at(info, "principalSubject")


def _says_itself(payload: Record) -> bool:
    return "jobChange" in _metadata(payload) or "jobCompletedEvent" in _old(payload)


def _uses(payload: Record) -> Iterator[_Use | None]:
    """Yield what an entry tells; None for an event that is not known."""
    metadata, old = _metadata(payload), _old(payload)
    own = _table(text_at(payload, "resourceName"))
    read, change = metadata.get("tableDataRead"), metadata.get("tableDataChange")
    if read is not None:
        job = text_at(read, "jobName")
        yield ("read", own, _words(value_at(read, "fields")), job) if own else None
    if change is not None:
        yield _changed(change, own)
    if "tableDeletion" in metadata:
        yield ("delete", own, (), None) if own else None
    yield from _of_job(value_at(metadata, "jobChange", "job"))
    yield from _of_old(old, own)
    known = {"tableDataRead", "tableDataChange", "tableDeletion", "jobChange"} | _NO_DATA
    if any(isinstance(metadata[each], dict) and each not in known | {"firstPartyAppMetadata"}
           for each in metadata):  # fmt: skip
        yield None


def _changed(change: object, own: str | None) -> _Use | None:
    """Return whether rows were written or only removed."""
    added, removed = text_at(change, "insertedRowsCount"), text_at(change, "deletedRowsCount")
    emptied = removed not in (None, "0") or text_at(change, "truncated") == "true"
    action = "delete" if emptied and added in (None, "0") else "write"
    return (action, own, (), text_at(change, "jobName")) if own else None


def _of_job(job: object) -> Iterator[_Use]:
    """Yield what a finished job read, wrote and exported."""
    if text_at(job, "jobStatus", "jobState") != "DONE" or _failed(value_at(job, "jobStatus")):
        return
    name, config = text_at(job, "jobName"), value_at(job, "jobConfig")
    statement = text_at(config, "queryConfig", "statementType")
    sources = _listed(value_at(job, "jobStats", "queryStats", "referencedTables"))
    for written in sources:
        yield "export" if statement == "EXPORT_DATA" else "read", written, (), name
    for written in _listed(value_at(config, "tableCopyConfig", "sourceTables")):
        yield "read", written, (), name
    exported = _table(text_at(config, "extractConfig", "sourceTable"))
    if exported:
        yield "export", exported, (), name
    for kind in ("queryConfig", "loadConfig", "tableCopyConfig"):
        target = _table(text_at(config, kind, "destinationTable"))
        if target:
            yield "delete" if statement in _REMOVING else "write", target, (), name


def _of_old(old: Record, own: str | None) -> Iterator[_Use | None]:
    """Yield what an entry of the first version tells."""
    for read in _list(old.get("tableDataReadEvents")):
        table = _table_of(value_at(read, "tableName"))
        yield ("read", table, _words(value_at(read, "referencedFields")), None) if table else None
    if "tableDataListRequest" in old and own:
        yield "read", own, (), None
    job = value_at(old, "jobCompletedEvent", "job")
    if job is None or _failed(value_at(job, "jobStatus")):
        return
    name = text_at(job, "jobName", "jobId")
    config = value_at(job, "jobConfiguration")
    for each in _list(value_at(job, "jobStatistics", "referencedTables")):
        table = _table_of(each)
        if table:
            yield "read", table, (), name
    exported = _table_of(value_at(config, "extract", "sourceTable"))
    if exported:
        yield "export", exported, (), name
    for kind in ("query", "load", "tableCopy"):
        target = _table_of(value_at(config, kind, "destinationTable"))
        if target:
            removes = text_at(config, kind, "statementType") in _REMOVING
            yield "delete" if removes else "write", target, (), name


def _failed(status: object) -> bool:
    error = value_at(status, "errorResult") or value_at(status, "error")
    return isinstance(error, dict) and bool(error)


def _metadata(payload: Record) -> dict[str, Any]:
    found = payload.get("metadata")
    return found if isinstance(found, dict) else {}


def _old(payload: Record) -> dict[str, Any]:
    found = payload.get("serviceData")
    return found if isinstance(found, dict) else {}


def _table(resource: str | None) -> str | None:
    """Return ``project.dataset.table`` of ``projects/…/datasets/…/tables/…``."""
    parts = (resource or "").split("/")
    if len(parts) < 6 or (parts[0], parts[2], parts[4]) != ("projects", "datasets", "tables"):
        return None
    return ".".join((parts[1], parts[3], _bare(parts[5])))


def _table_of(told: object) -> str | None:
    names = [text_at(told, key) for key in ("projectId", "datasetId", "tableId")]
    if not all(names):
        return None
    return ".".join([str(names[0]), str(names[1]), _bare(str(names[2]))])


def _bare(table: str) -> str:
    """Return a table's name without the partition or the instant that a request adds."""
    return table.partition("$")[0].partition("@")[0]


def _is_temporary(table: str) -> bool:
    """Return whether a table lies in a hidden dataset: the results of a query, kept for a day."""
    return table.split(".")[1].startswith("_")


def _listed(value: object) -> list[str]:
    return [table for table in map(_table, _words(value)) if table]


def _words(value: object) -> tuple[str, ...]:
    return tuple(each for each in _list(value) if isinstance(each, str))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
