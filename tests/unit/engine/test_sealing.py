"""A PAdES signature behind an issued report: valid, over all of it, for nothing else."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from governance.cli.audit_prove import _entry_of
from governance.engine.ledger import Ledger, Pin
from governance.engine.sealing import Certificate, seal, seal_report
from governance.errors import GovernanceError
from governance.model.trail import Event
from governance.trail.keys import load_or_create_key
from governance.trail.reading import read_entries

pytest.importorskip("pyhanko")
TODAY = datetime.now(UTC)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ana Example")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=9)).add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    locked = BestAvailableEncryption(b"open sesame")
    file = tmp_path / "ana.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"ana", key, made, None, locked))
    return Certificate(file, "open sesame")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "review.pdf")
    return tmp_path / "review.pdf"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    key = load_or_create_key(tmp_path / "keys")
    return Ledger(
        tmp_path / "trail.db", key=key, pin=Pin(key.public, "test"), origin="governance/shop",
        actor="user:ana", run="r1", clock=lambda: datetime.now(UTC),
    )  # fmt: skip


def test_an_issued_report_is_sealed_and_its_own_bytes_stay(
    report: Path, certificate: Certificate, ledger: Ledger, tmp_path: Path
) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    digest = hashlib.sha256(report.read_bytes()).hexdigest()
    signed = tmp_path / "signed.pdf"
    with ledger:
        ledger.append([Event("report.issued", {"sha256": digest, "state": "draft"})])
    with pytest.raises(GovernanceError, match="no issued report"):
        seal_report(report, signed, certificate, ledger)
    assert not signed.exists()
    with ledger:
        ledger.append([Event("report.issued", {"sha256": digest, "state": "issued"})])
    found = seal_report(report, signed, certificate, ledger)
    content = signed.read_bytes()
    assert content.startswith(report.read_bytes())
    assert hashlib.sha256(content).hexdigest() == found
    (entry,) = read_entries(ledger.path, types={"report.sealed"})
    assert dict(entry.payload) == {"sha256": digest, "sealed_sha256": found}
    told = [_entry_of(ledger.path, file) for file in (signed, report)]
    assert told == [entry.seq, entry.seq - 1]

    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    trusted = ValidationContext(trust_roots=[signature.signer_cert])
    status = validate_pdf_signature(signature, trusted)
    assert (status.intact, status.valid, status.coverage.name) == (True, True, "ENTIRE_FILE")
    assert status.signing_cert.subject.native["common_name"] == "Ana Example"


def test_an_altered_seal_is_told_and_none_is_put_where_it_would_not_hold(
    report: Path, certificate: Certificate, ledger: Ledger, tmp_path: Path
) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    sealed = seal(report.read_bytes(), certificate, where="review.pdf", now=TODAY)
    altered = sealed.replace(b"/Type /Page", b"/Type /PAGE", 1)
    assert altered != sealed
    (signature,) = PdfFileReader(io.BytesIO(altered)).embedded_signatures
    trusted = ValidationContext(trust_roots=[signature.signer_cert])
    assert not validate_pdf_signature(signature, trusted).intact
    added = sealed + b"\n% one more line\n"
    (signature,) = PdfFileReader(io.BytesIO(added)).embedded_signatures
    assert validate_pdf_signature(signature, trusted).coverage.name != "ENTIRE_FILE"

    digest = hashlib.sha256(report.read_bytes()).hexdigest()
    with ledger:
        ledger.append([Event("report.issued", {"sha256": digest, "state": "issued"})])
    for file, output, said in (
        (tmp_path / "sealed.pdf", tmp_path / "twice.pdf", "no issued report"),
        (report, report, "written over"),
    ):
        (tmp_path / "sealed.pdf").write_bytes(sealed)
        with pytest.raises(GovernanceError, match=said):
            seal_report(file, output, certificate, ledger)
    for days, said in ((-2, "valid from"), (10, "valid from")):
        with pytest.raises(GovernanceError, match=said):
            seal(b"%PDF-1.7", certificate, where="r.pdf", now=TODAY + timedelta(days=days))
    assert hashlib.sha256(report.read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("passphrase", ["wrong", None])
def test_what_cannot_be_opened_is_said_without_the_passphrase(
    report: Path, certificate: Certificate, passphrase: str | None, capfd
) -> None:
    with pytest.raises(GovernanceError, match="cannot be opened") as caught:
        seal(
            report.read_bytes(), Certificate(certificate.file, passphrase), where="r.pdf", now=TODAY
        )
    assert "sesame" not in str(caught.value) + "".join(capfd.readouterr())
    with pytest.raises(GovernanceError, match="no PDF"):
        seal(b"<html>", certificate, where="review.html", now=TODAY)
