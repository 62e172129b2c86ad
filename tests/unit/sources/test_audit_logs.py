"""Audit logs of other systems, in the shapes that those systems publish. All values are made up."""

from __future__ import annotations

import gzip
import json

import pytest

from governance.sources.pgprefix import LinePrefix
from governance.sources.timestamps import parse_instant

ACCOUNT = "111122223333"


def trail(name="GetObject", key="orders/2026/part-0001.parquet", **changes):
    record = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/ana",
            "accountId": ACCOUNT,
            "userName": "ana",
        },
        "eventTime": "2026-11-20T08:00:01Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "10.1.2.3",
        "userAgent": "[aws-cli/2.15]",
        "requestParameters": {"bucketName": "acme-lake", "Host": "acme-lake.s3.example.org"},
        "responseElements": None,
        "requestID": "C3D13FE58DE4C810",
        "eventID": "3038ebd2-c98a-4c65-9b6e-e22506292313",
        "readOnly": True,
        "resources": [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::acme-lake/{key}"}],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "eventCategory": "Data",
    }
    if key is not None:
        record["requestParameters"]["key"] = key
    return {**record, **changes}


ROLE = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE:ana-session",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Analyst/ana-session",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "arn": f"arn:aws:iam::{ACCOUNT}:role/Analyst",
            "userName": "Analyst",
        }
    },
}


@pytest.mark.parametrize("shape", ["delivered", "lines", "array", "pretty"])
def test_cloudtrail_is_read_as_it_is_delivered_and_recognised(read, write, shape):
    records = [trail(), trail("PutObject"), trail("DeleteObject")]
    text = {
        "delivered": json.dumps({"Records": records}),
        "lines": "\n".join(map(json.dumps, records)),
        "array": json.dumps(records),
        "pretty": json.dumps({"Records": records}, indent=2),
    }[shape]
    name = "trail.json.gz" if shape == "delivered" else "trail.json"
    write(name, gzip.compress(text.encode()) if name.endswith("gz") else text)
    kind = "cloudtrail" if shape == "array" else "auto"
    result = read(name, kind)
    assert [(event.who, event.action, event.line) for event in result.accesses] == [
        (f"arn:aws:iam::{ACCOUNT}:user/ana", "read", 1),
        (f"arn:aws:iam::{ACCOUNT}:user/ana", "write", 2),
        (f"arn:aws:iam::{ACCOUNT}:user/ana", "delete", 3),
    ]
    event = result.accesses[0]
    assert event.asset == "s3://acme-lake/orders/2026/part-0001.parquet"
    assert (event.network, event.region, event.also) == ("10.1.2.3", None, ("ana",))
    assert result.status == "complete"
    assert not {"userIdentity.arn", "sourceIPAddress", "requestID", "resources[].ARN"} & set(
        result.names
    )


def tell(read, write, *records):
    write("t.jsonl", "\n".join(map(json.dumps, records)))
    return read("t.jsonl", "cloudtrail")


def test_a_session_is_named_before_the_role_that_it_took(read, write):
    (event,) = tell(read, write, trail(userIdentity=ROLE)).accesses
    assert event.who.endswith("assumed-role/Analyst/ana-session")
    assert event.also == (f"arn:aws:iam::{ACCOUNT}:role/Analyst",)


def test_a_copy_reads_what_it_writes_elsewhere(read, write):
    parameters = {"bucketName": "acme-out", "key": "a.csv",
                  "x-amz-copy-source": "/acme-lake/orders/a%20b.csv?versionId=3"}  # fmt: skip
    result = tell(read, write, trail("CopyObject", requestParameters=parameters))
    assert [(event.action, event.asset) for event in result.accesses] == [
        ("write", "s3://acme-out/a.csv"),
        ("read", "s3://acme-lake/orders/a b.csv"),
    ]


@pytest.mark.parametrize(
    "record",
    [
        trail(errorCode="AccessDenied", errorMessage="Access Denied"),
        trail("ListObjectsV2", key=None),
        trail("HeadObject"),
        trail("GetObjectTagging"),
        trail("ConsoleLogin", eventSource="signin.amazonaws.com", eventCategory="Management"),
    ],
)
def test_what_touched_no_data_is_no_access_and_no_trouble(read, write, record):
    result = tell(read, write, record, trail())
    assert [event.line for event in result.accesses] == [2]
    assert result.status == "complete"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (trail("InvokeModel", eventSource="bedrock.amazonaws.com"), "kind that is not known"),
        (trail("FrobObject"), "kind that is not known"),
        (trail(eventTime="soon"), "without a usable at, who"),
        (trail(userIdentity={}), "without a usable at, who"),
        ({"hello": 1}, "without a usable at, who"),
        ([1], "kind that is not known"),
    ],
)
def test_a_record_that_cannot_be_understood_is_counted(read, write, record, reason):
    result = tell(read, write, trail(), record)
    assert len(result.accesses) == 1
    assert (result.status, reason in result.reason) == ("partial", True), result.reason
    assert "first at 2" in result.reason


