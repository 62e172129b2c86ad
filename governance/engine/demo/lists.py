"""The organisation's lists in delimited files: CRM, people, marketing, suppliers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from governance.engine.demo import identifiers as ids
from governance.engine.demo import words
from governance.engine.demo.people import Person, days_back, dice, make_people, pick, weighted

CONTACTS, SUBSCRIBERS, EMPLOYEES, SUPPLIERS, ANSWERS, AUDIENCE = 5_000, 3_000, 180, 60, 500, 1_500
_SSN_CONTACTS, _FORGOTTEN_SUBSCRIBERS = 25, 310
_LANGUAGES = (("de", 80), ("en", 20))

_CONTACT_COLUMNS = (
    "contact_id", "salutation", "first_name", "last_name", "company", "email", "phone", "city",
    "country", "tax_ref", "source", "last_contact",
)  # fmt: skip
_EMPLOYEE_COLUMNS = (
    "employee_no", "first_name", "last_name", "work_email", "private_phone", "birth_date",
    "iban", "tax_id", "department", "job_title", "salary_eur", "severe_disability", "updated_on",
)  # fmt: skip
_SUPPLIER_COLUMNS = (
    "supplier_no", "company", "contact_name", "contact_email", "contact_phone", "vat_no",
    "updated_on",
)  # fmt: skip


def write_contacts(data: Path, *, today: date) -> None:
    """Write the CRM's contacts as its Windows client exports them, and a copy in the US.

    Planted: social security numbers in ``tax_ref`` of 25 rows; the copy itself.
    """
    rows = list(_contact_rows(today))
    _write(data / "crm/contacts.csv", _CONTACT_COLUMNS, rows, delimiter=";", encoding="cp1252")
    backup = data / "backup/us-east/contacts-2026-06.csv"
    unsuspicious = [row for row in rows if str(row[9]).startswith("HF")]
    _write(backup, _CONTACT_COLUMNS, unsuspicious[:400], delimiter=";", encoding="cp1252")


def write_employees(data: Path, *, today: date) -> None:
    """Write the personnel file. Planted: health data (declared) without an assessment."""
    _write(data / "hr/employees.csv", _EMPLOYEE_COLUMNS, _employee_rows(today))


def write_suppliers(data: Path, *, today: date) -> None:
    """Write the suppliers, separated by tabs. Nothing is wrong with the file itself."""
    path = data / "logistics/suppliers.tsv"
    _write(path, _SUPPLIER_COLUMNS, _supplier_rows(today), delimiter="\t")


def write_marketing(data: Path, *, today: date) -> None:
    """Write the newsletter's subscribers, the survey and the audience list.

    Planted: subscribers past their two years; bare MD5 of e-mail addresses.
    """
    subscribers = tuple(make_people("subscribers", SUBSCRIBERS, today=today))
    _write(
        data / "marketing/newsletter.csv",
        ("email", "language", "subscribed_on", "last_opened_on", "source"),
        _subscriber_rows(subscribers, today),
    )
    _write(
        data / "marketing/survey-2026.csv",
        ("answer_id", "answered_on", "score", "comment"),
        _answer_rows(today),
    )
    _write(
        data / "export/audience/audience-2026-10.csv",
        ("email_hash", "segment", "language", "exported_on"),
        _audience_rows(subscribers[:AUDIENCE], today),
    )


def write_forgotten_copy(data: Path, people: Sequence[Person]) -> None:
    """Write what somebody saved for a minute and forgot: a file that no dataset declares."""
    columns = ("Name", "E-Mail", "Telefon")
    rows = ((f"{p.first_name} {p.last_name}", p.email, p.phone) for p in people[200:280])
    _write(data / "tmp/customers_FINAL_v2.csv", columns, rows, delimiter=";")


def _contact_rows(today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("contacts")
    with_number = pick(rng, _SSN_CONTACTS, CONTACTS)
    for index, person in enumerate(make_people("contacts", CONTACTS, today=today)):
        company = f"{rng.choice(words.COMPANY_STEMS)} {rng.choice(words.COMPANY_FORMS)}"
        tax_ref = f"HF/{rng.randrange(100, 999)}/{rng.randrange(10_000, 99_999)}"
        if index in with_number:
            tax_ref = ids.social_security_number(rng)
        yield (
            *(f"C{person.number:06d}", rng.choice(("Frau", "Herr", "")), person.first_name),
            *(person.last_name, company, person.email, person.phone, person.city),
            *(person.country, tax_ref, weighted(rng, (("fair", 30), ("web", 50), ("phone", 20)))),
            days_back(rng, today, 1, 3 * 365).isoformat(),
        )


def _employee_rows(today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("employees")
    for person in make_people("employees", EMPLOYEES, today=today):
        department, job = rng.choice(words.JOBS)
        yield (
            *(f"HF{person.number:04d}", person.first_name, person.last_name),
            ids.email_address(person.first_name, person.last_name, 3 * person.number),
            *(ids.phone_number(rng, "DE"), person.born.isoformat(), ids.iban(rng)),
            *(ids.german_tax_id(rng), department, job, rng.randrange(29_000, 88_000, 100)),
            *(weighted(rng, (("no", 92), ("yes", 8))), days_back(rng, today, 1, 900).isoformat()),
        )


def _supplier_rows(today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("suppliers")
    for person in make_people("suppliers", SUPPLIERS, today=today):
        yield (
            f"S-{person.number:04d}",
            f"{rng.choice(words.COMPANY_STEMS)} {rng.choice(words.COMPANY_FORMS)}",
            f"{person.first_name} {person.last_name}",
            *(person.email, person.phone, f"HF-V{rng.randrange(10_000, 99_999)}"),
            days_back(rng, today, 1, 4 * 365).isoformat(),
        )


def _subscriber_rows(people: Sequence[Person], today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("subscribers.rows")
    forgotten = pick(rng, _FORGOTTEN_SUBSCRIBERS, len(people))
    for index, person in enumerate(people):
        at_least, at_most = (760, 1400) if index in forgotten else (1, 700)
        opened = days_back(rng, today, at_least, at_most)
        yield (
            *(person.email, weighted(rng, _LANGUAGES)),
            *(days_back(rng, opened, 1, 500).isoformat(), opened.isoformat()),
            weighted(rng, (("shop", 60), ("checkout", 30), ("fair", 10))),
        )


def _answer_rows(today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("survey")
    openings = ("The towels are", "The bed linen is", "My new rug is", "The curtains are")
    verdicts = ("softer than I thought", "just the right colour", "a bit thin", "too short")
    endings = ("I will order again.", "Delivery was quick.", "The parcel came late.", "Thanks!")
    for index in range(ANSWERS):
        comment = f"{rng.choice(openings)} {rng.choice(verdicts)}. {rng.choice(endings)}"
        answered = days_back(rng, today, 84, 174).isoformat()
        yield (f"A{index:05d}", answered, rng.randint(1, 10), comment)


def _audience_rows(people: Sequence[Person], today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("audience")
    segments = (("new", 30), ("regular", 50), ("asleep", 20))
    exported = days_back(rng, today, 35, 35).isoformat()
    for person in people:
        hashed = ids.bare_md5(person.email)
        yield (hashed, weighted(rng, segments), weighted(rng, _LANGUAGES), exported)


def _write(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
