"""Checkpoints as C2SP signed notes: what the log promises, and who promised it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from governance.trail.keys import PublicKey, SigningKey
from governance.trail.merkle import HASH_BYTES

_DASH = "\u2014"
_MAX_CHARACTERS = 65_536
_MAX_SIGNATURES = 64
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_ORIGIN = re.compile(r"[!-*,-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A promise about a log: it has this root at this size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed text. Source: C2SP tlog-checkpoint."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def is_origin(text: str) -> bool:
    """Return whether a text can name a log: printable ASCII, no space, no plus."""
    return bool(_ORIGIN.fullmatch(text))


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Return the signed note; the signer's name is the origin. Source: C2SP signed-note."""
    text = checkpoint.text
    public = key.public.named(checkpoint.origin)
    blob = public.key_id + key.sign(text.encode())
    return f"{text}\n{_DASH} {checkpoint.origin} {base64.b64encode(blob).decode()}\n"


def parse_checkpoint(note: str) -> Checkpoint:
    """Return what a note says, its signatures unread.

    Raises:
        ValueError: If it is not a note with a checkpoint of three lines.
    """
    text, _ = _split(note)
    lines = text.split("\n")
    if len(lines) != 4 or not _SIZE.fullmatch(lines[1]) or not is_origin(lines[0]):
        raise ValueError("not a checkpoint of origin, size and root")
    root = _decode(lines[2])
    if len(root) != HASH_BYTES:
        raise ValueError("a root that is not 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def is_signed_by(note: str, key: PublicKey) -> bool:
    """Return whether a note carries a valid signature of the key under the key's name.

    Signatures of unknown keys are passed over (that is how keys rotate and others co-sign);
    one that claims to be this key's and is wrong makes the answer no.
    """
    try:
        text, lines = _split(note)
        found = [_read_signature(line) for line in lines]
    except ValueError:
        return False
    own = [blob for name, blob in found if name == key.name and blob[:4] == key.key_id]
    message = text.encode()
    return bool(own) and all(key.verifies(message, blob[4:]) for blob in own)


def _split(note: str) -> tuple[str, list[str]]:
    if len(note) > _MAX_CHARACTERS or not note.endswith("\n"):
        raise ValueError("too long, or cut off")
    if any(ord(character) < 32 and character != "\n" for character in note):
        raise ValueError("control characters")
    text, separator, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")[:-1]
    if not separator or not lines or len(lines) > _MAX_SIGNATURES:
        raise ValueError("no text, no signature, or too many")
    return f"{text}\n", lines


def _read_signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not parts[1] or "+" in parts[1]:
        raise ValueError("a line that is no signature")
    blob = _decode(parts[2])
    if len(blob) < 5:
        raise ValueError("a signature that is too short")
    return parts[1], blob


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("wrong base64") from None
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64 in another spelling")
    return raw