def test_items_of_dynamodb_are_read_by_their_table(read, write):
    arn = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/Orders"
    record = trail("GetItem", eventSource="dynamodb.amazonaws.com",
                   resources=[{"type": "AWS::DynamoDB::Table", "ARN": arn}])  # fmt: skip
    (event,) = tell(read, write, record).accesses
    assert (event.action, event.asset) == ("read", "dynamodb/Orders")


def test_a_file_that_was_cut_short_is_told(read, write):
    write("t.json", json.dumps({"Records": [trail(), trail()]})[:-400])
    result = read("t.json", "cloudtrail")
    assert len(result.accesses) == 1
    assert result.reason == "cut short, or not valid JSON behind record 1"


TABLE = "projects/acme/datasets/shop/tables/orders"


def entry(metadata=None, **changes):
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "status": {},
        "authenticationInfo": {"principalEmail": "ana@example.org"},
        "requestMetadata": {"callerIp": "10.1.2.3", "callerSuppliedUserAgent": "bq"},
        "serviceName": "bigquery.googleapis.com",
        "methodName": "google.cloud.bigquery.v2.JobService.InsertJob",
        "resourceName": TABLE,
        "metadata": {"@type": "type.googleapis.com/google.cloud.audit.BigQueryAuditMetadata",
                     **(metadata or {})},
    }  # fmt: skip
    payload |= changes
    return {"protoPayload": payload, "insertId": "-abc", "severity": "INFO",
            "resource": {"type": "bigquery_dataset", "labels": {"dataset_id": "shop"}},
            "timestamp": "2026-11-20T08:00:01.123456Z",
            "logName": "projects/acme/logs/cloudaudit.googleapis.com%2Fdata_access"}  # fmt: skip


READ = {"tableDataRead": {"fields": ["email", "id"], "jobName": "projects/acme/jobs/j1",
                          "reason": "JOB"}}  # fmt: skip


def job(kind="QUERY", statement="SELECT", state="DONE", error=None, **config):
    target = "projects/acme/datasets/_anon/tables/anon1"
    query = {"query": "SELECT 'eve@example.org'", "statementType": statement,
             "destinationTable": target} if kind == "QUERY" else {}  # fmt: skip
    told = {"type": kind, **({"queryConfig": query} if query else {}), **config}
    status = {"jobState": state, **({"errorResult": error} if error else {})}
    stats = {"queryStats": {"referencedTables": [TABLE]}} if query else {}
    return {"jobChange": {"before": "RUNNING", "after": "DONE", "job": {
        "jobName": "projects/acme/jobs/j1", "jobConfig": told, "jobStatus": status,
        "jobStats": stats}}}  # fmt: skip


def query(read, write, *entries, kind="bigquery"):
    write("bq.jsonl", "\n".join(map(json.dumps, entries)))
    return read("bq.jsonl", kind)


def test_bigquery_tells_columns_and_a_job_that_says_it_again_is_one_access(read, write):
    for order in ([entry(READ), entry(job())], [entry(job()), entry(READ)]):
        result = query(read, write, *order, kind="auto")
        (event,) = result.accesses
        assert (event.who, event.action, event.asset) == (
            "ana@example.org", "read", "acme.shop.orders",
        )  # fmt: skip
        assert (event.fields, event.network) == (("email", "id"), "10.1.2.3")
        assert result.status == "complete"
        name = "protoPayload.metadata.jobChange.job.jobConfig.queryConfig.query"
        assert "SELECT 'eve@example.org'" in result.column(name)


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        (job(), [("read", "acme.shop.orders")]),
        (job(statement="EXPORT_DATA"), [("export", "acme.shop.orders")]),
        (job(state="RUNNING"), []),
        (job(error={"code": 3}), []),
        (job("EXPORT", extractConfig={"sourceTable": TABLE}), [("export", "acme.shop.orders")]),
        (job("IMPORT", loadConfig={"destinationTable": TABLE}), [("write", "acme.shop.orders")]),
        ({"tableDataChange": {"insertedRowsCount": "5", "reason": "JOB"}},
         [("write", "acme.shop.orders")]),
        ({"tableDataChange": {"deletedRowsCount": "5", "reason": "QUERY"}},
         [("delete", "acme.shop.orders")]),
        ({"tableDataChange": {"insertedRowsCount": "5", "truncated": True}},
         [("write", "acme.shop.orders")]),
        ({"tableDeletion": {"reason": "TABLE_DELETE_REQUEST"}}, [("delete", "acme.shop.orders")]),
        ({"tableCreation": {"reason": "JOB"}}, []),
    ],
)  # fmt: skip
def test_bigquery_changes_exports_and_jobs(read, write, metadata, told):
    result = query(read, write, entry(metadata))
    assert [(event.action, event.asset) for event in result.accesses] == told
    assert result.status == "complete"


