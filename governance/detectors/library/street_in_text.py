"""Postal addresses in running text."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from governance.detectors.base import Compiled, Found, time_limit
from governance.model.evidence import Grade

_NUMBER = r"\d{1,5}(?:[-/]\d{1,4})?[A-Za-z]?"
_NAME = r"(?:\p{Lu}[\p{L}'’.\-]*|\d{1,3}(?:st|nd|rd|th))"
_OF = r"(?: (?:de|del|du|des|la|le|las|les|los|el|et|aux?|da|das|do|dos|di|delle|van|der|den))*"
_NAMES = rf"(?:{_OF} (?:[dlDL]['’])?{_NAME}){{1,4}}"
_ENGLISH = (
    "Street|St|Road|Rd|Avenue|Ave|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|"
    "Terrace|Crescent|Close|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Grove|Gardens|Mews|Row|Trail|Walk|"
    "Hill|Quay"
)
_GLUED = (
    "straße|strasse|str\\.|weg|platz|allee|gasse|ring|damm|ufer|steig|chaussee|straat|laan|plein|"
    "kade|gracht|gatan|vägen|gade|vej|veien|katu"
)
_APART = "Straße|Strasse|Str\\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer|Chaussee|utca|út|u\\."
_FRENCH = "rue|avenue|boulevard|bd|place|allée|chemin|impasse|quai|route|cours|passage"
_FIRST = (
    "Calle|C/|Avenida|Avda\\.?|Av\\.|Plaza|Paseo|Carrer|Camino|Carretera|Ctra\\.|Via|Viale|Piazza|"
    "Corso|Rua|ul\\.|al\\.|Rue|Avenue|Boulevard"
)
_STREETS = (
    rf"{_NUMBER} (?:{_NUMBER} )?(?:{_NAME} ){{1,4}}(?:{_ENGLISH})\b\.?",
    rf"{_NUMBER}(?: ?(?:bis|ter))?,? (?:{_NUMBER} )?(?i:{_FRENCH}){_NAMES}",
    rf"(?:{_NUMBER} )?\p{{Lu}}[\p{{L}}\-]{{1,40}}(?:{_GLUED}) {_NUMBER}",
    rf"(?:{_NUMBER} )?(?:\p{{Lu}}[\p{{L}}.\-]* ){{1,3}}(?:{_APART}) {_NUMBER}",
    rf"(?:{_NUMBER} )?(?:{_FIRST}){_NAMES},? (?:n\.?[º°o]\.? ?)?{_NUMBER}",
    r"(?:P\.? ?O\.? Box|Postfach|Apartado(?: de Correos)?|Boîte postale|BP|PSC \d{1,5},? Box)"
    r" \d{1,6}",
)
_UNIT = (
    r"(?:[,\n ]{1,4}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Wohnung|App|Piso)\.? ?#?\d{1,5}[A-Za-z]?)?"
)
_UK = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_TOWN_NAME = r"\p{Lu}[\p{L}'’\-]*(?:\.(?= \p{Lu}))?"
_TOWN = rf"{_TOWN_NAME}(?:{_OF} {_TOWN_NAME}){{0,3}}"
_POSTAL = (
    rf"(?P<postal>(?:[A-Z]{{1,2}}-)?\d{{4,5}} {_TOWN}|"
    rf"(?:{_TOWN}[,\n][ \n]{{0,2}})?(?:{_TOWN},? )?(?:\d{{5}}(?:-\d{{4}})?|{_UK}))"
)
# Any name and number, where a postal code and a town follow as the continent writes them.
_CONTINENTAL = (
    rf"(?:\p{{Lu}}[\p{{L}}.\-]* ){{1,4}}{_NUMBER}(?=, ?(?:[A-Z]{{1,2}}-)?\d{{4,5}} \p{{Lu}})"
)
_TAIL = rf"(?:[,\n][ \n]{{0,2}}(?:{_POSTAL}|{_TOWN}(?=[.,;!?)\n]|$)))?"
# Where one stands in a sentence or in a letter: behind a preposition, a word, or on its own line.
_CUE = (
    r"(?:\b(?:at|to|from|in|near|is|[Ll]ives?|[Aa]ddress(?:es)?|[Aa]dresse|[Aa]nschrift|"
    r"[Dd]irecci[oó]n|[Dd]omicilio|[Ii]ndirizzo|wohnhaft|wohnt|in der|an der|im|am|au|à|en)"
    r"(?: is)?[:,]?[ \n\t]{1,8}|\n[^\w\n]{0,6})"
)
# Every street above holds one of these; whatever lies between does not matter to a gate.
_HOLDS = (
    rf"(?:{_ENGLISH})\b|\d[\w/-]*(?: ?(?:bis|ter))?,? (?:[\w/-]+ )?(?i:{_FRENCH}) |"
    rf" {_NUMBER}, ?(?:[A-Z]{{1,2}}-)?\d{{4,5}} |(?:{_GLUED}|{_APART}) \d|(?:{_FIRST}) |"
    r"(?:Box|Postfach|Apartado|postale|BP)\b"
)


class StreetInText:
    """A street with its house number, or a post office box, within a text.

    Certain where a postal code and a town follow; else only beside a word that says who lives
    there or where something goes. A cell that is an address as a whole is judged by its column.

    Why: it says where somebody lives or receives letters, and a text names that somebody.
    Source: Universal Postal Union S42; USPS Publication 28 (street suffixes, secondary units).
    """

    id = "street-address-in-text"
    entity = "STREET_ADDRESS"
    countries: frozenset[str] = frozenset()
    on_request = False
    is_trusted = True
    needs_digit = True
    words = (
        "address", "addresses", "live", "living", "lived", "reside", "resident", "moved", "home",
        "ship", "deliver", "delivery", "send", "sent", "mail", "bill to", "adresse", "anschrift",
        "wohnt", "wohnhaft", "wohne", "geliefert", "lieferung", "habite", "demeurant", "domicile",
        "domicilié", "livrer", "dirección", "direccion", "domicilio", "vive", "vivo", "enviar",
        "indirizzo", "abita", "residente",
    )  # fmt: skip

    def __init__(self) -> None:
        self._pattern: Compiled = regex.compile(
            rf"{_CUE}(?P<value>(?:{'|'.join(_STREETS)}|{_CONTINENTAL}){_UNIT}{_TAIL})(?![\w])"
        )
        self.gates: tuple[Compiled, ...] = (regex.compile(rf"{_CUE}[^\n]*(?:{_HOLDS})"),)

    def find(self, text: str) -> Iterator[Found]:
        """Yield the addresses, from the house or the street to the town."""
        for match in self._pattern.finditer(text, timeout=time_limit(text)):
            grade = Grade.STRONG if match["postal"] else Grade.WEAK
            yield Found(match.start("value"), match.end("value"), grade)
