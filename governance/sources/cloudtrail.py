"""AWS CloudTrail data events: who read, wrote and deleted objects of S3 and items of DynamoDB.

Source: AWS CloudTrail User Guide, "CloudTrail record contents" and "userIdentity element"; Amazon
S3 User Guide, "Amazon S3 CloudTrail events".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import unquote

from governance.model.asset import PlaceType
from governance.sources.events import AccessEvent
from governance.sources.records import Record, Told, read_records
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble
from governance.sources.timestamps import parse_instant
from governance.sources.values import address_at, text_at, value_at

_S3, _DYNAMODB = "s3.amazonaws.com", "dynamodb.amazonaws.com"
_SERVICES = frozenset({_S3, "s3express.amazonaws.com", _DYNAMODB})
_ACTIONS = {
    **dict.fromkeys(("GetObject", "GetObjectTorrent", "SelectObjectContent"), "read"),
    **dict.fromkeys(
        ("PutObject", "PostObject", "UploadPart", "CompleteMultipartUpload", "CopyObject",
         "UploadPartCopy", "RenameObject", "AppendObject"),
        "write",
    ),
    **dict.fromkeys(("DeleteObject", "DeleteObjects", "DeleteObjectVersion"), "delete"),
    **dict.fromkeys(("GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems",
                     "GetRecords", "PartiQLSelect"), "read"),
    **dict.fromkeys(("PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems",
                     "PartiQLInsert", "PartiQLUpdate"), "write"),
    **dict.fromkeys(("DeleteItem", "PartiQLDelete"), "delete"),
    "ExportTableToPointInTime": "export",
}  # fmt: skip
# What touches names, sizes, labels and permissions, and none of the data.
_NO_DATA = ("Head", "List", "GetBucket", "GetObjectAcl", "GetObjectAttributes", "GetObjectTagging",
            "GetObjectLegalHold", "GetObjectRetention", "PutObjectAcl", "PutObjectTagging",
            "PutObjectLegalHold", "PutObjectRetention", "DeleteObjectTagging", "RestoreObject",
            "CreateMultipartUpload", "AbortMultipartUpload", "InitiateMultipartUpload",
            "CreateSession", "Describe", "GetShardIterator")  # fmt: skip
_TELLING = frozenset({"eventSource", "eventName", "userIdentity"})
_MACHINE = frozenset({
    "userIdentity", "sourceIPAddress", "userAgent", "eventTime", "eventID", "requestID",
    "sharedEventID", "recipientAccountId", "vpcEndpointId", "vpcEndpointAccountId", "resources",
    "tlsDetails", "additionalEventData", "eventVersion", "eventType", "eventCategory", "awsRegion",
    "managementEvent", "readOnly", "sessionCredentialFromConsole",
})  # fmt: skip


class CloudTrailSource:
    """Records of CloudTrail, a file's ``Records`` or one a line; packed by gzip as delivered.

    Management events and refused requests touched no data and are no accesses. A data event of a
    service that is not known is counted, and so is one that does not tell who, what or when.
    """

    reads: ClassVar[PlaceType] = PlaceType.CLOUDTRAIL

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        def tell(record: Record, line: int) -> Told:
            return _told(record, line, job)

        yield from read_records(job, tell, lambda: (), _MACHINE)


def is_cloudtrail(record: object) -> bool:
    """Return whether a JSON value is a record of CloudTrail."""
    return isinstance(record, dict) and record.keys() >= {
        "eventSource",
        "eventName",
        "userIdentity",
    }


def _told(record: Record, line: int, job: Job) -> Told:
    if not is_cloudtrail(record):
        job.tally.add(Trouble.UNMAPPED, line=line - job.line_offset)
        return ()
    name, source = text_at(record, "eventName") or "", text_at(record, "eventSource")
    if text_at(record, "errorCode") or name.startswith(_NO_DATA):
        return ()
    if source not in _SERVICES:
        if text_at(record, "eventCategory") == "Data":
            job.tally.add(Trouble.STRANGE, line=line - job.line_offset)
        return ()
    action = _ACTIONS.get(name)
    if action is None:
        if _is_about_data(record):
            job.tally.add(Trouble.STRANGE, line=line - job.line_offset)
        return ()
    names = tuple(_names(record))
    at = parse_instant(text_at(record, "eventTime") or "")
    uses = [(action, each) for each in _objects(record, source)]
    copied = text_at(record, "requestParameters", "x-amz-copy-source")
    if copied:
        uses.append(("read", f"s3://{unquote(copied).lstrip('/').partition('?')[0]}"))
    if at is None or not names or not uses:
        job.tally.add(Trouble.UNMAPPED, line=line - job.line_offset)
        return ()
    network = address_at(record, "sourceIPAddress")
    return tuple(
        AccessEvent(at, names[0], done, asset, None, network, None, line, also=names[1:])
        for done, asset in uses
    )


def _is_about_data(record: Record) -> bool:
    if text_at(record, "eventCategory") == "Data":
        return True
    kinds = (text_at(each, "type") or "" for each in _resources(record))
    return any(kind in ("AWS::S3::Object", "AWS::DynamoDB::Table") for kind in kinds)


def _objects(record: Record, source: str | None) -> Iterator[str]:
    if source == _DYNAMODB:
        table = text_at(record, "requestParameters", "tableName") or ""
        arns = [text_at(each, "ARN") or text_at(each, "arn") or "" for each in _resources(record)]
        tables = [arn.partition("/")[2].partition("/")[0] for arn in arns if ":table/" in arn]
        for each in dict.fromkeys([*tables, *([table] if table and not tables else [])]):
            # NOTE: a request may name a table by its whole ARN.
            yield f"dynamodb/{each.rpartition('/')[2]}"
        return
    bucket = text_at(record, "requestParameters", "bucketName")
    key = text_at(record, "requestParameters", "key")
    if bucket:
        yield f"s3://{bucket}/{key.lstrip('/')}" if key else f"s3://{bucket}"
        return
    for resource in _resources(record):
        arn = text_at(resource, "ARN") or ""
        if text_at(resource, "type") == "AWS::S3::Object" and ":::" in arn:
            yield f"s3://{arn.partition(':::')[2]}"


def _resources(record: Record) -> list[object]:
    found = record.get("resources")
    return found if isinstance(found, list) else []


def _names(record: Record) -> Iterator[str]:
    """Yield the names of who acted, the most telling first, and last the one that stays.

    The name of a session is chosen by whoever takes on a role: it counts only within its ARN, where
    a policy names that, and never alone.
    """
    identity = value_at(record, "userIdentity")
    kind, arn = text_at(identity, "type"), text_at(identity, "arn")
    issuer = value_at(identity, "sessionContext", "sessionIssuer")
    found = {
        "IAMUser": (arn, text_at(identity, "userName")),
        "AWSService": (text_at(identity, "invokedBy"),),
        "SAMLUser": (text_at(identity, "principalId"), text_at(identity, "userName")),
        "WebIdentityUser": (text_at(identity, "principalId"), text_at(identity, "userName")),
        "IdentityCenterUser": (text_at(identity, "onBehalfOf", "userId"),),
        "AWSAccount": (text_at(identity, "principalId"), text_at(identity, "accountId")),
    }.get(kind or "", (arn, text_at(issuer, "arn")))
    names = [name for name in found if name]
    if not names:
        names = [name for name in (arn, text_at(identity, "principalId")) if name]
    yield from dict.fromkeys(names)