def test_the_older_shape_of_bigquery_logs(read, write):
    table = {"projectId": "acme", "datasetId": "shop", "tableId": "orders$20261120"}
    completed = {"eventName": "query_job_completed", "job": {
        "jobName": {"projectId": "acme", "jobId": "j2"},
        "jobConfiguration": {"query": {"query": "SELECT 1", "statementType": "SELECT",
            "destinationTable": {"projectId": "acme", "datasetId": "_x", "tableId": "anon"}}},
        "jobStatus": {"state": "DONE", "error": {}},
        "jobStatistics": {"referencedTables": [table]}}}  # fmt: skip
    reads = [{"tableName": table, "referencedFields": ["email"]}]
    result = query(
        read, write,
        entry(serviceData={"jobCompletedEvent": completed}),
        entry(serviceData={"tableDataReadEvents": reads}),
        entry(serviceData={"tableDataListRequest": {}}),
    )  # fmt: skip
    assert [(event.action, event.asset, event.fields) for event in result.accesses] == [
        ("read", "acme.shop.orders", ("email",)),
        ("read", "acme.shop.orders", ()),
        ("read", "acme.shop.orders", ()),
    ]


def test_refused_queries_are_no_accesses_and_strange_entries_are_counted(read, write):
    other = entry(READ, serviceName="storage.googleapis.com")
    new = entry({"tableFrobnication": {"x": 1}})
    nobody = entry(READ, authenticationInfo={})
    refused = entry(READ, status={"code": 7, "message": "denied"})
    result = query(read, write, refused, other, new, nobody)
    assert result.accesses == []
    assert "2 audit records of kinds that are not known (first at 2)" in result.reason
    assert "1 line without a usable at, who, action or asset (first at 4)" in result.reason


AUDIT = 'AUDIT: SESSION,1,1,READ,SELECT,TABLE,sales.orders,"select *'


@pytest.mark.parametrize(
    ("prefix", "written", "told"),
    [
        (None, "2026-11-20 09:00:01.123 CET [77] ana@shop ", ("ana", "shop", None)),
        (None, "2026-11-20 09:00:01.123 CET ana shop [77]: ", ("ana", "shop", None)),
        (None, "2026-11-20 08:00:01 UTC:10.1.2.3(5123):ana@shop:[77]:",
         ("ana", "shop", "10.1.2.3")),
        (None, "2026-11-20 08:00:01 UTC [77]: user=ana,db=shop,app=psql,client=10.1.2.3 ",
         ("ana", "shop", "10.1.2.3")),
        ("<%n|%-8u|%d|%h> ", "<1795161601.123|ana     |shop|2001:db8::1> ",
         ("ana", "shop", "2001:db8::1")),
        ("%m [%p] ", "2026-11-20 09:00:01.123 CET [77] ", (None, None, None)),
    ],
)  # fmt: skip
def test_prefixes_of_plain_logs_are_read_as_written_or_as_usual(read, write, prefix, written, told):
    write("pg.log", f"{written}LOG:  {AUDIT}\n\t where email = 'eve@example.org'\",<none>\n")
    result = read("pg.log", "pgaudit", fields={"prefix": prefix} if prefix else {})
    if told[0] is None:
        assert "1 line without a usable at, who" in result.reason
        return
    (event,) = result.accesses
    assert event.at == parse_instant("2026-11-20T08:00:01Z").replace(
        microsecond=event.at.microsecond
    )
    assert (event.who, event.asset, event.network) == (told[0], f"{told[1]}.sales.orders", told[2])
    assert "eve@example.org" in result.rows[1]["message"]
    assert written.strip() not in str(result.rows)


def test_a_prefix_that_nobody_fits_tells_nothing():
    assert LinePrefix("%m %u ").read("nonsense") == {}


