"""Reads compressed files: layer by layer, checksums verified, the size bounded."""

from __future__ import annotations

import bz2
import io
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from dsp.errors import SourceError, nearest
from dsp.sources.base import Job, failed

CHUNK = 1 << 20
MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
SUFFIXES = (".gz", ".zst", ".zstd", ".bz2", ".xz", ".zip")
ZIP = b"PK\x03\x04"
MAX_LAYERS = 3
# More than this, at more than this many times the packed size, is no table but a trap.
FREE_BYTES = 256 << 20
MAX_RATIO = 200
MAX_WINDOW_BYTES = 512 << 20
# What the unpacking libraries raise on data that they cannot unpack.
_DAMAGES = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    MemoryError,
)
_WORKBOOKS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}


@dataclass(slots=True)
class Layers:
    """What was taken off a file: its kinds of compression, the name inside, warnings."""

    name: str
    kinds: list[str] = field(default_factory=list)
    member: str | None = None
    warnings: list[str] = field(default_factory=list)


def compression(head: bytes) -> str | None:
    """Return the compression that the first bytes show, or None."""
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def is_packed(path: str) -> bool:
    """Say whether a file is compressed, or an archive that is not a workbook.

    Raises
    ------
    SourceError
        The file cannot be opened.
    """
    head = _head(path)
    if head.startswith(ZIP):
        return not _WORKBOOKS & set(_archive_names(path))
    return compression(head) is not None


def peek(
    path: str, member: str | None = None, n_bytes: int = 65_536
) -> tuple[bytes, str]:
    """Return the first bytes below every layer of compression, and the name there.

    Raises
    ------
    SourceError
        The file cannot be opened or decompressed, or is an archive of several tables.
    """
    if not is_packed(path):
        return _head(path, n_bytes), Path(path).name
    layers = Layers(Path(path).name)
    head = b""
    with _opened(path, member, layers) as chunks:
        for chunk in chunks:
            head += chunk
            if len(head) >= n_bytes:
                break
    return head[:n_bytes], layers.name


def unpacked(path: str, job: Job, *, suffix: str) -> str:
    """Return a path to the content below every layer of compression.

    The path is the file's own when it is not compressed; otherwise it is a copy in
    scratch space, checked against its checksums to the last byte.

    Raises
    ------
    SourceError
        The data is damaged, encrypted, or unpacks to more than is sensible.
    """
    if not is_packed(path):
        return _utterable(path, job, suffix)
    options = job.located.options
    layers = Layers(Path(path).name)
    target = job.scratch(suffix)
    limit = _limit(path, target, options.get("max_unpacked"))
    n_packed = Path(path).stat().st_size
    with _opened(path, options.get("member"), layers) as chunks, target.open("wb") as out:
        for chunk in chunks:
            out.write(chunk)
            size = out.tell()
            is_trap = size > FREE_BYTES and size > MAX_RATIO * n_packed
            if size > limit or (is_trap and "max_unpacked" not in options):
                raise failed(
                    path,
                    f"{n_packed:,} bytes unpack to more than {size >> 20:,} MiB",
                    f"give --read max_unpacked={size * 100} if it is a table indeed",
                )
            job.tick(size, None, unit="bytes", message="decompressing")
    job.note("compression", " in ".join(reversed(layers.kinds)))
    if layers.member is not None:
        job.note("member", layers.member)
    for warning in layers.warnings:
        job.warn(path, warning)
    return str(target)


def _utterable(path: str, job: Job, suffix: str) -> str:
    """Return a path that is UTF-8, as SQL has to be: a link where the file's is not."""
    try:
        path.encode()
    except UnicodeEncodeError:
        link = job.scratch(suffix)
        link.symlink_to(path)
        return str(link)
    return path


def _limit(path: str, target: Path, wanted: Any) -> int:
    free = int(shutil.disk_usage(target.parent).free * 0.8)
    if wanted is None:
        return free
    if not str(wanted).isdigit() or not int(wanted):
        raise failed(path, f'max_unpacked cannot be "{wanted}"', "give a number of bytes")
    return min(free, int(wanted))


def _head(path: str, n_bytes: int = 8) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(n_bytes)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise failed(path, f"cannot be read: {reason}", "check its rights") from error


@contextmanager
def _opened(path: str, member: str | None, layers: Layers) -> Iterator[Iterator[bytes]]:
    """Yield the content of a file without its layers, in chunks."""
    try:
        with Path(path).open("rb") as file:
            if _head(path).startswith(ZIP):
                with zipfile.ZipFile(file) as archive:
                    info = _chosen(path, archive, member)
                    layers.kinds.append("zip")
                    layers.member = layers.name = info.filename
                    with archive.open(info) as stream:
                        yield _peeled(path, stream, layers)
                return
            yield _peeled(path, file, layers)
    except _DAMAGES as error:
        kind = layers.kinds[-1] if layers.kinds else "file"
        cause = f"the {kind} data is damaged: {_cause(error)}"
        raise failed(path, cause, _way_out(kind, error)) from error


