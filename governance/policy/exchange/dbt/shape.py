"""What a dbt properties file (``schema.yml``) may look like.

Source: the reference of dbt, "model properties", "source properties" and their like; keys of the
older and of the newer specification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from governance.policy.exchange.shapes import (
    ANY,
    TEXT,
    TEXTS,
    Either,
    Keys,
    Many,
    Shape,
    Word,
)

_VERSION = Word("version 2 of the file format", re.compile(r"2(\.0)?"))
_TAGS = Either((TEXTS, TEXT))
_FREE = Keys(free=True)
_TESTS: Mapping[str, Shape] = {"tests": Many(ANY), "data_tests": Many(ANY)}
_COMMON: Mapping[str, Shape] = {
    "description": TEXT, "meta": _FREE, "tags": _TAGS, "config": _FREE, "docs": _FREE, **_TESTS,
}  # fmt: skip
_COLUMN = Keys(
    {"name": TEXT},
    {
        **_COMMON, "data_type": TEXT, "quote": ANY, "constraints": Many(ANY),
        "policy_tags": TEXTS, "granularity": TEXT, "entity": ANY, "dimension": ANY,
        "metrics": ANY, "doc_blocks": ANY, "index": ANY,
    },
)  # fmt: skip
_COLUMNS = Many(_COLUMN, unique="name")
_NODE = Keys(
    {"name": TEXT},
    {
        **_COMMON, "columns": _COLUMNS, "group": TEXT, "access": TEXT, "constraints": Many(ANY),
        "latest_version": TEXT, "deprecation_date": TEXT, "versions": Many(_FREE),
        "time_spine": _FREE, "semantic_model": ANY, "metrics": ANY, "derived_semantics": ANY,
        "agg_time_dimension": TEXT, "primary_entity": TEXT, "primary_key": ANY,
        "quote_columns": ANY,
        "relation": TEXT, "freshness": ANY,
    },
)  # fmt: skip
_TABLE = Keys(
    {"name": TEXT},
    {
        **_COMMON, "columns": _COLUMNS, "identifier": TEXT, "external": ANY, "freshness": ANY,
        "loaded_at_field": TEXT, "loaded_at_query": TEXT, "loader": TEXT, "quoting": _FREE,
    },
)  # fmt: skip
_SOURCE = Keys(
    {"name": TEXT},
    {
        **_COMMON, "database": TEXT, "schema": TEXT, "overrides": TEXT, "freshness": ANY,
        "loaded_at_field": TEXT, "loaded_at_query": TEXT, "loader": TEXT, "quoting": _FREE,
        "tables": Many(_TABLE, unique="name"),
    },
)  # fmt: skip
_GROUP = Keys(
    {"name": TEXT},
    {"owner": _FREE, "description": TEXT, "config": _FREE, "docs": _FREE, "meta": _FREE},
)

PROPERTIES = Keys(
    {},
    {
        "version": _VERSION,
        "models": Many(_NODE, unique="name"),
        "seeds": Many(_NODE, unique="name"),
        "snapshots": Many(_NODE, unique="name"),
        "sources": Many(_SOURCE),
        "groups": Many(_GROUP, unique="name"),
        **dict.fromkeys(
            ("analyses", "anchors", "data_tests", "exposures", "functions", "macros", "metrics",
             "saved_queries", "semantic_models", "tests", "unit_tests"), ANY,
        ),
    },
)  # fmt: skip
