"""A party or political leaning."""

from __future__ import annotations

from governance.detectors.base import WholeValue

_LEANINGS = (
    "(?:very |strongly |moderately |lean(?:s|ing)? )?(?:left|right|liberal|conservative|"
    "progressive|moderate|libertarian|democrat(?:ic)?|republican|independent|socialist|communist|"
    "cent(?:re|er|rist)|nationalist|green|unaffiliated|labour)(?:[- ](?:wing|leaning|party|"
    "democrats?))?|(?:far|cent(?:re|er))[- ](?:left|right)|lib(?:eral)? dems?|tory|sinn f[eé]in|"
    "plaid cymru|snp|reform uk|ukip|gop"
)
_OTHERS = (
    "cdu|csu|cdu/csu|spd|fdp|afd|die linke|linke|gr(?:ü|ue)ne|b(?:ü|ue)ndnis 90/die gr(?:ü|ue)nen|"
    "bsw|(?:ö|oe)vp|sp(?:ö|oe)|fp(?:ö|oe)|neos|konservativ|links|rechts|sozialdemokratisch|"
    "parti socialiste|rassemblement national|renaissance|les r[eé]publicains|gauche|droite|centre|"
    "la france insoumise|psoe|partido popular|pp|vox|podemos|sumar|ciudadanos|izquierda|derecha|"
    "centro|erc|junts|pnv"
)


class PoliticalOpinion(WholeValue):
    """A party or political leaning, in a column whose header asks for it.

    Why: a special category of personal data (GDPR Art. 9).
    Source: the answers that surveys offer, and parties in the parliaments of the United States,
    the United Kingdom, Germany, Austria, France and Spain.
    """

    id = "political-opinion"
    entity = "POLITICAL_OPINION"
    shape = f"{_LEANINGS}|{_OTHERS}"