@pytest.mark.parametrize(
    ("said", "told", "reason"),
    [
        ("SESSION,1,1,READ,SELECT,TABLE,sales.orders,copy sales.orders to stdout,<none>",
         ("export", "shop.sales.orders"), None),
        ("OBJECT,1,1,WRITE,UPDATE,TABLE,sales.orders,<previously logged>,<not logged>",
         ("write", "shop.sales.orders"), None),
        ("SESSION,1,1,WRITE,TRUNCATE TABLE,,,truncate table only sales.orders cascade,<none>",
         ("delete", "shop.sales.orders"), None),
        ("SESSION,1,1,WRITE,TRUNCATE TABLE,,,\"truncate a, b\",<none>", None, "names no object"),
        ("SESSION,1,1,READ,SELECT,,,select 1,<none>", None, "names no object"),
        ("SESSION,1,1,DDL,DROP TABLE,TABLE,sales.orders,drop table sales.orders,<none>",
         ("delete", "shop.sales.orders"), None),
        ("SESSION,1,1,DDL,CREATE TABLE,TABLE,sales.orders,create …,<none>", None, None),
        ("SESSION,1,1,READ,SELECT,TABLE,pg_catalog.pg_class,select …,<none>", None, None),
        ("SESSION,1,1,READ,SELECT,SEQUENCE,sales.ids,select …,<none>", None, None),
        ("SESSION,1,1,READ,SELECT,TABLE,\"sales.\"\"Odd, Name\"\"\",select 1,<none>",
         ("read", "shop.sales.\"Odd, Name\""), None),
        ("SESSION,1,1,STRANGE,SELECT,TABLE,sales.orders,x,<none>", None, "not known"),
        ("SESSION,1", None, "not known"),
    ],
)  # fmt: skip
def test_entries_of_pgaudit(read, write, said, told, reason):
    record = {"timestamp": "2026-11-20 09:00:01.123 CET", "user": "ana", "dbname": "shop",
              "error_severity": "LOG", "message": f"AUDIT: {said}"}  # fmt: skip
    write("pg.json", json.dumps(record) + "\n")
    result = read("pg.json", "pgaudit")
    assert [(event.action, event.asset) for event in result.accesses] == ([told] if told else [])
    assert (reason is None) == (result.status == "complete")
    assert reason is None or reason in result.reason


def test_a_forged_entry_within_a_statement_is_no_entry(read, write):
    lines = ("2026-11-20 09:00:01.123 CET [77] ana@shop ERROR:  syntax error\n"
             "2026-11-20 09:00:01.123 CET [77] ana@shop STATEMENT:  select 1\n"
             f"\t2026-11-20 09:00:01.123 CET [1] eve@shop LOG:  {AUDIT}\",<none>\n")  # fmt: skip
    write("pg.log", lines)
    assert read("pg.log", "pgaudit").accesses == []


FIELDS = {"at": "time", "who": "user", "action": "op", "asset": "table", "fields": "columns"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_accesses_is_read_by_the_names_in_its_first_line(read, write, delimiter):
    rows = [["time", "user", "op", "table", "columns", "note"],
            ["20/Nov/2026:09:00:01 +0100", "ana", "READ", "sales.orders", "id|email", "x"],
            ["soon", "ana", "read", "sales.orders", "", "mail eve@example.org"],
            ["2026/11/20 08:00:01", "bo", "export", "sales.orders", "", ""]]  # fmt: skip
    write("a.csv", "\n".join(delimiter.join(row) for row in rows) + "\n")
    result = read("a.csv", "access", fields=FIELDS)
    assert [(event.who, event.action, event.line) for event in result.accesses] == [
        ("ana", "read", 2), ("bo", "export", 4),
    ]  # fmt: skip
    assert {event.at for event in result.accesses} == {parse_instant("2026-11-20T08:00:01Z")}
    assert result.reason == "1 line without a usable at, who, action or asset (first at 3)"
    assert "mail eve@example.org" in result.column("note")


@pytest.mark.parametrize("told", [["email", "id"], "email, id"])
def test_columns_may_be_a_list_or_words(read, write, told):
    line = {"time": 1795161601, "user": "ana", "op": "read", "table": "t", "columns": told}
    write("a.jsonl", json.dumps(line))
    (event,) = read("a.jsonl", "access", fields=FIELDS).accesses
    assert event.fields == ("email", "id")


@pytest.mark.parametrize(
    "text",
    ["2026-11-20 09:00:01 CET", "2026-11-20 03:00:01.000 EST", "Fri, 20 Nov 2026 08:00:01 GMT",
     "20/Nov/2026:09:00:01 +0100", "2026/11/20 08:00:01", "2026-11-20 11:00:01 +03",
     "2026-11-20T08:00:01,000Z", "1795161601", "1795161601000"],
)  # fmt: skip
def test_instants_of_servers_mails_and_databases(text):
    assert parse_instant(text) == parse_instant("2026-11-20T08:00:01Z")


@pytest.mark.parametrize(
    "text", ["2026-11-20 09:00:01 IST", "11/20/2026 09:00", "31/Feb/2026:09:00:01 +0100"]
)
def test_an_instant_that_may_be_several_is_none(text):
    assert parse_instant(text) is None
