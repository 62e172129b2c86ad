"""Sending a notice to the address that a variable of the environment holds."""

from __future__ import annotations

import logging
from collections.abc import Mapping

_PREFIX = "env:"


def send(channel: str, title: str, body: str, environment: Mapping[str, str]) -> str | None:
    """Send a notice and return why it did not arrive; None when it did.

    Args:
        channel: As ``env:NAME``: the variable that holds one or more addresses, parted by spaces,
            in apprise's spelling (``mailtos://…``, ``slack://…``, ``json://…``).

    No reason names an address: it may hold a password.
    """
    name = channel.removeprefix(_PREFIX)
    addresses = environment.get(name, "").split()
    if not addresses:
        return f"the variable {name} is not set"
    import apprise

    # NOTE: what apprise logs may quote an address.
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False
    notifier = apprise.Apprise()
    if not all(notifier.add(address) for address in addresses):
        return f"the variable {name} holds no address that can be sent to"
    try:
        arrived = notifier.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
    except (TypeError, OSError, ValueError) as cause:
        return f"sending failed ({type(cause).__name__})"
    return None if arrived else "it could not be delivered"
