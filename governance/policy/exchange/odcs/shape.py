"""What a contract may look like.

Source: Open Data Contract Standard, v3.0.0 to v3.1.0, keys of both; what v3.1.0 calls deprecated is
taken too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from governance.policy.exchange.shapes import (
    ANY,
    DAY,
    NUMBER,
    TEXT,
    TEXTS,
    TRUTH,
    WHOLE,
    Again,
    Either,
    Keys,
    Many,
    Shape,
    Word,
)

LOGICAL_TYPES = (
    "string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean",
)  # fmt: skip
SERVER_KEYS = (
    "account", "catalog", "database", "dataset", "delimiter", "endpointUrl", "format", "host",
    "location", "path", "port", "project", "region", "regionName", "schema", "serviceName",
    "stagingDir", "stream", "warehouse",
)  # fmt: skip
SERVER_TYPES = (
    "api", "athena", "azure", "bigquery", "clickhouse", "cloudsql", "custom", "databricks", "db2",
    "denodo", "dremio", "duckdb", "glue", "hive", "impala", "informix", "kafka", "kinesis",
    "local", "mysql", "oracle", "postgres", "postgresql", "presto", "pubsub", "redshift", "s3",
    "sftp", "snowflake", "sqlserver", "synapse", "trino", "vertica", "zen",
)  # fmt: skip

_VERSION = Word("version 3 of the standard, as v3.1.0", re.compile(r"v3\.\d+\.\d+"))
_LINKS = Many(Keys({"url": TEXT, "type": TEXT}, {"id": TEXT, "description": TEXT}))
_CUSTOM = Many(Keys({"property": TEXT}, {"value": ANY, "id": TEXT, "description": TEXT}))
_ROLE = Keys(
    {"role": TEXT},
    {
        "id": TEXT, "description": TEXT, "access": TEXT, "firstLevelApprovers": TEXT,
        "secondLevelApprovers": TEXT, "customProperties": _CUSTOM,
    },
)  # fmt: skip
_CHECK = Keys(
    {},
    {
        **dict.fromkeys(
            ("id", "name", "description", "method", "schedule", "scheduler", "severity", "unit",
             "businessImpact", "rule", "metric", "query", "engine"), TEXT,
        ),
        "type": Word(among=("text", "library", "sql", "custom")),
        "dimension": Word(among=(
            "accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness",
            "uniqueness",
        )),
        **dict.fromkeys(
            ("implementation", "arguments", "validValues", "mustBe", "mustNotBe",
             "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeGreaterThanOrEqualTo",
             "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeLessThanOrEqualTo", "mustBeBetween",
             "mustNotBeBetween"), ANY,
        ),
        "tags": TEXTS, "customProperties": _CUSTOM, "authoritativeDefinitions": _LINKS,
    },
)  # fmt: skip
_RELATION = Keys(
    {},
    {"type": TEXT, "from": Either((TEXT, TEXTS)), "to": Either((TEXT, TEXTS)),
     "customProperties": _CUSTOM},
)  # fmt: skip

_COMMON: Mapping[str, Shape] = {
    "id": TEXT, "physicalType": TEXT, "physicalName": TEXT, "description": TEXT,
    "businessName": TEXT, "authoritativeDefinitions": _LINKS, "tags": TEXTS,
    "customProperties": _CUSTOM, "quality": Many(_CHECK), "relationships": Many(_RELATION),
}  # fmt: skip
_PROPERTIES = Again()
_ITEM = Again()
_COLUMN: Mapping[str, Shape] = {
    **_COMMON,
    "logicalType": Word(among=LOGICAL_TYPES), "logicalTypeOptions": Keys(free=True),
    **dict.fromkeys(("primaryKey", "required", "unique", "partitioned", "criticalDataElement"),
                    TRUTH),
    **dict.fromkeys(("primaryKeyPosition", "partitionKeyPosition"), WHOLE),
    **dict.fromkeys(("classification", "encryptedName", "transformLogic", "transformDescription"),
                    TEXT),
    "transformSourceObjects": TEXTS, "examples": Many(ANY),
    "properties": _PROPERTIES, "items": _ITEM,
}  # fmt: skip
_PROPERTIES.shape = Many(Keys({"name": TEXT}, _COLUMN), unique="name")
_ITEM.shape = Keys({}, {"name": TEXT, **_COLUMN})

_OBJECT = Keys(
    {"name": TEXT},
    {
        **_COMMON, "logicalType": Word(among=("object",)), "dataGranularityDescription": TEXT,
        "properties": _PROPERTIES,
    },
)  # fmt: skip
_MEMBER = Keys(
    {"username": TEXT},
    {
        **dict.fromkeys(("id", "name", "description", "comment", "role", "replacedByUsername"),
                        TEXT),
        "dateIn": DAY, "dateOut": DAY, "tags": TEXTS, "customProperties": _CUSTOM,
        "authoritativeDefinitions": _LINKS,
    },
)  # fmt: skip
_MEMBERS = Many(_MEMBER)
_TEAM = Keys(
    {},
    {"id": TEXT, "name": TEXT, "description": TEXT, "members": _MEMBERS, "tags": TEXTS,
     "customProperties": _CUSTOM, "authoritativeDefinitions": _LINKS},
)  # fmt: skip
_SERVER = Keys(
    {"server": TEXT, "type": Word(among=SERVER_TYPES)},
    {"id": TEXT, "description": TEXT, "environment": TEXT, "roles": Many(_ROLE),
     "customProperties": _CUSTOM, **dict.fromkeys(SERVER_KEYS, TEXT)},
)  # fmt: skip
_SLA = Keys(
    {"property": TEXT, "value": TEXT},
    dict.fromkeys(("id", "valueExt", "unit", "element", "driver", "description", "scheduler",
                   "schedule"), TEXT),
)  # fmt: skip
_SUPPORT = Keys(
    {"channel": TEXT},
    {**dict.fromkeys(("id", "url", "description", "tool", "scope", "invitationUrl"), TEXT),
     "customProperties": _CUSTOM},
)  # fmt: skip

CONTRACT = Keys(
    {
        "apiVersion": _VERSION, "kind": Word(among=("DataContract",)), "id": TEXT,
        "version": TEXT, "status": TEXT,
    },
    {
        **dict.fromkeys(("name", "tenant", "dataProduct", "domain", "slaDefaultElement",
                         "contractCreatedTs"), TEXT),
        "description": Keys(
            {},
            {"usage": TEXT, "purpose": TEXT, "limitations": TEXT,
             "authoritativeDefinitions": _LINKS, "customProperties": _CUSTOM},
        ),
        "tags": TEXTS,
        "servers": Many(_SERVER, unique="server"),
        "schema": Many(_OBJECT, unique="name"),
        "support": Many(_SUPPORT),
        "price": Keys({}, {"id": TEXT, "priceAmount": NUMBER, "priceCurrency": TEXT,
                           "priceUnit": TEXT}),
        "team": Either((_TEAM, _MEMBERS)),
        "roles": Many(_ROLE),
        "slaProperties": Many(_SLA),
        "authoritativeDefinitions": _LINKS,
        "customProperties": _CUSTOM,
    },
)  # fmt: skip
