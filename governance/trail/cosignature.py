"""What a witness signs: at this time, this was the largest consistent checkpoint it had seen.

Source: C2SP tlog-cosignature, Ed25519. The byte that tells the type of a key keeps room for
ML-DSA-44, which the specification prefers for what is newly deployed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from governance.errors import TrailError
from governance.trail.keys import PublicKey, SigningKey
from governance.trail.note import is_origin, note_text, signature_line, signatures_of

_COSIGNER = b"\x04"
_KEY_BYTES = 32
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_LATEST = 253_402_300_799  # the last second that a datetime can tell


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The key of a witness.

    Args:
        name: The witness's name, as its signature lines tell it.
        raw: The 32 bytes of an Ed25519 public key.
    """

    name: str
    raw: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, 0x04, key)."""
        named = self.name.encode() + b"\n" + _COSIGNER + self.raw
        return hashlib.sha256(named).digest()[:4]

    @property
    def text(self) -> str:
        """``name+keyid+base64``, as ``trail.witnesses`` in governance.yaml pins it."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_COSIGNER + self.raw).decode()}"


def parse_witness_key(text: str) -> WitnessKey:
    """Read the text form of a witness's key.

    Raises:
        TrailError: If it has another form, another algorithm, or its key id is wrong.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        typed = base64.b64decode(encoded, validate=True)
        key = WitnessKey(name, typed[1:])
        known = typed[:1] == _COSIGNER and len(key.raw) == _KEY_BYTES
        if not known or not is_origin(name) or key.key_id.hex() != key_id:
            raise ValueError
    except (ValueError, binascii.Error):
        raise TrailError(
            where="witness key",
            problem="not the Ed25519 key of a witness, of the form name+keyid+base64",
            remedy="copy the line that 'governance audit witness key' prints",
        ) from None
    return key


def cosign(note: str, name: str, key: SigningKey, now: datetime) -> str:
    """Return a witness's signature line over a checkpoint at an aware instant."""
    seconds = int(now.timestamp())
    signature = key.sign(_message(note, seconds))
    own = WitnessKey(name, key.public.raw)
    return signature_line(name, own.key_id, seconds.to_bytes(_TIME_BYTES) + signature)


def cosigned_at(note: str, key: WitnessKey) -> datetime | None:
    """Return since when a note carries this witness's signature, or None if it does not.

    Of several the earliest counts; one that claims to be this key's and is wrong makes the
    answer None.
    """
    try:
        blobs = signatures_of(note, key.name, key.key_id)
    except ValueError:
        return None
    times = [_signed_at(note, blob, key) for blob in blobs]
    sound = [time for time in times if time is not None]
    return min(sound) if sound and len(sound) == len(times) else None


def _signed_at(note: str, blob: bytes, key: WitnessKey) -> datetime | None:
    seconds = int.from_bytes(blob[:_TIME_BYTES])
    if len(blob) != _TIME_BYTES + _SIGNATURE_BYTES or seconds > _LATEST:
        return None
    is_sound = PublicKey(key.raw).verifies(_message(note, seconds), blob[_TIME_BYTES:])
    return datetime.fromtimestamp(seconds, UTC) if is_sound else None


def _message(note: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{note_text(note)}".encode()
