"""Finds the files of a source, their format, and a fingerprint of them."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from dsp.errors import SourceError, nearest
from dsp.registry import plugins
from dsp.sources.base import Located, failed, shown
from dsp.sources.compressed import SUFFIXES, peek
from dsp.sources.encodings import find_encoding

END_BYTES = 65_536
SPARSE_FROM_BYTES = 1 << 30
OTHER_MAGIC = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF")
# Options of every format: a file of any format may be packed.
COMMON_OPTIONS = ("member", "max_unpacked")
_PARTITION = re.compile(r"[^/=]+=[^/]*")


def locate(source: Any, *, format: str | None, options: dict[str, Any] | None) -> Located:
    """Return where a source is and what it is made of, without reading its rows."""
    given = dict(options or {})
    if format is not None and format not in plugins("sources"):
        known = sorted(plugins("sources"))
        close = nearest(format, known, n=1)
        hint = f'did you mean "{close[0]}"? ' if close else ""
        raise SourceError(
            f'unknown format "{format}"', hint=f"{hint}formats: {', '.join(known)}"
        )
    if not isinstance(source, str | os.PathLike):
        return _in_memory(source, given)
    text = os.fspath(source)
    text = text.decode(errors="surrogateescape") if isinstance(text, bytes) else text
    path, table = _split(text)
    if table:
        given["table"] = table
    files, root = _files(path)
    kind = _format(files, format, given.get("member"))
    if root is not None and format is None:
        files = [f for f in files if _by_suffix(f) is not None] or files
    _known_options(kind, given)
    partitions = {f: found for f in files if (found := _partitions(f, root))}
    if partitions:
        given["partitions"] = partitions
    return Located(
        source=text if _is_utf8(text) else shown(text),
        name=_name(path, table),
        format=kind,
        files=tuple(files),
        n_bytes=sum(Path(f).stat().st_size for f in files),
        fingerprint=_fingerprint(files),
        options=given,
    )


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _in_memory(source: Any, options: dict[str, Any]) -> Located:
    from dsp.sources.memory import as_arrow, fingerprint

    table = as_arrow(source)
    return Located(
        source=f"{type(source).__module__.partition('.')[0]}.{type(source).__name__}",
        name="data",
        format="memory",
        files=(),
        n_bytes=table.nbytes,
        fingerprint=fingerprint(table),
        options=options,
        payload=table,
    )


def _split(text: str) -> tuple[str, str | None]:
    """Return path and table of ``file.db::table``."""
    if re.match(r"[a-z][a-z0-9+.-]+://", text, re.I):
        scheme = text.partition(":")[0]
        raise SourceError(
            f"{text}: sources on {scheme} are not read over the network",
            hint="fetch the file first and name it here",
        )
    if "::" in text and not Path(text).exists():
        path, _, table = text.rpartition("::")
        return path, table
    return text, None


def _files(text: str) -> tuple[list[str], Path | None]:
    """Return absolute paths in order, and the folder that was named, if any."""
    if not text:
        raise SourceError("the source has no name", hint="give a file, glob or folder")
    path = Path(text).expanduser()
    try:
        is_there = path.exists()
    except (OSError, ValueError) as error:
        raise failed(text, f"cannot be looked up: {error}") from error
    if is_there:
        if not path.is_dir():
            return [_checked(path)], None
        found = [f for f in _walk(path) if _by_suffix(str(f)) is not None]
        if not found:
            raise failed(text, "is a folder without data files", "give a file or a glob")
        return [_checked(f) for f in _distinct(found)], path.absolute()
    if glob.has_magic(text):
        hits = [Path(hit) for hit in glob.glob(str(path), recursive=True)]  # noqa: PTH207
        found = sorted(hit for hit in hits if not hit.is_dir())
        if found:
            fixed = re.split(r"[*?\[]", str(path.absolute()))[0]
            return [_checked(f) for f in _distinct(found)], Path(fixed).parent
        raise failed(text, "no file fits this pattern", "check the folder and the suffix")
    if path.is_symlink():
        raise failed(text, "is a link that leads nowhere", "name the file itself")
    raise failed(text, "no such file or folder", _neighbour(path))


def _distinct(paths: Iterable[Path]) -> list[Path]:
    """Return each file once: links to one that is read anyway would double its rows."""
    absolute = [path.absolute() for path in paths]
    real = [os.path.realpath(path) for path in absolute]
    own = {
        str(path) for path, end in zip(absolute, real, strict=True) if str(path) == end
    }
    kept: list[Path] = []
    for path, end in zip(absolute, real, strict=True):
        if str(path) == end or end not in own:
            own.add(end)
            kept.append(path)
    return kept


def _walk(folder: Path) -> Iterable[Path]:
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "_")))
        for name in sorted(names):
            if not name.startswith((".", "_")):
                yield Path(base) / name


def _neighbour(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the folder {path.parent} is not there either"
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return "check the name"
    close = nearest(path.name, names, n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "check the name"


def _checked(path: Path) -> str:
    """Return the absolute path of a regular file with something in it."""
    named = str(path)
    try:
        facts = path.stat()
    except OSError as error:
        raise failed(named, f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(facts.st_mode):
        raise _special(named)
    if not os.access(path, os.R_OK):
        raise failed(named, "cannot be read: permission denied", "check its rights")
    if not facts.st_size:
        try:
            with path.open("rb") as file:
                is_empty = not file.read(1)
        except OSError:
            is_empty = False
        # Files of the kernel, such as those of /proc, say that they hold nothing.
        if not is_empty:
            raise _special(named)
        raise failed(named, "is empty (0 bytes)", "give a file with data in it")
    if facts.st_size > SPARSE_FROM_BYTES and facts.st_blocks * 512 < facts.st_size // 10:
        with path.open("rb") as file:
            if os.lseek(file.fileno(), 0, os.SEEK_HOLE) < facts.st_size:
                raise failed(
                    named,
                    f"is a sparse file: of {facts.st_size:,} bytes all but "
                    f"{facts.st_blocks * 512:,} are holes",
                    "write or fetch the file again",
                )
    return str(path.absolute())


def _special(named: str) -> SourceError:
    cause = "is not a regular file"
    return failed(named, cause, "copy its content into a file first")


def _format(files: Sequence[str], wanted: str | None, member: str | None) -> str:
    if wanted is not None:
        return wanted
    found: dict[str, str] = {}
    for path in files[:1] if len(files) > 1_000 else files:
        found.setdefault(_format_of(path, member), path)
    if len(found) > 1:
        listed = ", ".join(f"{kind} ({Path(p).name})" for kind, p in found.items())
        raise SourceError(
            f"{Path(files[0]).parent}: files of several formats: {listed}",
            hint="give a glob that fits one of them, such as folder/*.csv",
        )
    return next(iter(found))


def _format_of(path: str, member: str | None) -> str:
    """Return the format that the content shows, then the suffix, else text."""
    head, name = peek(path, member)
    if not head:
        raise failed(path, "holds no data", "give a file with data in it")
    suffix = _by_suffix(name)
    for name, plugin in plugins("sources").items():
        if name != "json" and plugin.matches(head):
            return name
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        # Archives that are no workbooks have been opened by now.
        return "excel"
    text = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:15].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise failed(
            path,
            "is a web page or XML, not a table",
            "save the data itself, as CSV or JSON",
        )
    if suffix == "csv" or suffix is None:
        _refuse_binary(path, head)
    if suffix is None and plugins("sources")["json"].matches(head):
        return "json"
    if suffix in ("parquet", "arrow", "database", "excel"):
        cause = "the content is not of the kind that its name says"
        raise failed(path, f"is no {suffix} file: {cause}", "check how it was written")
    return suffix or "csv"


def _by_suffix(path: str) -> str | None:
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    while suffixes and suffixes[-1] in SUFFIXES:
        suffixes.pop()
    last = suffixes[-1] if suffixes else ""
    for name, plugin in plugins("sources").items():
        if last in plugin.suffixes:
            return name
    return None


def _refuse_binary(path: str, head: bytes) -> None:
    part = head[:4096]
    control = sum(byte < 9 or 13 < byte < 32 for byte in part) > max(2, 0.05 * len(part))
    found = find_encoding(head) if control else None
    is_wide = found is not None and found.name.startswith(("utf-16", "utf-32", "iso"))
    is_known = head.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF")
    )
    if is_known or (control and not is_wide):
        raise failed(path, "is not a table but binary data", "give a file that dsp reads")


def _known_options(kind: str, options: dict[str, Any]) -> None:
    known = (*plugins("sources")[kind].options, *COMMON_OPTIONS)
    for name, value in options.items():
        if name not in known:
            close = nearest(name, known, n=1)
            hint = f'did you mean "{close[0]}"? ' if close else ""
            hint += f"options of {kind}: {', '.join(known)}"
            raise SourceError(
                f'the {kind} reader has no option "{name}"',
                hint=hint if known else f"{kind} takes no options",
            )
        if value == "":
            raise SourceError(
                f'the option "{name}" is empty', hint=f"give it a value: {name}=…"
            )


def _partitions(path: str, root: Path | None) -> dict[str, str]:
    """Return key and value of the hive folders between root and file."""
    if root is None:
        return {}
    inside = (
        Path(path).parent.relative_to(root) if Path(path).is_relative_to(root) else Path()
    )
    folders = [part for part in inside.parts if _PARTITION.fullmatch(part)]
    pairs = (part.partition("=") for part in folders)
    return {
        unquote(key): unquote(value)
        for key, _, value in pairs
        if value != "__HIVE_DEFAULT_PARTITION__"
    }


def _name(path: str, table: str | None) -> str:
    last = Path(path).absolute()
    if glob.has_magic(path) and not last.exists():
        fixed = re.split(r"[*?\[]", str(last))[0]
        last = Path(fixed.rstrip("/_-. ") or "data")
    stem = last.name
    while (suffix := Path(stem).suffix) and not last.is_dir():
        if suffix.lower() not in SUFFIXES and _by_suffix(stem) is None:
            break
        stem = Path(stem).stem
    whole = f"{stem}-{table}" if table else stem
    return re.sub(r"[^\w.-]+", "_", whole).strip("._")[:80] or "data"


def _fingerprint(files: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        facts = Path(path).stat()
        digest.update(
            f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode(errors="replace")
        )
        with Path(path).open("rb") as file:
            digest.update(file.read(END_BYTES))
            file.seek(max(0, facts.st_size - END_BYTES))
            digest.update(file.read(END_BYTES))
    return digest.hexdigest()
