"""Synthetic records from the templates, as the real ones: text and spans."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from governance.detectors.headers import tokens_of
from training import templates
from training.words import Words, digits

Record = dict[str, Any]

_SLOT = re.compile(r"\{([a-zA-Z]+2?)\}")
_PERSON = ("full", "first", "last", "lastfirst", "initial", "titled")
_TITLES = ("Dr.", "Prof.", "Mr", "Mrs", "Ms", "Dr")
# Cells behind a header that tells nothing, and those behind any header.
VAGUE_SHARE, HEADED_SHARE = 0.3, 0.7
_MAILS = ("example.org", "example.com", "example.net")


class Maker:
    """Makes records from a seed."""

    def __init__(self, words: Words, seed: int) -> None:
        self._words = words
        self._random = random.Random(seed)

    def sentences(self, count: int) -> Iterator[Record]:
        """Yield sentences with names and places."""
        for _ in range(count):
            yield self._filled(self._random.choice(templates.SENTENCES))

    def negatives(self, count: int) -> Iterator[Record]:
        """Yield lines and sentences without any."""
        for _ in range(count):
            yield self._filled(self._random.choice(templates.NOTHING))

    def cells(self, count: int) -> Iterator[Record]:
        """Yield single cells that are entities, two of three behind their header."""
        draw = self._random
        for _ in range(count):
            kind = draw.random()
            if kind < 0.42:
                slot = draw.choice(("full", "full", "full", "lastfirst", "initial"))
                yield self._cell(slot, templates.NAME_HEADERS, "PERSON")
            elif kind < 0.56:
                yield self._cell("first", templates.FIRST_HEADERS, "PERSON")
            elif kind < 0.72:
                yield self._cell("last", templates.LAST_HEADERS, "PERSON")
            else:
                yield self._cell("city", templates.CITY_HEADERS, "LOC")

    def other_cells(self, count: int) -> Iterator[Record]:
        """Yield single cells that are none, two of three behind their header."""
        for _ in range(count):
            slot, headers = self._random.choice(templates.OTHER_HEADERS)
            yield self._cell(slot, headers, None)

    def _cell(self, slot: str, headers: tuple[str, ...], label: str | None) -> Record:
        value = self.word(slot)
        kind = self._random.random()
        known = templates.VAGUE_HEADERS if kind < VAGUE_SHARE else headers
        # NOTE: as the finder writes a header in front of a cell.
        head = " ".join(tokens_of(self._random.choice(known)))
        head = f"{head}: " if kind < HEADED_SHARE else ""
        ents = [[len(head), len(head) + len(value), label]] if label else []
        return {"text": head + value, "ents": ents, "src": "synthetic-cell"}

    def _filled(self, template: str) -> Record:
        text, ents, at = "", [], 0
        for match in _SLOT.finditer(template):
            text += template[at : match.start()].replace("{{", "{").replace("}}", "}")
            slot = match[1].rstrip("2")
            value = self.word(slot)
            label = "PERSON" if slot in _PERSON else "LOC" if slot == "city" else None
            begin = len(text)
            if slot == "titled":  # the title is not part of the name
                begin += value.index(" ") + 1
            if label:
                ents.append([begin, len(text) + len(value), label])
            text += value
            at = match.end()
        text += template[at:].replace("{{", "{").replace("}}", "}")
        return {"text": text, "ents": ents, "src": "synthetic"}

    def word(self, slot: str) -> str:
        """Return a filling for a slot."""
        draw, words = self._random, self._words
        first, last = draw.choice(words.names)
        made = {
            "full": f"{first} {last}",
            "first": first,
            "last": last,
            "lastfirst": f"{last}, {first}",
            "initial": f"{first[:1]}. {last}",
            "titled": f"{draw.choice(_TITLES)} {last}",
            "mail": f"{first.lower().replace(' ', '.')}.{digits(draw, 2)}@{draw.choice(_MAILS)}",
        }
        if slot in made:
            if slot == "full" and draw.random() < 0.08:
                middle = draw.choice(words.names)[0]
                return f"{first} {middle[:1]}. {last}"
            return made[slot]
        return self._plain(slot)

    def _plain(self, slot: str) -> str:
        draw, words = self._random, self._words
        pools = {
            "city": words.cities, "street": words.streets, "company": words.companies,
            "job": words.jobs, "product": templates.PRODUCTS, "status": templates.STATUSES,
            "word": templates.WORDS,
        }  # fmt: skip
        if slot in pools:
            return draw.choice(pools[slot])
        word = draw.choice(templates.WORDS)
        return {
            "Word": word.title(),
            "WORD": word.upper(),
            "host": f"{word}-{digits(draw, 2)}",
            "num": str(draw.randrange(1, 5000)),
            "hex": f"{draw.getrandbits(40):010x}",
            "id": f"{draw.choice(('A', 'ORD-', 'INV', '#', ''))}{digits(draw, draw.randint(4, 9))}",
            "date": f"{draw.randint(1950, 2026)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
            "time": f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}:{draw.randint(0, 59):02}",
            "phone": f"+1 202 555 01{digits(draw, 2)}",
            "amount": f"{draw.randint(1, 9999)}.{digits(draw, 2)} {draw.choice(('EUR', 'USD'))}",
            "postcode": digits(draw, 5),
            "ip": f"192.0.2.{draw.randint(1, 254)}",
        }[slot]
