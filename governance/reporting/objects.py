"""Writing the objects of a PDF one after another, so that a large file is never held as a whole.

pydyf spells every object twice, the second time for a digest of all of them joined, and copies
each embedded file several times on its way. Here each is spelt once, and what is embedded goes
to the output as it is packed. The layout is pydyf's: streams, one stream of the other objects,
and a stream of their places.

Source: ISO 32000-2, 7.5.7 (object streams), 7.5.8 (cross-reference streams), 14.4 (identifiers).
"""

from __future__ import annotations

from typing import Any

import pydyf

from governance.reporting.sink import Sink

_PLAIN, _IN_STREAM = 1, 2


def write_objects(
    pdf: Any,  # noqa: ANN401 (pydyf has no types)
    output: Sink,
    version: str,
    identifier: bytes,
    compress: bool,
) -> None:
    """Write a whole file.

    Args:
        pdf: A ``pydyf.PDF``. identifier: Of the file; both of its halves, as nothing was changed.
        compress: Always true: it stands where ``pydyf.PDF.write`` has it.
    """
    if pdf.info:
        pdf.add_object(pdf.info)
    written = _Output(output)
    written.line(b"%PDF-" + version.encode())
    written.line(b"%\xf0\x9f\x96\xa4")
    used = [each for each in pdf.objects if each.free != "f"]
    for each in used:
        if not each.compressible:
            _write_plain(each, written)
    inside = [each for each in used if each.compressible]
    holder = _hold(inside, compress=compress)
    pdf.add_object(holder)
    _write_plain(holder, written)
    places = _places(pdf, holder, written.position)
    about = {
        "Root": pdf.catalog.reference,
        "ID": pydyf.Array([f"<{identifier.hex()}>".encode()] * 2),
    }
    if pdf.info:
        about["Info"] = pdf.info.reference
    index = _index(places, about, compress=compress)
    pdf.add_object(index)
    start = written.position
    _write_plain(index, written)
    written.line(b"startxref\n%d\n%%%%EOF" % start)


class _Output:
    """Bytes on their way out, and how many there were."""

    def __init__(self, file: Sink) -> None:
        self._file = file
        self.position = 0

    def line(self, *pieces: bytes) -> None:
        for piece in (*pieces, b"\n"):
            self._file.write(piece)
            self.position += len(piece)


def _write_plain(each: Any, written: _Output) -> None:  # noqa: ANN401 (pydyf has no types)
    """Write one object by itself; what is packed already is not copied."""
    each.offset = written.position
    if not isinstance(each, pydyf.Stream) or each.compress or len(each.stream) != 1:
        written.line(each.indirect)
        return
    (packed,) = each.stream
    about = pydyf.Dictionary({**each.extra, "Length": len(packed)})
    head = b"%d %d obj\n%b\nstream\n" % (each.number, each.generation, about.data)
    written.line(head, packed, b"\nendstream\nendobj")


def _hold(inside: list[Any], *, compress: bool) -> Any:  # noqa: ANN401 (pydyf has no types)
    """Return the stream that holds the small objects, behind a list of their places."""
    spelt = [each.data for each in inside]
    numbers, position = [], 0
    for each, data in zip(inside, spelt, strict=True):
        numbers += [each.number, position]
        position += len(data) + 1
    head = " ".join(map(str, numbers)).encode()
    about = {"Type": "/ObjStm", "N": len(inside), "First": len(head) + 1}
    return pydyf.Stream([head, *spelt], about, compress)


def _places(pdf: Any, holder: Any, end: int) -> list[tuple[int, int, int]]:  # noqa: ANN401
    """Return where each object is: in the holder, or by itself; the last is the list itself."""
    places, inside = [], 0
    for each in pdf.objects:
        if each.compressible:
            places.append((_IN_STREAM, holder.number, inside))
            inside += 1
        else:
            places.append((_PLAIN if each.number else 0, each.offset, each.generation))
    return [*places, (_PLAIN, end, 0)]


def _index(places: list[tuple[int, int, int]], about: dict[str, Any], *, compress: bool) -> Any:  # noqa: ANN401 (pydyf has no types)
    widths = [(max(column).bit_length() + 7) // 8 for column in zip(*places, strict=True)]
    lines = b"".join(
        value.to_bytes(width, "big")
        for place in places
        for width, value in zip(widths, place, strict=True)
    )
    size = {
        "Type": "/XRef",
        "Index": pydyf.Array((0, len(places))),
        "W": pydyf.Array(widths),
        "Size": len(places),
    }
    return pydyf.Stream([lines], {**size, **about}, compress)
