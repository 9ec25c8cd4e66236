"""Joins the PDF documents that the chart converter writes, the same way every time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dsp.errors import DspError

_OBJECT = re.compile(rb"(\d+) 0 obj\s")
_STREAM = re.compile(rb"\bstream\r?\n")
_LENGTH = re.compile(rb"/Length (\d+)")
_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_PAGE = re.compile(rb"/Type /Page\b")
_PARENT = re.compile(rb"/Parent \d+ 0 R")
_NAMED = re.compile(rb"(?:[ \t]*/\w+ \d+ 0 R\r?\n){2,}")
"""Lines of a dictionary of resources, such as fonts."""
HEAD = b"%PDF-1.7\n%\x80\x80\x80\x80\n"


class PdfError(DspError, ValueError):
    """A drawn page has not the form that can be joined."""

    code = "pdf"


def joined(documents: Sequence[bytes]) -> bytes:
    """Return one document with the pages of several, in their order.

    The converter numbers the objects of a document by chance; here they are numbered as
    the page refers to them, so that the same pages are the same bytes.

    Parameters
    ----------
    documents
        What vl-convert writes: objects as plain text, one page each.

    Raises
    ------
    PdfError
        A document is written in another way.

    References
    ----------
    ISO 32000-1:2008, 7.5 (file structure).
    """
    bodies: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    pages = []
    for document in documents:
        pages.append(len(bodies) + 1)
        bodies += _numbered(dict(_objects(document)), len(bodies) + 1)
    kids = b" ".join(b"%d 0 R" % page for page in pages)
    bodies[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids)
    return _written(bodies)


def _objects(document: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and body of every object; streams are stepped over by their length."""
    place = 0
    while (head := _OBJECT.search(document, place)) is not None:
        end = _end(document, head.end())
        stream = _STREAM.search(document, head.end(), end)
        if stream is not None:
            length = _LENGTH.search(document, head.end(), stream.start())
            if length is None:
                raise PdfError("a drawn page holds a stream of unknown length")
            end = _end(document, stream.end() + int(length[1]))
        yield int(head[1]), document[head.end() : end].strip(b"\r\n")
        place = end


def _end(document: bytes, start: int) -> int:
    end = document.find(b"endobj", start)
    if end < 0:
        raise PdfError("a drawn page holds an object without an end")
    return end


def _numbered(objects: dict[int, bytes], first: int) -> list[bytes]:
    """Return the page and what it refers to, numbered from `first` in that order."""
    parts = {number: _parts(body) for number, body in objects.items()}
    pages = [number for number, (head, _) in parts.items() if _PAGE.search(head)]
    if len(pages) != 1:
        raise PdfError(f"a drawn document holds {len(pages)} pages, not one")
    order: dict[int, int] = {}
    todo = pages
    while todo:
        number = todo.pop()
        if number in order:
            continue
        if number not in parts:
            raise PdfError(
                f"a drawn page refers to the object {number}, which is not there"
            )
        order[number] = first + len(order)
        references = _REFERENCE.findall(_PARENT.sub(b"", parts[number][0]))
        todo.extend(int(r) for r in reversed(references))

    def renamed(reference: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % order.get(int(reference[1]), 2)

    return [
        _REFERENCE.sub(renamed, parts[number][0]) + parts[number][1] for number in order
    ]


def _parts(body: bytes) -> tuple[bytes, bytes]:
    """Return the dictionary of an object, its resources by name, and its stream."""
    stream = _STREAM.search(body)
    place = len(body) if stream is None else stream.start()
    return _NAMED.sub(_sorted, body[:place]), body[place:]


def _sorted(lines: re.Match[bytes]) -> bytes:
    return b"".join(sorted(lines[0].splitlines(keepends=True)))


def _written(bodies: Sequence[bytes]) -> bytes:
    parts = [HEAD]
    size = len(HEAD)
    table = [b"0000000000 65535 f\r\n"]
    for number, body in enumerate(bodies, start=1):
        part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table.append(b"%010d 00000 n\r\n" % size)
        parts.append(part)
        size += len(part)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return b"".join(
        [*parts, b"xref\n0 %d\n" % len(table), *table, trailer % (len(table), size)]
    )
