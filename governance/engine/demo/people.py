"""The people of the example organisation: its customers, contacts and employees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from governance.engine.demo import identifiers as ids
from governance.engine.demo import words

_SEED = "harbour-finch"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented; ``born`` lies between 18 and 80 years back."""

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    street: str
    postcode: str
    city: str
    country: str
    born: date


def dice(name: str) -> Random:
    """Return the dice of one part of the data: the same throws on every run."""
    return Random(f"{_SEED}:{name}")  # noqa: S311 (the data must repeat; nothing is secret)


def make_people(name: str, count: int, *, today: date) -> Iterator[Person]:
    """Yield ``count`` people, one in six of them in the United States."""
    rng = dice(name)
    for number in range(1, count + 1):
        country = "US" if rng.random() < 1 / 6 else "DE"
        first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
        street, postcode, city = _address(rng, country)
        yield Person(
            number=number,
            first_name=first,
            last_name=last,
            email=ids.email_address(first, last, number),
            phone=ids.phone_number(rng, country),
            street=street,
            postcode=postcode,
            city=city,
            country=country,
            born=today - timedelta(days=rng.randrange(18 * 366, 80 * 365)),
        )


def days_back(rng: Random, today: date, at_least: int, at_most: int) -> date:
    """Return a day that lies between so many days before ``today``, both ends included."""
    return today - timedelta(days=rng.randint(at_least, at_most))


def pick(rng: Random, count: int, of: int) -> frozenset[int]:
    """Return the indices of ``count`` rows out of ``of`` into which something is planted."""
    return frozenset(rng.sample(range(of), count))


def weighted(rng: Random, choices: Sequence[tuple[str, int]]) -> str:
    """Return one of the words, each as often as its weight says."""
    weights = [weight for _, weight in choices]
    return rng.choices(choices, weights)[0][0]


def _address(rng: Random, country: str) -> tuple[str, str, str]:
    number = rng.randint(1, 180)
    if country == "US":
        city, area = rng.choice(words.AMERICAN_CITIES)
        return (
            f"{number} {rng.choice(words.AMERICAN_STREETS)}",
            f"{area}{rng.randrange(100):02d}",
            city,
        )
    city, area = rng.choice(words.GERMAN_CITIES)
    return f"{rng.choice(words.GERMAN_STREETS)} {number}", f"{area}{rng.randrange(1000):03d}", city
