"""The proof beside an issued report: that the trail holds its digest, for who has only the key."""

from __future__ import annotations

from pathlib import Path

from governance.engine.ledger import Ledger
from governance.errors import ReportError, TrailError
from governance.trail.proving import open_tree
from governance.trail.reading import read_entries
from governance.trail.storage import told


def proof_beside(target: Path) -> Path:
    """Return where the proof of a report lies."""
    return target.with_name(f"{target.name}.tlog-proof")


def write_proof(target: Path, ledger: Ledger, sha256: str) -> Path:
    """Write the proof that the newest entry of a report's digest is in the trail.

    The file is a C2SP tlog-proof: the entry itself, its place, the hashes that lead to the root,
    and the signed checkpoint.

    Raises:
        TrailError: If the trail holds no such entry, or no checkpoint covers it.
        ReportError: If the file cannot be written.
    """
    issued = read_entries(ledger.path, types={"report.issued"})
    found = [entry.seq for entry in issued if entry.payload.get("sha256") == sha256]
    if not found:
        problem = "it holds no report with this digest"
        raise TrailError(told(ledger.path), problem, "make the report again")
    with open_tree(ledger.path) as tree:
        proof = tree.inclusion(found[-1]).encode()
    beside = proof_beside(target)
    try:
        beside.write_bytes(proof.encode())
    except OSError as cause:
        problem = f"cannot write the proof: {cause.strerror}"
        raise ReportError(str(beside), problem, "name a folder you may write to") from cause
    return beside
