"""A word for a religion or belief."""

from __future__ import annotations

from governance.detectors.base import WholeValue

_ENGLISH = (
    "(?:roman |greek |russian )?(?:catholic|orthodox)|christian(?:ity)?|protestant|evangelical|"
    "lutheran|anglican|episcopalian|methodist|baptist|presbyterian|pentecostal|adventist|mormon|"
    "latter[- ]day saint|jehovah'?s witness|quaker|muslim|islam(?:ic)?|sunni|shia|shi'?ite|"
    "jew(?:ish)?|judaism|hindu(?:ism)?|buddhis[tm]|sikh(?:ism)?|jain(?:ism)?|tao(?:ist|ism)|"
    "shinto|bah[aá]'?[ií]|zoroastrian|pagan|wiccan|atheis[tm]|agnostic(?:ism)?|spiritual|"
    "no religion|non[- ]?religious|not religious"
)
_GERMAN = (
    "r(?:oe|ö)misch[- ]katholisch|katholisch|evangelisch(?:[- ]lutherisch)?|protestantisch|"
    "christlich|muslimisch|islamisch|j(?:ue|ü)disch|buddhistisch|hinduistisch|konfessionslos|"
    "rk|ev"
)
_OTHERS = (
    "catholique|protestante?|chr[eé]tienne?|musulmane?|juif|juive|bouddhiste|hindoue?|ath[eé]e|"
    "sans religion|cat[oó]lic[oa]|cristian[oa]|musulm[aá]n|jud[ií][oa]|budista|ate[oa]|"
    "agn[oó]stic[oa]|evang[eé]lic[oa]|ninguna religi[oó]n"
)


class Religion(WholeValue):
    """A word for a religion or belief.

    Why: a special category of personal data (GDPR Art. 9), also where it says "none".
    Source: the communities that censuses ask for, in English, German, French and Spanish.
    """

    id = "religion"
    entity = "RELIGION"
    shape = f"{_ENGLISH}|{_GERMAN}|{_OTHERS}"
    on_request = False
