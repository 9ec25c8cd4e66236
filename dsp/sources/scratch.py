"""Turns compressed or foreign-encoded text files into plain UTF-8 ones."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dsp.sources.base import Job, failed

CHUNK = 1 << 20
MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}


def compression(head: bytes) -> str | None:
    """Return the compression that the first bytes show, or None."""
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def head_of(path: str, n_bytes: int = 65_536) -> bytes:
    """Return the first bytes of a file after decompression.

    Raises
    ------
    SourceError
        The file cannot be opened or decompressed.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(n_bytes)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise failed(path, f"cannot be read: {reason}", "check its rights") from error
    kind = compression(head)
    if kind is None:
        return head
    with _decompression_errors(path, kind), _opened(path, kind) as stream:
        return bytes(stream.read(n_bytes))


def plain_utf8(
    path: str, job: Job, *, suffix: str, encoding: str | None
) -> tuple[str, str]:
    """Return a path to plain UTF-8 text and the encoding that was found.

    The path is the file's own when nothing has to change; otherwise it is a copy in
    scratch space. Decompression checks the checksum to the last byte.

    Raises
    ------
    SourceError
        The compressed data is damaged, or the text is not in the given encoding.
    """
    with Path(path).open("rb") as file:
        kind = compression(file.read(8))
    if kind is not None:
        target = job.scratch(suffix)
        with (
            _decompression_errors(path, kind),
            _opened(path, kind) as stream,
            target.open("wb") as out,
        ):
            while chunk := stream.read(CHUNK):
                out.write(chunk)
                job.tick(out.tell(), None, unit="bytes", message="decompressing")
        path = str(target)
    found = encoding or guess_encoding(path)
    if codecs.lookup(found).name in ("utf-8", "ascii"):
        return path, "utf-8"
    return decoded(path, job, suffix=suffix, encoding=found), found


def decoded(path: str, job: Job, *, suffix: str, encoding: str) -> str:
    """Copy a text file to UTF-8 in scratch space and return the copy's path.

    Raises
    ------
    SourceError
        The text is not in that encoding.
    """
    target = job.scratch(suffix)
    try:
        with (
            Path(path).open(encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            while text := source.read(CHUNK):
                out.write(text)
    except (UnicodeError, LookupError) as error:
        raise failed(
            path,
            f"is not text in {encoding}: {error}",
            "name it with the option encoding",
        ) from error
    return str(target)


def guess_encoding(path: str) -> str:
    """Return the encoding of a text file from its mark, or from its first MiB."""
    with Path(path).open("rb") as file:
        head = file.read(CHUNK)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    n = len(head[:4096]) // 2
    if n and max(even, odd) > 0.4 * n and min(even, odd) < 0.1 * n:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8" if is_utf8(head) else single_byte(head)


def is_utf8(head: bytes) -> bool:
    """Say whether bytes are UTF-8, apart from a cut at the end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def single_byte(head: bytes) -> str:
    """Return cp1252 when its five unused bytes are absent, else latin-1."""
    return "latin-1" if set(head) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "cp1252"


def _opened(path: str, kind: str) -> Any:
    if kind == "gzip":
        return gzip.open(path, "rb")
    if kind == "bz2":
        return bz2.open(path, "rb")
    if kind == "xz":
        return lzma.open(path, "rb")
    import pyarrow as pa

    return pa.input_stream(path, compression="zstd")


@contextmanager
def _decompression_errors(path: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise failed(
            path,
            f"the {kind} data is damaged: {error}",
            f"fetch the file again, or unpack what is whole with the {kind} tool",
        ) from error
