"""Turns compressed or foreign-encoded text files into plain UTF-8 ones."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from dsp.errors import SourceError, nearest
from dsp.sources.base import Job, failed
from dsp.sources.compressed import CHUNK, unpacked
from dsp.sources.encodings import (
    LABELS,
    MIXED,
    Encoding,
    ebcdic,
    find_encoding,
    is_encoded_twice,
)

N_EVIDENCE = 1 << 18


def plain_utf8(
    path: str, job: Job, *, suffix: str, encoding: str | None, is_marked: bool = True
) -> tuple[str, str]:
    """Return a path to plain UTF-8 text and the encoding that was found.

    The path is the file's own when nothing has to change; otherwise it is a copy in
    scratch space. What was assumed is noted in the job. Bytes past the first MiB that
    are not UTF-8 are for the caller to find, who then calls `foreign_text`.

    Parameters
    ----------
    is_marked
        The caller can do with a byte order mark at the start of UTF-8.

    Raises
    ------
    SourceError
        The compressed data is damaged, or the text is not in the given encoding.
    """
    plain = unpacked(path, job, suffix=suffix)
    with Path(plain).open("rb") as file:
        head = file.read(CHUNK)
        is_all = not file.read(1)
    if encoding:
        found = Encoding(_codec(encoding))
    else:
        found = _found(path, head, is_all=is_all)
        _note(found, head, path, job)
    name = codecs.lookup(found.name).name
    n_marks = len(re.match(rb"(\xef\xbb\xbf)*", head).group()) // 3  # type: ignore[union-attr]
    if name in ("utf-8", "utf-8-sig", "ascii") and found.errors == "strict":
        if n_marks > is_marked:
            return _without_marks(plain, job, n_marks, suffix=suffix), "utf-8"
        return plain, "utf-8"
    copy = _decoded(path, plain, job, suffix=suffix, encoding=found)
    return copy, "utf-8" if found.errors == MIXED else found.name


def foreign_text(path: str, plain: str, job: Job, *, suffix: str) -> tuple[str, str]:
    """Read a file again that was taken for UTF-8 and holds other bytes further on.

    Returns
    -------
    tuple
        The path of a copy in UTF-8 and the encoding, found from lines of the whole file.
    """
    evidence = _evidence(plain)
    found = _found(path, evidence, is_all=True)
    if found.name == "utf-8" and found.errors == "strict":
        return plain, "utf-8"
    _note(found, evidence, path, job)
    copy = _decoded(path, plain, job, suffix=suffix, encoding=found)
    return copy, "utf-8" if found.errors == MIXED else found.name


def is_all_utf8(path: str) -> bool:
    """Say whether a file is UTF-8 to its last byte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with Path(path).open("rb") as file:
            while chunk := file.read(CHUNK):
                if decoder.getstate()[0] or not chunk.isascii():
                    decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _codec(encoding: str) -> str:
    """Return the name of Python's codec for a name that the user gave."""
    try:
        codecs.lookup(encoding)
        " ".encode(encoding)
    except LookupError as error:
        close = nearest(encoding, LABELS, n=1)
        meant = f'did you mean "{close[0]}"? ' if close else ""
        raise SourceError(
            f'unknown encoding "{encoding}"',
            hint=f"{meant}names are those of Python, such as utf-8, cp1252 or koi8_r",
        ) from error
    return encoding


def _found(path: str, head: bytes, *, is_all: bool) -> Encoding:
    found = find_encoding(head, is_all=is_all)
    if found is not None:
        return found
    if ebcdic(head):
        raise failed(
            path,
            "is text of a mainframe (EBCDIC)",
            "give --read encoding=cp037, or the code page that it was written in",
        )
    raise failed(path, "is no text", "name its encoding with --read encoding=…")


def _note(found: Encoding, head: bytes, path: str, job: Job) -> None:
    """Say what was assumed about an encoding, and how sure that is."""
    if found.errors == MIXED:
        text = head.decode("utf-8", errors="ignore")
        n_bad = len(head) - len(text.encode())
        many = f"{n_bad:,} bytes" if n_bad > 1 else "one byte"
        job.warn(
            path,
            f"read as utf-8, in which {many} (or more) had to be read as cp1252; "
            "the option encoding tells otherwise",
        )
    elif found.is_guess:
        label = LABELS.get(found.name, found.name)
        others = ", ".join(found.rivals)
        doubt = f", though {others} would fit almost as well" if others else ""
        job.warn(
            path,
            f"read as {label}, judged by its letters{doubt}; "
            "the option encoding tells otherwise",
        )
        if found.rivals:
            job.note("encoding_rivals", list(found.rivals))
    elif is_encoded_twice(head.decode(found.name, errors="replace")):
        job.warn(
            path,
            "its text seems to have been encoded twice (Ã© in place of é); "
            "it was left as it stands",
        )


def _decoded(path: str, plain: str, job: Job, *, suffix: str, encoding: Encoding) -> str:
    """Copy a text file to UTF-8 in scratch space and return the copy's path."""
    target = job.scratch(suffix)
    try:
        with (
            Path(plain).open(
                encoding=encoding.name, errors=encoding.errors, newline=""
            ) as source,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            while text := source.read(CHUNK):
                out.write(text)
                job.tick(out.tell(), None, unit="bytes", message="decoding")
    except (UnicodeError, LookupError) as error:
        raise failed(
            path,
            f"is not text in {encoding.name}: {error}",
            "name its encoding with --read encoding=…",
        ) from error
    return str(target)


def _without_marks(plain: str, job: Job, n_marks: int, *, suffix: str) -> str:
    target = job.scratch(suffix)
    with Path(plain).open("rb") as source, target.open("wb") as out:
        source.seek(3 * n_marks)
        while chunk := source.read(CHUNK):
            out.write(chunk)
    return str(target)


def _evidence(path: str) -> bytes:
    """Return lines of a file that hold bytes beyond ASCII, both kinds of them."""
    valid: list[bytes] = []
    foreign: list[bytes] = []
    sizes = {"valid": 0, "foreign": 0}
    rest = b""
    with Path(path).open("rb") as file:
        while chunk := file.read(CHUNK):
            whole, rest = _to_line_end(rest + chunk)
            if whole.isascii():
                continue
            for line in whole.splitlines(keepends=True):
                if line.isascii():
                    continue
                try:
                    line.decode()
                    kind, kept = "valid", valid
                except UnicodeDecodeError:
                    kind, kept = "foreign", foreign
                if sizes[kind] < N_EVIDENCE:
                    kept.append(line)
                    sizes[kind] += len(line)
            if sizes["foreign"] >= N_EVIDENCE:
                break
    if not rest.isascii():
        foreign.append(rest)
    return b"".join(foreign + valid)


def _to_line_end(data: bytes) -> tuple[bytes, bytes]:
    """Return whole lines, and the beginning of the next one."""
    cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    return (data[:cut], data[cut:]) if cut or len(data) < CHUNK << 4 else (data, b"")
