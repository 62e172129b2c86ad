"""Making a trail's tables in a database, and letting roles write or read them."""

from __future__ import annotations

from collections.abc import Sequence

from governance.errors import TrailError
from governance.trail import postgres_guards
from governance.trail.storage import (
    create_schema,
    failing_closed,
    is_blank,
    schema_problem,
    told,
    writing_engine,
)


def set_up(address: str, *, writers: Sequence[str] = (), readers: Sequence[str] = ()) -> bool:
    """Make the tables where there are none, and grant; return whether they were made.

    Args:
        address: Of the role that shall own the tables; nobody needs it afterwards, but for pruning.
        writers: Roles that may add and read. readers: Roles that may read.

    Raises:
        UsageError: If it is no address of a database.
        TrailError: If it cannot be reached, or its tables are not those of a trail.
    """
    with failing_closed(address):
        engine = writing_engine(address)
        try:
            with engine.begin() as connection:
                made = is_blank(connection)
                if made:
                    create_schema(connection)
                problem = schema_problem(connection)
                if problem:
                    raise TrailError(told(address), problem, "name another database or schema")
                for role in writers:
                    postgres_guards.grant(connection, role, writes=True)
                for role in readers:
                    postgres_guards.grant(connection, role, writes=False)
        finally:
            engine.dispose()
    return made
