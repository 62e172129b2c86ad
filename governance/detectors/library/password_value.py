"""Passwords and keys in columns of their own."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from governance.detectors.base import Found, WholeValue
from governance.model.evidence import Grade

_PROTECTED = regex.compile(
    r"\$(?:2[abxy]?|argon2(?:id|i|d)|5|6|7|y|scrypt|pbkdf2[\w-]*)\$.+|\{\w+\}.+|pbkdf2_.+"
    r"|(?:[0-9a-fA-F]{8}){4,16}|[*x•#.]+|\[?(?:redacted|hidden|masked|removed)\]?",
    regex.IGNORECASE,
)


class PasswordValue(WholeValue):
    """A password, token or key in clear, in a column that says so.

    Why: whoever reads the column can act as its owner. Hashes and masks are left alone.
    Source: OWASP Password Storage Cheat Sheet (bcrypt, scrypt, Argon2 and PBKDF2 forms).
    """

    id = "password-value"
    entity = "SECRET"
    shape = r"[^\s\x00]{4,200}"

    def find(self, text: str) -> Iterator[Found]:
        """Yield the value unless it is a hash or a mask."""
        for found in super().find(text):
            if not _PROTECTED.fullmatch(text.strip()):
                yield found._replace(grade=Grade.WEAK, detail="password")
