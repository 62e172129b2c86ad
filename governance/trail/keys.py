"""The keys: Ed25519 for checkpoints, one secret for fingerprints, both in files of mode 0600.

The folder of the keys is not part of what is copied with the trail: whoever holds the signing
key can write a new history. Public keys have the text form of C2SP signed notes,
``name+keyid+base64``, where the name is the origin of the log they vouch for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from governance.errors import TrailError

SIGNING_KEY_FILE = "trail-signing.pem"
NEXT_KEY_FILE = "trail-signing.next.pem"
SECRET_BYTES = 32
_SEED_BYTES = 32
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verifying key.

    Args:
        raw: The 32 bytes of an Ed25519 public key.
        name: The origin of the log it vouches for; None for a key that is not tied to one.
    """

    raw: bytes
    name: str | None = None

    def named(self, origin: str) -> PublicKey:
        """Return the same key, tied to a log."""
        return replace(self, name=origin)

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, 0x01, key). Source: C2SP signed-note."""
        name = (self.name or "").encode()
        return hashlib.sha256(name + b"\n" + _ED25519 + self.raw).digest()[:4]

    @property
    def text(self) -> str:
        """``name+keyid+base64``, as ``trail.public_key`` in governance.yaml pins it."""
        encoded = base64.b64encode(_ED25519 + self.raw).decode()
        return f"{self.name or ''}+{self.key_id.hex()}+{encoded}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Return whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """An Ed25519 private key. Its repr shows nothing."""

    _private: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        """The public half, not tied to a log."""
        return PublicKey(self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._private.sign(message)


def load_or_create_key(folder: Path, seed: str | None = None) -> SigningKey:
    """Return the signing key: from ``seed``, else from the folder, made there on first use.

    Args:
        folder: Where ``trail-signing.pem`` lives; created with mode 0700.
        seed: Base64 of the 32 bytes of an Ed25519 seed, as CI hands it over; None for none.

    Raises:
        TrailError: If the seed or the file is no such key, or others may read the file.
    """
    if seed is not None:
        return SigningKey(Ed25519PrivateKey.from_private_bytes(_decode_seed(seed)))
    path = folder / SIGNING_KEY_FILE
    return _parse_key(_read_or_create(path, _new_key), path)


def load_key(folder: Path, name: str = SIGNING_KEY_FILE) -> SigningKey | None:
    """Return the signing key of the folder, or None where there is none; TrailError as above."""
    path = folder / name
    return _parse_key(_read_private(path), path) if path.exists() else None


def prepare_next_key(folder: Path) -> SigningKey:
    """Return the key that is to follow, made beside the one that signs; TrailError as above."""
    path = folder / NEXT_KEY_FILE
    return _parse_key(_read_or_create(path, _new_key), path)


def enthrone_next_key(folder: Path) -> None:
    """Put the next key in the place of the one that signed, which is gone then.

    Raises:
        TrailError: If the folder cannot be written.
    """
    path = folder / NEXT_KEY_FILE
    try:
        path.replace(folder / SIGNING_KEY_FILE)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as cause:
        raise _unusable(path, cause) from cause


def load_or_create_secret(folder: Path, name: str) -> bytes:
    """Return 32 secret bytes from a file of the folder, made from randomness on first use.

    Raises:
        TrailError: If the file has another length, or others may read it.
    """
    secret = _read_or_create(folder / name, lambda: secrets.token_bytes(SECRET_BYTES))
    if len(secret) != SECRET_BYTES:
        raise TrailError(
            where=str(folder / name),
            problem=f"not a key of {SECRET_BYTES} bytes",
            remedy="restore it; without it, fingerprints no longer match earlier ones",
        )
    return secret


def parse_public_key(text: str) -> PublicKey:
    """Read ``name+keyid+base64``.

    Raises:
        TrailError: If it has another form, another algorithm, or its key id is wrong.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        typed = base64.b64decode(encoded, validate=True)
        key = PublicKey(typed[1:], name)
        if typed[:1] != _ED25519 or len(key.raw) != _SEED_BYTES or key.key_id.hex() != key_id:
            raise ValueError
    except (ValueError, binascii.Error):
        raise TrailError(
            where="public key",
            problem="not an Ed25519 key of the form name+keyid+base64",
            remedy="copy the line that 'governance audit checkpoint --key' prints",
        ) from None
    return key


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _parse_key(content: bytes, path: Path) -> SigningKey:
    try:
        private = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise TrailError(
            where=str(path),
            problem="not an Ed25519 private key in PEM",
            remedy="restore the key; a new one cannot continue the same trail",
        )
    return SigningKey(private)


def _decode_seed(seed: str) -> bytes:
    try:
        raw = base64.b64decode(seed.strip(), validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != _SEED_BYTES:
        raise TrailError(
            where="signing key from the environment",
            problem=f"not the base64 of {_SEED_BYTES} bytes",
            remedy="make one with 'openssl rand -base64 32'",
        )
    return raw


def _read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    try:
        if not path.exists():
            _create(path, make())
    except OSError as cause:
        raise _unusable(path, cause) from cause
    return _read_private(path)


def _create(path: Path, content: bytes) -> None:
    """Write the file whole or not at all; if another process was first, its key stays."""
    folder = path.parent
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
    draft = folder / f".{path.name}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _read_private(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise TrailError(
                where=str(path),
                problem="other users may read this key",
                remedy="if nobody did, run 'chmod 600' on it; else replace the key",
            )
        return path.read_bytes()
    except OSError as cause:
        raise _unusable(path, cause) from cause


def _unusable(path: Path, cause: OSError) -> TrailError:
    return TrailError(
        where=str(path),
        problem=f"cannot read or make the key: {(cause.strerror or 'unknown').lower()}",
        remedy="give this user the right to the folder, or hand the key over in the environment",
    )
