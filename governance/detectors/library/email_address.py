"""E-mail addresses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import regex

from governance.detectors.base import Compiled, Found, time_limit
from governance.detectors.presidio import Recognizer, silence_presidio
from governance.detectors.settling import Settled, matching
from governance.model.evidence import Grade

if TYPE_CHECKING:
    import pyarrow as pa
    from tldextract import TLDExtract

# RFC 2606 and RFC 6762: names that no registry holds, used inside organisations and in tests.
PRIVATE_SUFFIXES = ("corp", "example", "home", "internal", "intranet", "invalid", "lan", "local",
                    "localdomain", "localhost", "test")  # fmt: skip
_LOCAL_LENGTH, _DOMAIN_LENGTH = 128, 256  # RFC 5321 allows 64 and 255 octets
_CODE_NAMES = frozenset({"git", "svn", "hg"})
_PLAIN = (
    r"^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+){0,9}@"
    r"[A-Za-z0-9]{1,63}(?:[.-][A-Za-z0-9]{1,63}){0,3}\.[A-Za-z]{2,63}$"
)
_CODE_HOST = rf"(?i)^(?:{'|'.join(sorted(_CODE_NAMES))})@|^[^@]{{100}}"


class EmailAddress:
    """An e-mail address, also inside text and at internal hosts.

    Why: an address reaches one person and is the commonest join key between systems.
    Source: Presidio's EmailRecognizer; RFC 5321; the public suffix list bundled with tldextract
    (never fetched), and the reserved names of RFC 2606 and RFC 6762.
    """

    id = "email-address"
    entity = "EMAIL_ADDRESS"
    countries: frozenset[str] = frozenset()
    on_request = False
    is_trusted = True
    needs_digit = False
    words = ("mail", "email", "contact")
    gates: tuple[Compiled, ...] = (regex.compile(r"@\w"),)

    def find(self, text: str) -> Iterator[Found]:
        """Yield each address whose domain ends in a known suffix."""
        done = 0
        at = text.find("@")
        while at >= 0:
            # NOTE: only the surroundings of the sign are matched: on a long run without blanks
            # Presidio's pattern takes quadratic time.
            start, end = max(done, at - _LOCAL_LENGTH), at + _DOMAIN_LENGTH
            for match in self._pattern.finditer(text[start:end], timeout=time_limit(text)):
                found = self._judge(match.group(), start + match.start())
                if found:
                    yield found
                    done = found.end
            at = text.find("@", max(at + 1, done))

    def settle(self, texts: pa.Array) -> Settled:
        """Decide plain addresses at once; a host is looked up once however many share it."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        places = np.flatnonzero(matching(texts, _PLAIN) & ~matching(texts, _CODE_HOST))
        hosts = pc.replace_substring_regex(texts.take(pa.array(places)), "^[^@]*@", "")
        coded = hosts.dictionary_encode()
        known = [bool(self._suffixes(host).fqdn) for host in coded.dictionary.to_pylist()]
        is_address = np.zeros(len(texts), dtype=bool)
        is_address[places] = np.array(known, dtype=bool)[coded.indices.to_numpy()]
        return {(Grade.STRONG, None): is_address}

    def _judge(self, value: str, start: int) -> Found | None:
        local, _, domain = value.rpartition("@")
        kept = regex.split(r"[=/{|}'`&?]", local)[-1]
        if not kept or kept.lower() in _CODE_NAMES:
            return None
        if not self._suffixes(domain).fqdn:
            return None
        first = start + len(local) - len(kept)
        return Found(first, start + len(value), Grade.STRONG)

    @cached_property
    def _pattern(self) -> Compiled:
        silence_presidio()
        from presidio_analyzer.predefined_recognizers import EmailRecognizer

        recognizer: Recognizer = EmailRecognizer()
        return regex.compile(recognizer.patterns[0].regex, recognizer.global_regex_flags)

    @cached_property
    def _suffixes(self) -> TLDExtract:
        # NOTE: Presidio would call tldextract's default, which fetches the list from the network.
        from tldextract import TLDExtract

        return TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=PRIVATE_SUFFIXES)
