"""The generated data is the same every time, belongs to nobody, and fits its policy files."""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from governance.assets import asset_folder
from governance.engine.demo import DEMO_NOW, identifiers, shop
from governance.engine.demo.generate import generate
from governance.engine.demo.people import dice
from governance.policy.workspace import load_workspace


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "harbour-finch"
    shutil.copytree(asset_folder("policies") / "demo", folder)
    generate(folder, today=DEMO_NOW.date())
    return folder


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in ("data", "logs")
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }


def test_the_same_day_gives_the_same_bytes(organisation: Path, tmp_path: Path) -> None:
    generate(tmp_path, today=DEMO_NOW.date())
    assert _digests(tmp_path) == _digests(organisation)


def test_generating_again_overwrites_without_a_trace(organisation: Path) -> None:
    before = _digests(organisation)
    generate(organisation, today=DEMO_NOW.date())
    assert _digests(organisation) == before


def test_the_policy_files_load_and_every_declared_place_exists(organisation: Path) -> None:
    policy = load_workspace(organisation)
    for dataset in policy.datasets.values():
        for location in dataset.locations.values():
            pattern = location.path or location.url or ""
            assert list(organisation.glob(pattern)), f"{dataset.id}: {pattern}"
    for pipeline in policy.pipelines.values():
        for log in pipeline.logs.values():
            assert list(organisation.glob(log.path)), f"{pipeline.id}: {log.path}"


def test_it_holds_about_a_hundred_thousand_rows(organisation: Path) -> None:
    with closing(sqlite3.connect(organisation / "data/shop.db")) as database:
        tables = ("customers", "orders", "payments", "products")
        counts = [database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables]
    assert counts == [shop.CUSTOMERS, shop.ORDERS, shop.PAYMENTS, shop.PRODUCTS]
    texts = [path for path in organisation.rglob("*") if path.suffix in (".csv", ".jsonl", ".log")]
    lines = sum(path.read_bytes().count(b"\n") for path in texts)
    assert 100_000 < sum(counts) + lines + 20_000 < 125_000


def test_every_address_lies_in_a_reserved_domain(organisation: Path) -> None:
    texts = [path.read_bytes().decode("latin-1") for path in organisation.rglob("*.[cjlt]*")]
    with closing(sqlite3.connect(organisation / "data/shop.db")) as database:
        texts += [row[0] for row in database.execute("SELECT email FROM customers")]
    hosts = {host for text in texts for host in re.findall(r"\w@((?:[a-z0-9-]+\.)+[a-z]+)", text)}
    assert hosts <= {"example.org", "example.com", "example.net", "warehouse.internal"}
    assert "example.org" in hosts


def test_every_telephone_number_is_reserved_for_fiction() -> None:
    rng = dice("test")
    numbers = [identifiers.phone_number(rng, country) for country in ("DE", "US") * 200]
    pattern = re.compile(r"\+49 (30 23125|40 66969) \d{3}|\+1 \d{3} 555 01\d{2}")
    assert all(pattern.fullmatch(number) for number in numbers)


def test_invented_identifiers_have_right_check_digits() -> None:
    from stdnum import iban, luhn
    from stdnum.de import idnr

    rng = dice("test")
    for _ in range(50):
        assert luhn.is_valid(identifiers.card_number(rng).replace(" ", ""))
        assert iban.is_valid(identifiers.iban(rng).replace(" ", ""), check_country=False)
        assert idnr.is_valid(identifiers.german_tax_id(rng))
