"""Checkpoints as C2SP signed notes: what the log promises, and who promised it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
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
    signature = key.sign(text.encode())
    return f"{text}\n{signature_line(checkpoint.origin, public.key_id, signature)}"


def parse_checkpoint(note: str) -> Checkpoint:
    """Return what a note says, its signatures unread.

    Raises:
        ValueError: If it is not a note with a checkpoint of three lines.
    """
    text, _ = _split(note)
    lines = text.split("\n")
    if len(lines) != 4 or not _SIZE.fullmatch(lines[1]) or not is_origin(lines[0]):
        raise ValueError("not a checkpoint of origin, size and root")
    root = decode_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise ValueError("a root that is not 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def is_signed_by(note: str, key: PublicKey) -> bool:
    """Return whether a note carries a valid signature of the key under the key's name.

    Signatures of unknown keys are passed over (that is how keys rotate and others co-sign);
    one that claims to be this key's and is wrong makes the answer no.
    """
    try:
        own = signatures_of(note, key.name or "", key.key_id)
    except ValueError:
        return False
    message = note_text(note).encode()
    return bool(own) and all(key.verifies(message, signature) for signature in own)


def is_only_signed_by(note: str, key: PublicKey) -> bool:
    """Return whether a key signed a note, and no other key in the name of its log."""
    try:
        origin = parse_checkpoint(note).origin
        own = [name for name, _ in map(_read_signature, _split(note)[1]) if name == origin]
    except ValueError:
        return False
    return len(own) == 1 and is_signed_by(note, key.named(origin))


def note_text(note: str) -> str:
    """Return the text that is signed, with its last newline; ValueError if it is no note."""
    return _split(note)[0]


def signatures_of(note: str, name: str, key_id: bytes) -> list[bytes]:
    """Return what follows the key id in each signature of a name and a key id.

    Raises:
        ValueError: If it is no note, or one of its signature lines is none.
    """
    found = [_read_signature(line) for line in _split(note)[1]]
    return [blob[4:] for signer, blob in found if signer == name and blob[:4] == key_id]


def signature_line(name: str, key_id: bytes, signature: bytes) -> str:
    """Return the line of a signature, with its newline. Source: C2SP signed-note."""
    return f"{_DASH} {name} {base64.b64encode(key_id + signature).decode()}\n"


def signature_lines(note: str) -> list[str]:
    """Return the signature lines of a note, with their newlines; none if it is no note."""
    try:
        return [f"{line}\n" for line in _split(note)[1]]
    except ValueError:
        return []


def with_signatures(note: str, lines: Sequence[str]) -> str:
    """Return a note that carries these signature lines too, each once.

    Raises:
        ValueError: If the result is no note.
    """
    present = set(_split(note)[1])
    added = "".join(line for line in dict.fromkeys(lines) if line.rstrip("\n") not in present)
    whole = f"{note}{added}"
    for line in _split(whole)[1]:
        _read_signature(line)
    return whole


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
    blob = decode_base64(parts[2])
    if len(blob) < 5:
        raise ValueError("a signature that is too short")
    return parts[1], blob


def decode_base64(text: str) -> bytes:
    """Return the bytes of standard base64 in its one spelling; ValueError for any other."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("wrong base64") from None
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64 in another spelling")
    return raw