def _cause(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    if "too much memory" in text or "Memory usage limit" in text:
        return "it was packed with a window of more memory than dsp gives to it"
    return text


def _way_out(kind: str, error: BaseException) -> str:
    if "memory" in str(error).lower():
        return f"unpack it with the {kind} tool"
    return f"fetch the file again, or unpack what is whole with the {kind} tool"


def _peeled(path: str, stream: Any, layers: Layers) -> Iterator[bytes]:
    chunks: Iterator[bytes] = iter(lambda: stream.read(CHUNK), b"")
    while True:
        head, chunks = _looked_at(chunks)
        kind = compression(head)
        if kind is None:
            break
        if len(layers.kinds) >= MAX_LAYERS:
            raise failed(
                path,
                f"is compressed more than {MAX_LAYERS} times over",
                "unpack it first",
            )
        layers.kinds.append(kind)
        if layers.name.lower().endswith(SUFFIXES):
            layers.name = layers.name.rpartition(".")[0]
        chunks = _zstd(chunks) if kind == "zstd" else _members(chunks, kind, layers)
    if head.startswith(ZIP) and layers.kinds:
        raise failed(
            path, f"holds a zip archive inside {layers.kinds[-1]}", "unpack it first"
        )
    if head[257:262] == b"ustar":
        raise failed(path, "holds a tar archive", "unpack it and give the files inside")
    return chunks


def _looked_at(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, and the chunks with those bytes still before them."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 512:
            break

    def again() -> Iterator[bytes]:
        if head:
            yield head
        yield from chunks

    return head, again()


def _members(chunks: Iterator[bytes], kind: str, layers: Layers) -> Iterator[bytes]:
    """Yield what gzip, bz2 or xz data holds, member after member."""
    magic = next(mark for mark, name in MAGIC.items() if name == kind)
    rest = b""
    n_members = 0
    while True:
        while len(rest) < len(magic) and (more := next(chunks, b"")):
            rest = rest.lstrip(b"\0") + more if n_members else rest + more
        if n_members:
            # Tapes and blocks are filled up with zeros.
            rest = rest.lstrip(b"\0")
        if not rest:
            return
        if not rest.startswith(magic):
            layers.warnings.append(
                f"bytes after the end of the {kind} data were left out; they are none"
            )
            return
        unpacker = _unpacker(kind)
        n_members += 1
        yield from _one_member(unpacker, rest, chunks)
        rest = unpacker.unused_data


def _one_member(unpacker: Any, data: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    while not unpacker.eof:
        out = unpacker.decompress(data, CHUNK)
        if out:
            yield out
        if unpacker.eof:
            return
        # zlib hands back what it did not use; the others keep it.
        data = getattr(unpacker, "unconsumed_tail", b"")
        if not data and (not out or getattr(unpacker, "needs_input", True)):
            data = next(chunks, b"")
            if not data:
                raise EOFError("it is cut off")


def _unpacker(kind: str) -> Any:
    if kind == "gzip":
        return zlib.decompressobj(wbits=31)
    if kind == "bz2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(memlimit=MAX_WINDOW_BYTES)


class _Reading(io.RawIOBase):
    """A file to read from chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        part = self._rest[: len(buffer)]
        buffer[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)


def _zstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    import pyarrow as pa

    file = pa.PythonFile(io.BufferedReader(_Reading(chunks)), mode="r")
    with pa.CompressedInputStream(file, "zstd") as stream:
        while chunk := stream.read(CHUNK):
            yield bytes(chunk)


def _archive_names(path: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise failed(
            path, f"is a damaged zip file: {error}", "write or fetch the file again"
        ) from error


def _chosen(path: str, archive: zipfile.ZipFile, wanted: str | None) -> zipfile.ZipInfo:
    """Return the one table of an archive, or the one that was asked for."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    by_name = {info.filename: info for info in infos if not _is_aside(info.filename)}
    shown = ", ".join(list(by_name)[:20]) + (", …" if len(by_name) > 20 else "")
    if wanted is not None:
        if wanted in by_name:
            return _readable(path, by_name[wanted])
        close = nearest(wanted, by_name, n=1)
        meant = f'did you mean "{close[0]}"? ' if close else ""
        raise SourceError(
            f'{path}: no member named "{wanted}"', hint=f"{meant}members: {shown}"
        )
    if not by_name:
        raise failed(
            path, "is a zip archive without files", "give a file with data in it"
        )
    tables = [name for name in by_name if _is_table(name)] or list(by_name)
    if len(tables) > 1:
        raise failed(
            path,
            f"is a zip archive of {len(tables)} tables",
            f"name one with --read member={tables[0]}; members: {shown}",
        )
    return _readable(path, by_name[tables[0]])


def _is_aside(name: str) -> bool:
    """Say whether a member is a note of the program that packed it."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "__MACOSX" in parts or (
        bool(parts) and parts[-1].startswith(("._", ".DS_Store"))
    )


def _is_table(name: str) -> bool:
    from dsp.registry import plugins

    stem = name.lower()
    while stem.endswith(SUFFIXES):
        stem = stem.rpartition(".")[0]
    suffixes = tuple(s for plugin in plugins("sources").values() for s in plugin.suffixes)
    return stem.endswith(suffixes) and not stem.rpartition("/")[2].startswith("readme")


def _readable(path: str, info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    if info.flag_bits & 1:
        raise failed(
            path, f"{info.filename} inside is encrypted", "unpack it with its password"
        )
    return info
