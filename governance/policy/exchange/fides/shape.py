"""What a file of Fides resources may look like; its datasets in detail.

Source: fideslang, the resources Dataset, DatasetCollection and DatasetField, 1.x to 3.x.
"""

from __future__ import annotations

from collections.abc import Mapping

from governance.policy.exchange.shapes import (
    ANY,
    TEXT,
    TEXTS,
    TRUTH,
    WHOLE,
    Again,
    Keys,
    Many,
    Shape,
)

_FREE = Keys(free=True)
_REFERENCES = Many(Keys({}, {"dataset": TEXT, "field": TEXT, "direction": TEXT}))
_FIELD_META = Keys(
    {},
    {
        "references": _REFERENCES, "identity": TEXT, "primary_key": TRUTH, "data_type": TEXT,
        "length": WHOLE, "return_all_elements": TRUTH, "read_only": TRUTH,
        "custom_request_field": TEXT, "masking_strategy_override": _FREE, "redact": ANY,
    },
)  # fmt: skip
_COLLECTION_META = Keys(
    {},
    {
        "after": TEXTS, "erase_after": TEXTS, "skip_processing": TRUTH, "partitioning": ANY,
        "masking_strategy_override": _FREE,
    },
)  # fmt: skip
_DATASET_META = Keys({}, {"resource_id": TEXT, "after": TEXTS, "namespace": _FREE})
_CLASSED: Mapping[str, Shape] = {
    "description": TEXT, "data_categories": TEXTS, "data_qualifier": TEXT, "retention": TEXT,
}  # fmt: skip
_FIELDS = Again()
_FIELDS.shape = Many(
    Keys(
        {"name": TEXT},
        {**_CLASSED, "fides_meta": _FIELD_META, "fidesops_meta": _FIELD_META, "fields": _FIELDS},
    ),
    unique="name",
)
_COLLECTION = Keys(
    {"name": TEXT},
    {
        **_CLASSED, "fides_meta": _COLLECTION_META, "fidesops_meta": _COLLECTION_META,
        "fields": _FIELDS,
    },
)  # fmt: skip
_DATASET = Keys(
    {"fides_key": TEXT},
    {
        **_CLASSED, "organization_fides_key": TEXT, "tags": TEXTS, "name": TEXT, "meta": _FREE,
        "fides_meta": _DATASET_META, "fidesops_meta": _DATASET_META, "joint_controller": _FREE,
        "third_country_transfers": TEXTS, "collections": Many(_COLLECTION, unique="name"),
    },
)  # fmt: skip

RESOURCES = Keys(
    {},
    {
        "dataset": Many(_DATASET, unique="fides_key"),
        **dict.fromkeys(
            ("data_category", "data_qualifier", "data_subject", "data_use", "evaluation",
             "organization", "policy", "registry", "system"), ANY,
        ),
    },
)  # fmt: skip
