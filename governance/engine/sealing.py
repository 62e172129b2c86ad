"""A PAdES signature on an issued PDF, with a person's own certificate, through pyHanko.

The signature is added behind the bytes of the report, which stay as they are: whoever takes it off
has the file again whose digest the trail holds.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from governance.engine.ledger import Ledger
from governance.errors import ReportError, UsageError
from governance.model.trail import Event
from governance.trail.reading import read_entries

SEALED = "report.sealed"
_FIELD, _PDF = "Signature1", b"%PDF-"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A PKCS #12 file with a key and its certificates, and what opens it."""

    file: Path
    passphrase: str | None


class _Dated(Protocol):
    """What says from when until when it is valid: an X.509 certificate of asn1crypto."""

    not_valid_before: datetime
    not_valid_after: datetime


def seal_report(report: Path, signed: Path, certificate: Certificate, ledger: Ledger) -> str:
    """Write a signed copy of an issued report, record both digests, and return the new one.

    Raises:
        UsageError: If the trail holds no issued report with the digest of the file, or the
            certificate cannot be opened.
        ReportError: If the file is no PDF, or a file cannot be read or written.
        TrailError: If it cannot be recorded; then nothing is written.
    """
    if signed.absolute() == report.absolute():
        problem = "the issued report would be written over"
        raise UsageError("--output", problem, "name another file; the trail knows both")
    content = _read(report)
    digest = hashlib.sha256(content).hexdigest()
    issued = read_entries(ledger.path, types={"report.issued"})
    if not any(_is_issue(entry.payload, digest) for entry in issued):
        problem = "the trail holds no issued report with this file's digest"
        raise UsageError(str(report), problem, "sign the review, issue the report, and seal that")
    sealed = seal(content, certificate, where=str(report), now=ledger.clock())
    found = hashlib.sha256(sealed).hexdigest()
    partial = signed.with_name(f".{signed.name}.partial")
    try:
        partial.write_bytes(sealed)
    except OSError as cause:
        problem = f"cannot write it: {cause.strerror}"
        raise ReportError(str(signed), problem, "name a folder you may write to") from cause
    try:
        with ledger:
            ledger.append([Event(SEALED, {"sha256": digest, "sealed_sha256": found})])
            ledger.seal()
    # NOTE: BaseException, for an interrupt is no Exception, and would leave a signed report that
    # the trail does not know; it goes on up unchanged.
    except BaseException:
        partial.unlink()
        raise
    partial.replace(signed)
    return found


def seal(content: bytes, certificate: Certificate, *, where: str, now: datetime) -> bytes:
    """Return a PDF with a PAdES baseline signature behind its own bytes.

    Source: ETSI EN 319 142-1, PAdES baseline B-B. No time stamp is asked for: the trail tells when.

    Raises:
        UsageError: If pyHanko is not installed, or the certificate cannot be opened or is not
            valid now.
        ReportError: If the file is no PDF.
    """
    if not content.startswith(_PDF):
        raise ReportError(where, "it is no PDF", "issue the report as .pdf")
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers
    except ImportError:
        remedy = "install it: pip install 'governance[seal]'"
        raise UsageError("review seal", "pyHanko is not installed", remedy) from None
    word = certificate.passphrase.encode() if certificate.passphrase is not None else None
    signer = signers.SimpleSigner.load_pkcs12(str(certificate.file), passphrase=word)
    if signer is None:
        problem = "it cannot be opened as PKCS #12 with this passphrase"
        raise UsageError(str(certificate.file), problem, "name the right file and passphrase")
    _check_validity(signer.signing_cert, certificate, now)
    meta = signers.PdfSignatureMetadata(
        field_name=_FIELD, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    written = io.BytesIO()
    signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(content)), meta, signer=signer, output=written
    )
    return written.getvalue()


def _check_validity(signing: _Dated | None, certificate: Certificate, now: datetime) -> None:
    """Refuse a certificate whose signature no reader would take for valid."""
    if signing is None or signing.not_valid_before <= now <= signing.not_valid_after:
        return
    problem = f"the certificate is valid from {signing.not_valid_before:%Y-%m-%d} to "
    problem += f"{signing.not_valid_after:%Y-%m-%d}, and today is {now:%Y-%m-%d}"
    raise UsageError(str(certificate.file), problem, "name one that is valid")


def _is_issue(said: object, digest: str) -> bool:
    return isinstance(said, dict) and (said.get("sha256"), said.get("state")) == (digest, "issued")


def _read(report: Path) -> bytes:
    try:
        return report.read_bytes()
    except OSError as cause:
        raise ReportError(
            str(report), f"cannot read it: {cause.strerror}", "name an issued PDF"
        ) from cause
