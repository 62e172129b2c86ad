"""What the help desk and the page counter write: JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from governance.engine.demo import identifiers as ids
from governance.engine.demo import words
from governance.engine.demo.people import Person, days_back, dice, pick, weighted

TICKETS, VISITS = 6_000, 3_000
_PHONE_TICKETS = 37

_OPENINGS = (
    "Hello, my parcel with order {order} has not arrived yet.",
    "Good morning, in order {order} one of the two {goods} is missing.",
    "I would like to send back the {goods} from order {order}.",
    "The {goods} in {colour} that I received look different from the picture.",
    "Hi [name], thanks for the quick answer about order {order}.",
    "After the second wash the {goods} lost their colour.",
    "The invoice for order {order} shows {amount} EUR, I expected less.",
)
_MIDDLES = (
    "The tracking page has said 'in transit' since {day}.",
    "I paid {amount} EUR on {day}.",
    "Your shop says delivery takes 3 to 5 working days.",
    "I tried version 4.12.1 of your app and the web shop, same result.",
    "The label says 60 degrees, article HF-{article}.",
    "Please keep the other {number} pieces in the order.",
)
_ENDINGS = (
    "Please let me know what happens next.",
    "Kind regards, [name]",
    "Can you refund the difference?",
    "Thank you for your help.",
    "Best, [name]",
)
_CALL_ME = "You can also ring me on {phone} after five."
_PAY_BACK = "Please pay it back to {iban}, the old account is closed."

_PAGES = ("/", "/towels", "/bed-linen", "/rugs", "/cart", "/checkout", "/sale", "/search")
_REFERRERS = ("", "", "https://search.example.com/", "https://blog.example.net/linen")
_BROWSERS = ("Firefox 132", "Chrome 130", "Safari 18", "Edge 130")


def write_tickets(data: Path, people: Sequence[Person], *, today: date) -> None:
    """Write the support tickets.

    Planted: a telephone number in 37 messages and an account number in one of 6,000, which
    the help desk's redaction did not notice.
    """
    _write(data / "support/tickets.jsonl", _tickets(people, today))


def write_clickstream(data: Path, *, today: date) -> None:
    """Write three weeks of page visits. Nothing is wrong with the file itself."""
    _write(data / "web/clickstream-2026-11.jsonl", _visits(today))


def _tickets(people: Sequence[Person], today: date) -> Iterator[Mapping[str, object]]:
    rng = dice("tickets")
    with_phone = pick(rng, _PHONE_TICKETS, TICKETS)
    with_account = min(set(range(4_321, TICKETS)) - with_phone)
    days = sorted((rng.randrange(1, 2 * 365) for _ in range(TICKETS)), reverse=True)
    for index, ago in enumerate(days):
        person, opened = rng.choice(people), days_back(rng, today, ago, ago)
        message = _message(rng, opened)
        if index in with_phone:
            message = f"{message} {_CALL_ME.format(phone=person.phone)}"
        if index == with_account:
            message = f"{message} {_PAY_BACK.format(iban=ids.iban(rng))}"
        yield {
            "id": f"T-{100_000 + index}",
            "opened_at": _instant(rng, opened),
            "channel": weighted(rng, (("email", 60), ("chat", 40))),
            "status": weighted(rng, (("solved", 95), ("open", 5))),
            "requester": {"customer_id": person.number, "email": person.email},
            "order": {"id": 100_000 + rng.randrange(30_000), "total_eur": _amount(rng)},
            "subject": rng.choice(("Delivery", "Return", "Colour", "Invoice", "Question")),
            "message": message,
        }


def _message(rng: Random, opened: date) -> str:
    parts = (rng.choice(_OPENINGS), rng.choice(_MIDDLES), rng.choice(_ENDINGS))
    return " ".join(parts).format(
        order=100_000 + rng.randrange(30_000),
        goods=rng.choice(words.RANGES),
        colour=rng.choice(words.COLOURS),
        amount=_amount(rng),
        day=opened - timedelta(days=rng.randint(1, 9)),
        article=f"{rng.randrange(600):05d}",
        number=rng.randint(2, 6),
    )


def _visits(today: date) -> Iterator[Mapping[str, object]]:
    rng = dice("visits")
    days = sorted((rng.randrange(1, 22) for _ in range(VISITS)), reverse=True)
    for ago in days:
        yield {
            "ts": _instant(rng, days_back(rng, today, ago, ago)),
            "session": ids.hex_id(rng, 32),
            "ip": f"{rng.choice(('203.0.113', '198.51.100', '192.0.2'))}.0",
            "page": rng.choice(_PAGES),
            "referrer": rng.choice(_REFERRERS),
            "browser": rng.choice(_BROWSERS),
            "country": weighted(rng, (("DE", 80), ("US", 20))),
            "ms_to_load": rng.randrange(80, 2400),
        }


def _instant(rng: Random, day: date) -> str:
    moment = datetime.combine(day, time()) + timedelta(seconds=rng.randrange(86_400))
    return f"{moment.isoformat()}Z"


def _amount(rng: Random) -> float:
    return round(rng.uniform(8, 320), 2)


def _write(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
