"""Names, places and other words to fill templates with, drawn from Faker's locales by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from faker import Faker

# Latin script, from every continent.
LOCALES = (
    "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_AU", "en_CA", "en_GB", "en_IE", "en_IN",
    "en_NG", "en_NZ", "en_PH", "en_US", "es_AR", "es_CL", "es_CO", "es_ES", "es_MX", "et_EE",
    "fi_FI", "fr_CA", "fr_CH", "fr_FR", "ga_IE", "hr_HR", "hu_HU", "id_ID", "it_IT", "lt_LT",
    "lv_LV", "nl_BE", "nl_NL", "no_NO", "pl_PL", "pt_BR", "pt_PT", "ro_RO", "sk_SK", "sl_SI",
    "sv_SE", "sw", "tr_TR", "tw_GH", "vi_VN", "yo_NG", "zu_ZA", "az_AZ", "en_KE", "fil_PH",
)  # fmt: skip
PER_LOCALE = 250


@dataclass(frozen=True)
class Words:
    """Pools to draw from; a name's first and last part come from one locale."""

    names: tuple[tuple[str, str], ...]
    cities: tuple[str, ...]
    streets: tuple[str, ...]
    companies: tuple[str, ...]
    jobs: tuple[str, ...]


def gather(seed: int) -> Words:
    """Return the pools of all locales that the installed Faker knows."""
    names: list[tuple[str, str]] = []
    cities: list[str] = []
    streets: list[str] = []
    companies: list[str] = []
    jobs: list[str] = []
    for number, locale in enumerate(LOCALES):
        fake = _faker(locale)
        if fake is None:
            continue
        fake.seed_instance(seed * 1000 + number)
        for _ in range(PER_LOCALE):
            names.append((_plain(fake.first_name()), _plain(fake.last_name())))
            for pool, provider in (
                (cities, "city"), (streets, "street_address"),
                (companies, "company"), (jobs, "job"),
            ):  # fmt: skip
                made = getattr(fake, provider, None)
                if made is not None:
                    pool.append(_plain(made()))
    return Words(tuple(names), tuple(cities), tuple(streets), tuple(companies), tuple(jobs))


def _faker(locale: str) -> Faker | None:
    try:
        return Faker(locale)
    except AttributeError:  # this version of Faker does not know the locale
        return None


def _plain(text: str) -> str:
    return " ".join(text.split())


def digits(random_: random.Random, count: int) -> str:
    """Return that many digits."""
    return "".join(random_.choice("0123456789") for _ in range(count))
