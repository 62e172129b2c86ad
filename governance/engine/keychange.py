"""Changing the key that signs: the log first, then the file, so that a crash in between heals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from governance.engine.ledger import Ledger
from governance.errors import TrailError, UsageError
from governance.model.trail import Person
from governance.trail.keyring import Successor
from governance.trail.keys import (
    PublicKey,
    enthrone_next_key,
    load_key,
    load_or_create_key,
    prepare_next_key,
)
from governance.trail.reading import read_keys
from governance.trail.storage import exists, told


def begin_with_key(folder: Path, ledger_path: Path | str, seed: str | None) -> PublicKey:
    """Return the public half of a key that is made for a log that does not exist yet.

    Raises:
        UsageError: If there is a key, or a log that another key signed.
    """
    if seed is None and load_key(folder) is not None:
        remedy = "to change it, run 'governance audit key rotate'"
        raise UsageError(str(folder), "there is a signing key already", remedy)
    if exists(ledger_path):
        remedy = "restore its key, or say that it is lost: --after-loss --by NAME --reason WHY"
        raise UsageError(told(ledger_path), "the trail was signed with another key", remedy)
    return load_or_create_key(folder, seed).public


def follow_lost_key(ledger: Ledger, by: str, reason: str) -> PublicKey:
    """Go on with the ledger's key where the log's own was lost; return its public half.

    Raises:
        TrailError: If there is no trail, or this key signed it.
    """
    key = ledger.key.key if isinstance(ledger.key, Successor) else ledger.key
    if not exists(ledger.path):
        raise TrailError(told(ledger.path), "there is no trail", "run 'governance audit key new'")
    with replace(ledger, key=Successor(key, ledger.hide(reason, Person(by)))):
        return key.public


def rotate_key(ledger: Ledger, folder: Path, new_seed: str | None) -> PublicKey:
    """Hand over to a new key and return its public half.

    Args:
        folder: Where the key that signs lives; the new one takes its place.
        new_seed: The new key's seed, where the one that signs comes from the environment.

    Raises:
        TrailError: If the trail cannot be written; the old key signs on then.
    """
    if new_seed is not None:
        new = load_or_create_key(folder, new_seed)
        with ledger:
            ledger.rotate(new)
        return new.public
    new = prepare_next_key(folder)
    current = read_keys(ledger.path).current
    # An earlier call may have been stopped when the log had changed hands and the file had not.
    if current is None or current.key.raw != new.public.raw:
        with ledger:
            ledger.rotate(new)
    enthrone_next_key(folder)
    return new.public
