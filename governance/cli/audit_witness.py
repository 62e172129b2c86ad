"""``governance audit witness``: co-sign the checkpoints of trails that others keep."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import enter
from governance.cli.printable import printable
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.trail.keys import PublicKey, SigningKey

_HIGHEST_PORT = 65_535
_MAX_BYTES = 4_096

app = typer.Typer(no_args_is_help=True, help="Co-sign the checkpoints of trails that others keep.")

NameOption = Annotated[
    str, typer.Option("--name", help="The witness's name, as witness.example.org/w1.")
]
StateOption = Annotated[
    Path, typer.Option("--state", help="The folder of its key and of what it saw.")
]


@app.command()
def key(name: NameOption, state: StateOption) -> None:
    """Print the witness's public key, to pin under trail.witnesses; it is made on first use."""
    from governance.trail.cosignature import WitnessKey

    typer.echo(WitnessKey(_checked(name), _own_key(state).public.raw).text)


@app.command()
def serve(
    name: NameOption,
    state: StateOption,
    log: Annotated[
        list[str], typer.Option("--log", help="The public key of a trail, or its file; repeatable.")
    ],
    listen: Annotated[
        str, typer.Option("--listen", help="Host and port; only this machine by default.")
    ] = "127.0.0.1:8432",
) -> None:
    """Answer add-checkpoint as C2SP tlog-witness describes it, until interrupted.

    It signs only what continues the largest checkpoint that it signed before, and remembers it on
    disk before it answers. It needs no trail, sees no entry and stores no body.
    """
    from governance.trail.serving import make_server
    from governance.trail.witness import Witness

    logs = {found.name or "": found for found in map(_log_key, log)}
    witness = Witness(_checked(name), _own_key(state), logs, state, enter().clock)
    try:
        server = make_server(witness, _address(listen), lambda line: typer.echo(printable(line)))
    except OSError as cause:
        problem = f"cannot listen: {(cause.strerror or 'unknown').lower()}"
        raise UsageError("--listen", problem, "name a free port of this machine") from cause
    host, port = server.server_address[:2]
    typer.echo(f"listening on {printable(str(host))}:{port} for {len(logs)} log(s)")
    with server, suppress(KeyboardInterrupt):
        server.serve_forever()


def _own_key(state: Path) -> SigningKey:
    from governance.trail.keys import load_or_create_key

    return load_or_create_key(state)


def _log_key(given: str) -> PublicKey:
    from governance.trail.keys import parse_public_key

    file = Path(given)
    if "+" in given and not file.is_file():
        return parse_public_key(given)
    try:
        with file.open(encoding="ascii") as lines:
            return parse_public_key(lines.read(_MAX_BYTES))
    except (OSError, UnicodeError):
        remedy = "give name+keyid+base64, or a file that holds it"
        raise UsageError("--log", "neither a public key nor a readable file", remedy) from None


def _checked(name: str) -> str:
    from governance.trail.note import is_origin

    if not is_origin(name):
        problem = "not printable ASCII without space and plus"
        raise UsageError("--name", problem, "name it as witness.example.org/w1")
    return name


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _HIGHEST_PORT:
        raise UsageError("--listen", "not a host and a port", "write it as 127.0.0.1:8432")
    return host.strip("[]"), int(port)
