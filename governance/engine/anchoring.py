"""Taking a checkpoint out of the reach of whoever holds trail and key."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from governance.engine.ledger import Ledger
from governance.engine.outposts import CHECKPOINT, CONSISTENCY, committed
from governance.errors import TrailError, UsageError
from governance.model.trail import Receipt
from governance.model.vouching import PinnedAuthority, PinnedWitness
from governance.policy.commits import ask_git, run_git
from governance.trail.asking import ask_authority, ask_witness
from governance.trail.cosignature import parse_witness_key
from governance.trail.note import parse_checkpoint
from governance.trail.outside import TSA, WITNESS
from governance.trail.proving import open_tree
from governance.trail.storage import Where
from governance.trail.timestamps import read_stamp
from governance.trail.witness import AddCheckpoint


@dataclass(frozen=True)
class Committed:
    """A checkpoint in git; ``commit`` is None where the newest was committed already."""

    size: int
    commit: str | None


def commit_checkpoint(root: Path, trail: Where) -> Committed:
    """Write the newest checkpoint, and the proof that it continues the last, and commit both.

    Nothing else that is staged or changed goes into the commit.

    Raises:
        UsageError: If this is no repository, or git refuses.
        TrailError: If the trail does not continue the checkpoint that is committed.
    """
    if ask_git(root, "rev-parse", "--show-toplevel") is None:
        raise UsageError("--git", "this is no git repository", "run it in a clone")
    before = next(iter(committed(root)), None)
    try:
        old = parse_checkpoint(before.note) if before else None
    except ValueError:
        old = None  # verifying says so; a sound one may follow it
    with open_tree(trail) as prover:
        note = prover.newest_note()
        new = parse_checkpoint(note)
        if old == new:
            return Committed(new.size, None)
        if old is not None and (old.origin, True) != (new.origin, prover.begins_with(old)):
            raise TrailError(
                where=CHECKPOINT,
                problem=f"the trail does not continue the {old.size} entries committed before",
                remedy="keep both as they are and run 'governance audit verify'",
            )
        proof = prover.consistency(old.size, new.size) if old is not None else []
    asked = AddCheckpoint(old.size if old else 0, tuple(proof), note)
    _write(root / CHECKPOINT, note.encode())
    _write(root / CONSISTENCY, asked.encode())
    run_git(root, "add", "--", CHECKPOINT, CONSISTENCY)
    message = f"chore(trail): checkpoint of {new.size} entries"
    run_git(root, "commit", "--quiet", "-m", message, "--only", "--", CHECKPOINT, CONSISTENCY)
    return Committed(new.size, ask_git(root, "rev-parse", "--short", "HEAD"))


def ask_to_stamp(ledger: Ledger, root: Path, authority: PinnedAuthority) -> Receipt:
    """Return a verified time stamp over the newest checkpoint, and keep it in the trail.

    Raises:
        TrailError: If the authority cannot be asked, or what it answers proves nothing.
    """
    if authority.url is None:
        remedy = "add its url to trail.time_stamps"
        raise TrailError(authority.certificate, "no address is known for this authority", remedy)
    with open_tree(ledger.path) as prover:
        note = prover.newest_note()
    certificate = (root / authority.certificate).read_bytes()
    answer = ask_authority(authority.url, note.encode())
    stamp = read_stamp(answer, note.encode(), [certificate])
    if stamp is None:
        problem = "the answer is no time stamp of the pinned authority over this checkpoint"
        raise TrailError(authority.url, problem, "see that the certificate is that of its root")
    receipt = Receipt(TSA, parse_checkpoint(note).size, answer, stamp.authority)
    ledger.anchor(receipt)
    return receipt


def ask_to_witness(ledger: Ledger, witness: PinnedWitness) -> Receipt:
    """Return a witness's signature over the newest checkpoint, and keep it in the trail.

    Raises:
        TrailError: If the witness cannot be asked, or saw another history.
    """
    key = parse_witness_key(witness.public_key)
    if witness.url is None:
        remedy = "add its url to trail.witnesses"
        raise TrailError(key.name, "no address is known for this witness", remedy)
    with open_tree(ledger.path) as prover:
        note = prover.newest_note()
        signed = ask_witness(witness.url, key, note, prover.consistency)
    receipt = Receipt(WITNESS, parse_checkpoint(note).size, signed.encode(), key.name)
    ledger.anchor(receipt)
    return receipt


def _write(path: Path, content: bytes) -> None:
    """Replace a file whole, so that a crash leaves the one or the other."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.draft")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as cause:
        problem = f"cannot be written: {(cause.strerror or 'unknown').lower()}"
        raise UsageError(str(path), problem, "give this user the right to the folder") from cause
