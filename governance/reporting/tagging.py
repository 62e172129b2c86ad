"""What a reader's software needs of the tags, and WeasyPrint 70.0 does not write."""

from __future__ import annotations

from typing import Any


def scope_headers(pdf: Any) -> None:  # noqa: ANN401 (pydyf has no types)
    """Say of each table header whether it stands over a column or before a row.

    Args:
        pdf: A ``pydyf.PDF`` with its tags. Those in a table's head are headers of columns.
    """
    for element in pdf.objects:
        if isinstance(element, dict) and element.get("S") == "/TH":
            row = _parent(pdf, element)
            over = _parent(pdf, row).get("S") == "/THead"
            element["A"]["Scope"] = "/Column" if over else "/Row"


def pair_terms(pdf: Any) -> None:  # noqa: ANN401 (pydyf has no types)
    """Make a list of terms one: each ``div`` an item, its term the label, its meaning the body.

    WeasyPrint puts the ``div`` itself into the list, calls either half an item of its own, and
    tags a list that is laid out as a table twice.
    """
    for element in pdf.objects:
        kind = element.get("S") if isinstance(element, dict) else None
        if kind == "/L" and all(each.get("S") == "/L" for each in _kids(pdf, element)):
            element["S"] = "/NonStruct"
        if kind == "/Div" and _parent(pdf, element).get("S") == "/L":
            element["S"] = "/LI"
            for position, half in enumerate(_kids(pdf, element)):
                half["S"] = "/Lbl" if position == 0 else "/LBody"
                for inner in _kids(pdf, half):
                    if inner.get("S") == "/LBody":
                        inner["S"] = "/NonStruct"


def _kids(pdf: Any, element: Any) -> list[Any]:  # noqa: ANN401 (pydyf has no types)
    """The elements below one; a number among them marks content and is left out."""
    return [pdf.objects[int(kid.split()[0])] for kid in element["K"] if isinstance(kid, bytes)]


def _parent(pdf: Any, element: Any) -> Any:  # noqa: ANN401 (pydyf has no types)
    """Follow a reference, as ``b"12 0 R"``."""
    number = int(element["P"].split()[0])
    return pdf.objects[number]
