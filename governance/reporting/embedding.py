"""Files inside the PDF, embedded as they were packed: nothing large is unpacked for it.

WeasyPrint would hold each file plain and pack it anew; a run document of a million findings
is a gigabyte plain. PDF keeps streams in the same zlib format as the facts do.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Attached:
    """A file embedded in the PDF.

    Args:
        packed: A zlib stream. size: Of the plain bytes.
        media: Media type. relationship: ``Data`` or ``Supplement``.
    """

    name: str
    description: str
    packed: bytes
    size: int
    media: str = "application/json"
    relationship: str = "Data"

    @classmethod
    def of(cls, name: str, description: str, content: bytes, media: str) -> Attached:
        """Return a small file, packed here."""
        return cls(
            name=name,
            description=description,
            packed=zlib.compress(content),
            size=len(content),
            media=media,
            relationship="Supplement",
        )

    @property
    def content(self) -> bytes:
        """The plain bytes."""
        return zlib.decompress(self.packed)


def embed(pdf: Any, files: Sequence[Attached], at: datetime) -> None:  # noqa: ANN401 (no types)
    """Put the files into a PDF that is about to be written, and associate them with it.

    Source: ISO 32000-2, 7.11.4 (embedded file streams); ISO 19005-3, 6.8 (associated files).
    """
    if not files:
        return
    import pydyf

    names, associated = pydyf.Array(), pydyf.Array()
    for file in files:
        stream = pydyf.Stream([file.packed], _about(file, at))
        pdf.add_object(stream)
        spec = pydyf.Dictionary(
            {
                "Type": "/Filespec",
                "F": pydyf.String(file.name),
                "UF": pydyf.String(file.name),
                "EF": pydyf.Dictionary({"F": stream.reference, "UF": stream.reference}),
                "Desc": pydyf.String(file.description),
                "AFRelationship": f"/{file.relationship}",
            }
        )
        pdf.add_object(spec)
        names.extend([pydyf.String(file.name), spec.reference])
        associated.append(spec.reference)
    if "Names" not in pdf.catalog:
        pdf.catalog["Names"] = pydyf.Dictionary()
    pdf.catalog["Names"]["EmbeddedFiles"] = pydyf.Dictionary({"Names": names})
    pdf.catalog["AF"] = associated


def _about(file: Attached, at: datetime) -> Any:  # noqa: ANN401 (no types)
    import pydyf

    moment = pydyf.String(at.strftime("D:%Y%m%d%H%M%SZ"))
    return pydyf.Dictionary(
        {
            "Type": "/EmbeddedFile",
            "Subtype": "/" + file.media.replace("/", "#2f"),
            "Filter": "/FlateDecode",
            "Params": pydyf.Dictionary(
                {
                    "Size": file.size,
                    "CreationDate": moment,
                    "ModDate": moment,
                }
            ),
        }
    )
