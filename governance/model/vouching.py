"""Who must have signed the audit trail, and who vouches for it outside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from governance.model.parts import Strict, Text


class PinnedWitness(Strict):
    """Somebody elsewhere who co-signs checkpoints of the trail.

    Args:
        url: Where its service listens; None where the signatures come another way.
    """

    public_key: Text
    url: Text | None = None


class PinnedAuthority(Strict):
    """An authority whose RFC 3161 time stamps over checkpoints count.

    Args:
        certificate: The path of its root certificate in PEM, from the workspace.
        url: Where it answers; None where the tokens come another way.
    """

    certificate: Text
    url: Text | None = None


class TrailPin(Strict):
    """The key that the audit trail must be signed with, and who vouches for it outside.

    Args:
        quorum: How many of the witnesses make the trail ``witnessed``; None for all.
        minimum: The level below which ``audit verify`` fails; None for ``signed``.
    """

    public_key: Text
    witnesses: tuple[PinnedWitness, ...] = ()
    quorum: Annotated[int, Field(ge=1)] | None = None
    time_stamps: tuple[PinnedAuthority, ...] = ()
    minimum: Literal["intact", "signed", "anchored", "witnessed"] | None = None
