"""Encryption at rest of what may have to be erased: AES-256-GCM under a key of its own.

Source: NIST SP 800-38D; the nonce is 96 random bits and stands before the ciphertext.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12


def seal(key: bytes, plain: bytes, context: bytes) -> bytes:
    """Return the ciphertext; it opens only with the key and in the same context."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes | None:
    """Return the plaintext, or None if key, context or ciphertext are not those of sealing."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        return None
