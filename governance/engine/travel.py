"""How facts leave a machine and arrive on another: who signs them, and where they are read."""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path

from governance.engine.stored import read_store
from governance.engine.workspace import Workspace
from governance.errors import FactsError, UsageError
from governance.facts.parsing import MAX_BYTES, Origin, Vouches, parse_records
from governance.facts.portable import Sign, dump_records
from governance.model.measured import Stored
from governance.model.parts import Gate
from governance.model.policy import EffectivePolicy
from governance.policy.committed import is_committed

_DATABASES = ("postgresql://", "postgres://")
_ADDRESSES = ("http://", "https://")
NOTHING = Stored((), "no scan has left facts here")


def export_facts(workspace: Workspace, keys: Path, seed: str | None) -> tuple[bytes, Stored]:
    """Return the newest facts as text that travels, and what they are.

    Args:
        keys: The folder of the workspace's own key, which signs; without one, nobody does.
        seed: The signing key's seed from the environment, which goes before it.

    Raises:
        FactsError: If no scan has left facts.
    """
    stored = local_facts(workspace)
    if stored is None:
        raise _none(workspace)
    project = workspace.policy.project.id
    return dump_records(stored.records, project, _signer(keys, seed)), stored


def fill_database(workspace: Workspace, address: str) -> tuple[int, str]:
    """Copy the runs that a team's database lacks; return their number and the address, as told.

    Raises:
        FactsError: If there are none, or the database is another project's or cannot be written.
    """
    from governance.facts.store import FactStore

    if not workspace.facts.exists():
        raise _none(workspace)
    copied, project = 0, workspace.policy.project.id
    with FactStore.open(workspace.facts) as here, FactStore.connect(address, create=True) as there:
        found = there.project()
        if found not in (None, project):
            problem = f"it holds the facts of another project, '{found}'"
            raise FactsError(there.where, problem, "use a database for each project")
        known = there.runs()
        for record in here.documents(until=None):
            if record.id not in known:
                there.save(record)
                copied += 1
        if not copied and not known:
            raise _none(workspace)
        return copied, there.where


def find_facts(
    workspace: Workspace, named: str | None, gate: Gate, policy: EffectivePolicy
) -> Stored:
    """Return the facts that a person named, else this machine's, else those that travel with it.

    Args:
        gate: Where else to look. policy: Whose pinned key vouches.

    Raises:
        UsageError: If the address is of a kind that is not read.
        FactsError: If they cannot be read, or are not what was exported.
    """
    if named is None:
        local = local_facts(workspace)
        if local is not None:
            return local
        path = workspace.root / gate.facts if gate.facts else None
        if path is None or not path.is_file():
            return NOTHING
        return _from_file(path, gate.facts or "", policy)
    if named.startswith(_DATABASES):
        from governance.facts.store import FactStore

        with FactStore.connect(named) as store:
            return read_store(store, policy, store.where)
    if named.startswith(_ADDRESSES):
        from governance.facts.fetching import fetch

        data, told = fetch(named)
        return parse_facts(data, told, policy)
    if "://" in named:
        remedy = "name a file, or an address that begins with https:// or postgresql://"
        raise UsageError("--facts", "facts are not read from such an address", remedy)
    return _from_file(Path(named), named, policy)


def local_facts(workspace: Workspace) -> Stored | None:
    """Return what this machine's own scans left; None where no scan has left anything.

    Raises:
        FactsError: If they came with the checkout, so that they are nobody's measurements.
    """
    if not workspace.facts.exists():
        return None
    if is_committed(workspace.root, workspace.facts):
        problem = "it is part of the commit: whoever writes one would write what was measured"
        remedy = "take .governance/ out of git; facts travel by 'governance facts export'"
        raise FactsError(workspace.facts.name, problem, remedy)
    from governance.facts.store import FactStore

    with FactStore.open(workspace.facts) as store:
        found = read_store(store, workspace.policy, "this machine's scans")
    return found if found.records else None


def parse_facts(
    data: bytes, told: str, policy: EffectivePolicy, *, path: str | None = None
) -> Stored:
    """Return the facts of a file's bytes.

    Args:
        path: Where the file lies; None for what is no file here.

    Raises:
        FactsError: If they are not what was exported for this project.
    """
    origin = Origin(told, policy.project.id, vouching(policy))
    sha256 = hashlib.sha256(data).hexdigest()
    return Stored(parse_records(data, origin), told, path=path, sha256=sha256)


def vouching(policy: EffectivePolicy) -> Vouches | None:
    """Return what holds a signature against the pinned key; None where no key is pinned."""
    pin = policy.project.trail
    if pin is None:
        return None
    from governance.trail.keys import parse_public_key

    key = parse_public_key(pin.public_key)

    def vouches(message: bytes, signature: str) -> bool:
        try:
            return key.verifies(message, base64.b64decode(signature, validate=True))
        except (binascii.Error, ValueError):
            return False

    return vouches


def _from_file(path: Path, told: str, policy: EffectivePolicy) -> Stored:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as cause:
        problem = f"the facts cannot be read: {(cause.strerror or 'unknown reason').lower()}"
        raise FactsError(
            told, problem, "name the file that 'governance facts export' wrote"
        ) from None
    return parse_facts(data, told, policy, path=str(path))


def _signer(keys: Path, seed: str | None) -> Sign | None:
    from governance.trail.keys import SigningKey, load_key, load_or_create_key

    key: SigningKey | None
    key = load_or_create_key(keys, seed) if seed else load_key(keys)
    if key is None:
        return None
    held = key
    return lambda message: base64.b64encode(held.sign(message)).decode()


def _none(workspace: Workspace) -> FactsError:
    problem = "no scan has left facts here, so there is nothing to export"
    return FactsError(str(workspace.facts), problem, "run 'governance scan' first")
