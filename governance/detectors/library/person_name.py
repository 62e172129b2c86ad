"""A name in a column that says it holds names of people."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class PersonName(WholeValue):
    """A name in a column that says it holds names of people.

    Why: names identify; recognising them in free text needs a model and is not done here.
    Source: the header of the column and the shape of the values.
    """

    id = "person-name"
    entity = "PERSON"
    shape = r"[^\W\d_][\w.'’`-]*(?:,? [^\W\d_][\w.'’`-]*){0,5}"
