"""A workbook is XML, and is not opened by a parser that expands what it is told to."""

from __future__ import annotations

import io

import openpyxl
import pytest

from governance.errors import SourceError
from governance.sources.excel import sheet_names


def test_a_workbook_is_refused_where_the_safe_parser_is_switched_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = io.BytesIO()
    openpyxl.Workbook().save(packed)
    packed.seek(0)
    assert sheet_names(packed) == ("Sheet",)
    monkeypatch.setattr(openpyxl, "DEFUSEDXML", False)
    packed.seek(0)
    with pytest.raises(SourceError, match="cannot be read safely"):
        sheet_names(packed)
