"""What OpenLineage events claim beside inputs and outputs: origins of columns, and purposes."""

import pytest

from governance.sources.facets import column_origins, purpose_of

IDENTITY = {"type": "DIRECT", "subtype": "IDENTITY"}
HASHED = {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True}
FILTER = {"type": "INDIRECT", "subtype": "FILTER", "masking": False}


def output(*ways, old=None):
    origin = {"namespace": "pg", "name": "crm.contacts", "field": "email"}
    if ways:
        origin["transformations"] = list(ways)
    told = {"inputFields": [origin]} | ({"transformationType": old} if old else {})
    facet = {"columnLineage": {"fields": {"mail": told}}}
    return [{"namespace": "pg", "name": "mart.contacts", "facets": facet}]


@pytest.mark.parametrize(
    ("told", "direct", "masking"),
    [
        (output(HASHED), True, True),
        (output(HASHED, IDENTITY), True, False),
        (output(HASHED, FILTER), True, True),
        (output(HASHED, {"type": "DIRECT", "subtype": "AGGREGATION"}), True, None),
        (output(IDENTITY), True, False),
        (output(FILTER), False, False),
        (output(), True, None),
        (output(old="MASKED"), True, True),
        (output(old="IDENTITY"), True, False),
    ],
)
def test_a_column_is_masked_only_if_every_way_to_it_is_said_to_mask(told, direct, masking):
    (origin,) = column_origins(told)
    assert (origin.output, origin.field) == ("pg/mart.contacts", "mail")
    assert (origin.source, origin.source_field) == ("pg/crm.contacts", "email")
    assert (origin.direct, origin.masking) == (direct, masking)


@pytest.mark.parametrize(
    "broken",
    [None, {}, [None], [{"namespace": "a", "name": "b", "facets": []}],
     [{"namespace": "a", "name": "b", "facets": {"columnLineage": {"fields": {"x": 3}}}}],
     [{"namespace": "a", "name": "b", "facets": {"columnLineage": {"fields": {
         "x": {"inputFields": [{"field": 3}, "y"]}}}}}]],
)  # fmt: skip
def test_facets_of_another_shape_claim_nothing(broken):
    assert list(column_origins(broken)) == []


def tags(word, key="Purpose"):
    return {"tags": {"tags": [{"key": "tier", "value": "gold"}, {"key": key, "value": word}]}}


@pytest.mark.parametrize(
    ("event", "purpose"),
    [
        ({"job": {"facets": tags("billing")}}, "billing"),
        ({"job": {"facets": tags("billing")}, "run": {"facets": tags("fraud")}}, "fraud"),
        ({"job": {"facets": {"acme_purpose": {"purpose": "billing"}}}}, "billing"),
        ({"job": {"facets": tags("billing", key="owner")}}, None),
        ({"job": {"facets": {"tags": {"tags": "x"}}}, "run": 3}, None),
    ],
)
def test_the_purpose_of_the_run_comes_before_that_of_its_job(event, purpose):
    assert purpose_of(event) == purpose
