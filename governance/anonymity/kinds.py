"""The kinds of shape that a value can have."""

from __future__ import annotations

REDACTED = "redacted"
MASKED = "masked"
HASHED = "hashed:"
"""Followed by the digest's length in bits, or by nothing when the scheme does not tell it."""
OTHER = "other"
