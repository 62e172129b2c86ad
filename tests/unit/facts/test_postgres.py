"""Facts in a team's PostgreSQL: the same tables, the same answers, and no password told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from governance.errors import FactsError, UsageError
from governance.facts.runs import RunRecord
from governance.facts.store import FactStore
from tests.postgresql import postgresql

pytestmark = pytest.mark.network
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start a server of our own; return its address without a database."""
    with postgresql("owner", "facts", "blank", "other", "newer") as socket:
        yield f"postgresql://owner:s3cret@/%s?host={socket}"


def _record(id: str = "r1", project: str = "acme") -> RunRecord:
    document = {"run": {"started": "2026-11-23T12:00:00Z", "project": project},
                "assets": [], "outcomes": []}  # fmt: skip
    return RunRecord(id, "scan", NOON, "sha256:0", 0, json.dumps(document).encode(), b"measured")


def test_what_is_saved_there_is_read_there(server: str) -> None:
    with FactStore.connect(server % "facts", create=True) as store:
        store.save(_record())
        store.save(_record())
    with FactStore.connect(server % "facts") as store:
        assert list(store.snapshots(until=None)) == [b"measured"]
        assert (store.project(), store.runs()) == ("acme", {"r1"})
        assert store.where == "postgresql://localhost/facts"


def test_no_password_is_in_an_error(server: str) -> None:
    closed = ("postgresql://owner:s3cret@127.0.0.1:1/facts", server % "missing", server % "blank")
    for address in closed:
        with pytest.raises(FactsError) as error:
            FactStore.connect(address)
        assert "s3cret" not in str(error.value)
        assert "owner" not in str(error.value)
    with pytest.raises(FactsError, match="cannot connect to the database"):
        FactStore.connect(server % "missing")
    with pytest.raises(FactsError, match="holds no facts"):
        FactStore.connect(server % "blank")


def test_facts_of_another_version_are_refused(server: str) -> None:
    import psycopg

    with FactStore.connect(server % "newer", create=True):
        pass
    with psycopg.connect(server % "newer") as connection:
        connection.execute("UPDATE facts_format SET format = 99")
    with pytest.raises(FactsError, match="another version"):
        FactStore.connect(server % "newer", create=True)


NO_ADDRESSES = (
    "postgresql://",
    "postgresql://u:s3cret@h:port/x",
    "postgresql+pg8000://u:s3cret@h/x",
    "postgresql://h",
)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_a_usage_error(address: str) -> None:
    with pytest.raises(UsageError) as error:
        FactStore.connect(address)
    assert "s3cret" not in str(error.value)
