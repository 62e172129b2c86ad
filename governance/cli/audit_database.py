"""``governance audit setup``: a trail's tables in a team's database, and who may use them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from governance.cli.audit_common import TrailOption
from governance.cli.door import trail_place
from governance.cli.printable import printable
from governance.errors import UsageError


def setup(
    trail: TrailOption = None,
    writer: Annotated[
        list[str] | None, typer.Option("--writer", help="A role that may add and read; repeatable.")
    ] = None,
    reader: Annotated[
        list[str] | None, typer.Option("--reader", help="A role that may read; repeatable.")
    ] = None,
) -> None:
    """Make a trail's tables in PostgreSQL, as the role that owns them and is used for nothing else.

    Whoever writes may add entries and read them, and has no right to change or remove any.
    """
    from governance.trail.databases import set_up
    from governance.trail.storage import told

    address = trail_place(trail, Path())
    if isinstance(address, Path):
        remedy = "name it with --trail postgresql://owner@host/database"
        raise UsageError("--trail", "not the address of a database", remedy)
    made = set_up(address, writers=writer or (), readers=reader or ())
    typer.echo(f"{printable(told(address))}: {'made' if made else 'the tables were there'}")
    for role, right in [(r, "adds and reads") for r in writer or ()] + [
        (r, "reads") for r in reader or ()
    ]:
        typer.echo(f"  {printable(role)} {right}")
