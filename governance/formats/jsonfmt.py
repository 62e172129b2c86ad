"""The run document itself, for other programs."""

from __future__ import annotations

from typing import ClassVar

from governance.formats.contract import View
from governance.formats.document import dump_document, run_document
from governance.model.run import Run


class JsonFormat:
    """``governance/run/v1``; its schema is printed by ``governance policy schema run``."""

    name: ClassVar[str] = "json"

    def render(self, run: Run, view: View) -> str:  # noqa: ARG002 (a program needs no width)
        return dump_document(run_document(run)).decode("ascii")
