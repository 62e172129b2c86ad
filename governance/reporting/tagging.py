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


def _parent(pdf: Any, element: Any) -> Any:  # noqa: ANN401 (pydyf has no types)
    """Follow a reference, as ``b"12 0 R"``."""
    number = int(element["P"].split()[0])
    return pdf.objects[number]
