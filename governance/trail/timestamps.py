"""RFC 3161 time stamps: an authority's word that a checkpoint existed at a time.

A token bounds *not later than*: whoever rewrites the log afterwards cannot get one for the past.
The library that reads and verifies tokens opens no connection; fetching one is ``fetching``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from governance.errors import TrailError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Stamp:
    """A token that verified: since when the stamped bytes existed, and who says so."""

    time: datetime
    authority: str


def make_request(message: bytes) -> bytes:
    """Return the DER of a request for a token over the SHA-256 of a message, with a nonce."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes()


def read_stamp(response: bytes, message: bytes, authorities: Sequence[bytes]) -> Stamp | None:
    """Return what a response proves about a message, or None if it proves nothing.

    Args:
        response: The DER of a TimeStampResp.
        authorities: The pinned root certificates in PEM; one of them must have vouched for the
            certificate that signed. Their validity counts at the time of the stamp.
    """
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        told = decode_timestamp_response(response)
        builder = VerifierBuilder()
        for root in _unique(load_authorities(authorities)):
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(told, message)
        time = told.tst_info.gen_time
        name = _signer(told.signed_data.certificates)
    except (VerificationError, ValueError, TypeError):
        return None
    return Stamp(time if time.tzinfo else time.replace(tzinfo=UTC), name)


def load_authorities(texts: Sequence[bytes]) -> list[Certificate]:
    """Return the certificates of PEM texts; TrailError if one holds none."""
    from cryptography.x509 import load_pem_x509_certificates

    certificates: list[Certificate] = []
    for text in texts:
        try:
            certificates += load_pem_x509_certificates(text)
        except ValueError:
            raise TrailError(
                where="time stamp authority",
                problem="not a certificate in PEM",
                remedy="save the authority's root certificate as a .pem file",
            ) from None
    return certificates


def _unique(certificates: Sequence[Certificate]) -> list[Certificate]:
    return list(dict.fromkeys(certificates))


def _signer(certificates: set[bytes]) -> str:
    from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound, load_der_x509_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    for encoded in sorted(certificates):
        certificate = load_der_x509_certificate(encoded)
        try:
            usage = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
        except ExtensionNotFound:
            continue
        if ExtendedKeyUsageOID.TIME_STAMPING in usage:
            names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            return str(names[0].value) if names else certificate.subject.rfc4514_string()
    return "an authority without a name"
