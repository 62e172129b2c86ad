"""A word for an ethnic origin."""

from __future__ import annotations

from governance.detectors.base import WholeValue

_PLACE = (
    "(?:african|north african|asian|south asian|east asian|southeast asian|european|arab|"
    "caribbean|latin|middle eastern|pacific|mediterranean)"
)
_ENGLISH = (
    rf"white|black|asian|{_PLACE}(?:[- ](?:american|british|islander|descent))?|"
    "(?:white|black|asian|mixed|other)(?:[ /,:-]{1,3}(?:and |or )?(?:white|black|asian|african|"
    "american|british|irish|caribbean|background|race|ethnic group|hispanic|non[- ]hispanic)){1,4}|"
    "black or african american|american indian(?: or alaska native| and alaska native)?|"
    "native american|alaska native|native hawaiian(?: or (?:other )?pacific islander)?|"
    "pacific islander|hispanic(?: or latin[oax])?|not hispanic(?: or latin[oax])?|"
    "non[- ]hispanic|latin[oax]|latinx|caucasian|indigenous|aboriginal|m[aā]ori|inuit|"
    "first nations|roma|gypsy|sinti|mixed|mixed race|multiracial|biracial|two or more races|"
    "chinese|indian|pakistani|bangladeshi|japanese|korean|filipino|vietnamese|arab|jewish|"
    "kurdish|turkish|other"
)
_OTHERS = (
    "wei(?:ß|ss)|schwarz|asiatisch|afrikanisch|arabisch|t(?:ü|ue)rkisch|kurdisch|blanche?|noire?|"
    "asiatique|africaine?|arabe|m[eé]tisse?|maghr[eé]bine?|blanc[oa]|negr[oa]|asi[aá]tic[oa]|"
    "african[oa]|mestiz[oa]|mulat[oa]|ind[ií]gena|git[ao]n[oa]?"
)


class Ethnicity(WholeValue):
    """A word for an ethnic origin, in a column whose header asks for it.

    Why: a special category of personal data (GDPR Art. 9).
    Source: the groups of the censuses of the United States and of England and Wales.
    """

    id = "ethnicity"
    entity = "ETHNICITY"
    shape = f"{_ENGLISH}|{_OTHERS}"
