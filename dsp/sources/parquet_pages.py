"""Checks Parquet pages against the checksums that their headers may carry.

Engines skip these checksums. Pages are walked here without being decoded, one at a time,
so the check costs little more than reading the file, whatever its size.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO

from dsp.events import Tick

_HEADER_BYTES = 1 << 16
_MAX_PAGE_BYTES = 1 << 31
_BAD = "a page's header cannot be read"


class DamagedPageError(ValueError):
    """A page does not fit its checksum, or its header makes no sense."""


def has_checksums(file: IO[bytes]) -> bool | None:
    """Say whether a file's first page has a checksum; None where no page can be read."""
    file.seek(4)
    try:
        return _page(file.read(_HEADER_BYTES))[2] is not None
    except DamagedPageError:
        return None


def check_pages(
    file: IO[bytes], chunks: list[tuple[int, int]], size: int, tick: Tick
) -> int:
    """Check every page and return how many were checked.

    Parameters
    ----------
    chunks
        Start and length in bytes of each column of each row group.
    size
        Size of the file in bytes.

    Raises
    ------
    DamagedPageError
        A page does not fit its checksum, or lies outside of its column.
    """
    n_checked = 0
    for i, (start, length) in enumerate(chunks):
        if start < 4 or length < 0 or start + length > size:
            raise DamagedPageError("a column lies outside of the file")
        for page, checksum in _pages(file, start, length):
            if checksum is not None:
                n_checked += 1
                if zlib.crc32(page) != checksum:
                    raise DamagedPageError("a page does not fit its checksum")
        tick(i + 1, len(chunks), unit="columns", message="checking pages")
    return n_checked


def _pages(
    file: IO[bytes], start: int, length: int
) -> Iterator[tuple[bytes, int | None]]:
    at, end = start, start + length
    while at < end:
        file.seek(at)
        head = file.read(min(_HEADER_BYTES, end - at))
        header_size, page_size, checksum = _page(head)
        at += header_size
        if not 0 <= page_size <= min(end - at, _MAX_PAGE_BYTES):
            raise DamagedPageError(_BAD)
        if checksum is None:
            yield b"", None
        else:
            file.seek(at)
            yield file.read(page_size), checksum
        at += page_size


def _page(head: bytes) -> tuple[int, int, int | None]:
    """Return the size of a page's header, of the page, and its checksum."""
    cursor = _Compact(head)
    found = cursor.struct()
    size = found.get(3)
    if size is None or 1 not in found or 2 not in found:
        raise DamagedPageError(_BAD)
    checksum = found.get(4)
    return cursor.at, size, None if checksum is None else checksum & 0xFFFFFFFF


class _Compact:
    """Thrift's compact protocol, as far as headers of pages use it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def struct(self, depth: int = 0) -> dict[int, int]:
        """Return the whole numbers of a struct by field, and step over the rest."""
        if depth > 8:
            raise DamagedPageError(_BAD)
        found: dict[int, int] = {}
        field = 0
        while mark := self._byte():
            kind, step = mark & 0x0F, mark >> 4
            field = field + step if step else self._zigzag()
            if kind in (5, 6, 4):
                found[field] = self._zigzag()
            else:
                self._skip(kind, depth)
        return found

    def _skip(self, kind: int, depth: int) -> None:
        if kind in (1, 2):
            return
        if kind == 3:
            self._byte()
        elif kind == 7:
            self._step(8)
        elif kind == 8:
            self._step(self._varint())
        elif kind in (9, 10):
            mark = self._byte()
            n = mark >> 4 if mark >> 4 < 15 else self._varint()
            if n > len(self._data):
                raise DamagedPageError(_BAD)
            for _ in range(n):
                self._element(mark & 0x0F, depth)
        elif kind == 12:
            self.struct(depth + 1)
        else:
            raise DamagedPageError(_BAD)

    def _element(self, kind: int, depth: int) -> None:
        if kind in (1, 2):
            self._byte()
        elif kind in (4, 5, 6):
            self._zigzag()
        else:
            self._skip(kind, depth + 1)

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise DamagedPageError(_BAD)
        self.at += 1
        return self._data[self.at - 1]

    def _step(self, n: int) -> None:
        self.at += n
        if self.at > len(self._data):
            raise DamagedPageError(_BAD)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise DamagedPageError(_BAD)

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
