"""Names of files, tables and members in which no value may stand, and those that stay."""

from __future__ import annotations

import pytest

from governance.sources.names import looks_like_data, told_path

PLAIN = (
    "data/orders.csv",
    "logs/app-2026-11-01.log",
    "logs/app_20261101T101500Z.log.gz",
    "export/2026/11/part-0000012.parquet",
    "spark/part-00000-3f2a9c1e-1111-4222-8333-abcdefabcdef.snappy.parquet",
    "shop.db#order_items",
    "dump.zip!inner/a.csv",
    "../shared/x.csv",
    "s3://bucket/key.csv",
)
HIDDEN = (
    ("data/kim@example.org.csv", "data/NAME.csv"),
    ("kim@example.org/orders.csv", "NAME/orders.csv"),
    ("shop.db#kim@example.org", "shop.db#NAME"),
    ("dump.zip!4111 1111 1111 1111.csv.gz", "dump.zip!NAME.csv.gz"),
    ("a/00-00-5E-00-53-AF.json", "a/NAME.json"),
    ("a/3f2a9c1e-1111-4222-8333-abcdefabcdef.json", "a/NAME.json"),
    ("a/ABCDE1234F.pdf", "a/NAME.pdf"),
    ("+49 30 901820.txt", "NAME.txt"),
)


@pytest.mark.parametrize("path", PLAIN)
def test_what_is_no_value_stays(path: str) -> None:
    assert told_path(path, lambda _: "NAME") == path


@pytest.mark.parametrize(("path", "told"), HIDDEN)
def test_a_part_that_is_a_value_is_replaced_and_its_ending_kept(path: str, told: str) -> None:
    assert told_path(path, lambda _: "NAME") == told


@pytest.mark.parametrize(
    "name",
    ["00:00:5e:00:53:af", "https://example.org/?u=1", "3f2a9c1e-1111-4222-8333-abcdefabcdef"],
)
def test_a_header_that_is_an_address_of_any_kind_is_data(name: str) -> None:
    assert looks_like_data(name)
    assert not looks_like_data("customer_email")
