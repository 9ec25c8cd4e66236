"""Excel and OpenDocument workbooks, read by calamine in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dsp.engine.duckdb_engine import quote
from dsp.engine.memory import memory_budget
from dsp.errors import SourceError
from dsp.sources.base import Job, Scan, failed
from dsp.sources.choices import choose
from dsp.sources.compressed import CHUNK, FREE_BYTES, MAX_RATIO, ZIP, unpacked

BASE_SECONDS = 30.0
SECONDS_A_MEGABYTE = 10.0
BASE_BYTES = 3 << 30
BYTES_A_BYTE = 60
HOME = Path(__file__).parents[2]
# Its current folder is not searched for modules (-P): what lies there is not ours.
START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from dsp.sources.workbook import main; main()"
)
_OLE = b"\xd0\xcf\x11\xe0"
_DAMAGES = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_ERRORS = re.compile(rb't="e"')
_UNCOMPUTED = re.compile(rb"</f>(?:<v ?/>|<v></v>)?</c>|<f[^>]*/>(?:<v ?/>|<v></v>)?</c>")


class ExcelFormat:
    """Workbooks: one sheet becomes the table."""

    name = "excel"
    suffixes = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    options = ("sheet", "header", "range")

    def matches(self, head: bytes) -> bool:
        """Zip files are looked into when the source is located."""
        del head
        return False

    def scan(self, job: Job) -> Scan:
        """Read one sheet of each workbook."""
        files = job.located.files
        parts: list[str] = []
        answers: list[dict[str, Any]] = []
        for i, path in enumerate(files):
            answer, target = _read(path, job)
            answers.append(answer)
            parts.append(_stage(target, job))
            job.tick(i + 1, len(files), unit="files")
        table, names = parts[0], answers[0]["names"]
        if len(parts) > 1:
            union = " union all by name ".join(f"select * from {part}" for part in parts)
            table = job.stage(union)
            names = [name for name, _ in job.describe(f"select * from {table}")]
        return _typed(table, names, answers, job)


def _read(path: str, job: Job) -> tuple[dict[str, Any], Path]:
    plain = unpacked(path, job, suffix=Path(path).suffix)
    with Path(plain).open("rb") as file:
        head = file.read(8)
    if head.startswith(ZIP):
        _check_archive(path, plain, job)
    elif head.startswith(_OLE) and _is_encrypted(plain):
        raise failed(path, "is protected by a password", "save it without one")
    options = job.located.options
    target = job.scratch(".arrow")
    order = {
        "path": plain,
        "target": str(target),
        "sheet": options.get("sheet"),
        "range": options.get("range"),
        "header": _flag(options.get("header")),
        "memory": _memory(plain),
    }
    answer = _ask(path, order, job)
    if "error" in answer:
        raise failed(path, answer["error"], answer["hint"])
    for warning in answer["warnings"]:
        job.warn(path, warning)
    return answer, target


def _memory(path: str) -> int:
    wanted = max(BASE_BYTES, BYTES_A_BYTE * Path(path).stat().st_size)
    return min(wanted, memory_budget())


def _flag(value: Any) -> bool | None:
    if value is None:
        return None
    return str(value).casefold() not in ("false", "0", "no")


def _ask(path: str, order: dict[str, Any], job: Job) -> dict[str, Any]:
    """Run the reading process and return its answer."""
    n_megabytes = Path(order["path"]).stat().st_size / (1 << 20)
    seconds = BASE_SECONDS + SECONDS_A_MEGABYTE * n_megabytes
    out, err = job.scratch(".json"), job.scratch(".txt")
    with out.open("wb") as stdout, err.open("wb") as stderr:
        child = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-c", START, str(HOME)],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
        )
        try:
            code = _wait(child, json.dumps(order), time.monotonic() + seconds, job)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    if code is None:
        raise failed(path, f"took more than {seconds:.0f} s to read", "it may be damaged")
    if code == 0:
        answer: dict[str, Any] = json.loads(out.read_bytes())
        return answer
    said = err.read_text(encoding="utf-8", errors="replace")
    if "memory allocation" in said or "MemoryError" in said:
        raise failed(
            path,
            "needs more memory than dsp gives to a workbook",
            "delete cells far away from the table, or save the sheet as CSV",
        )
    panic = re.search(r"panicked at [^\n]*\n([^\n]*)", said)
    last = (said.strip().splitlines() or [f"the reader ended with {code}"])[-1]
    cause = panic.group(1) if panic else last
    raise failed(path, f"cannot be read as a workbook: {cause}", "it is damaged")


def _wait(
    child: subprocess.Popen[bytes], order: str, deadline: float, job: Job
) -> int | None:
    """Wait for a process, ticking; None when it takes too long."""
    if child.stdin is not None:
        with child.stdin as pipe:
            pipe.write(order.encode())
    while time.monotonic() < deadline:
        try:
            return child.wait(0.1)
        except subprocess.TimeoutExpired:
            job.tick(0, None, unit="files", message="reading the workbook")
    return None


def _check_archive(path: str, plain: str, job: Job) -> None:
    """Read every part against its checksum; count cells without a value of their own."""
    counts = {_ERRORS: 0, _UNCOMPUTED: 0}
    n_packed = Path(plain).stat().st_size
    limit = None if "max_unpacked" in job.located.options else MAX_RATIO * n_packed
    size = 0
    try:
        with zipfile.ZipFile(plain) as archive:
            for info in archive.infolist():
                is_sheet = info.filename.startswith("xl/worksheets/")
                for text, n_before in _texts(archive, info):
                    size += len(text) - n_before
                    if limit is not None and size > max(limit, FREE_BYTES):
                        raise _trap(path, n_packed, size)
                    for wanted in counts if is_sheet else ():
                        counts[wanted] += len(wanted.findall(text)) - len(
                            wanted.findall(text, 0, n_before)
                        )
    except _DAMAGES as error:
        is_locked = "encrypted" in str(error)
        cause = f"cannot be read as a workbook: {error}"
        raise failed(
            path,
            "is protected by a password" if is_locked else cause,
            "it is damaged, cut off, or protected by a password",
        ) from error
    _warn_of_cells(path, counts[_ERRORS], counts[_UNCOMPUTED], job)


def _texts(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> Iterator[tuple[bytes, int]]:
    """Yield a part's text in pieces that overlap, with the length of the overlap."""
    tail = b""
    with archive.open(info) as part:
        while chunk := part.read(CHUNK):
            yield tail + chunk, len(tail)
            tail = chunk[-64:]


def _trap(path: str, n_packed: int, size: int) -> SourceError:
    return failed(
        path,
        f"{n_packed:,} bytes unpack to more than {size >> 20:,} MiB",
        f"give --read max_unpacked={size * 100} if it is a table indeed",
    )


def _warn_of_cells(path: str, n_errors: int, n_uncomputed: int, job: Job) -> None:
    if n_errors:
        cells = (
            "one cell holds an error"
            if n_errors == 1
            else f"{n_errors:,} cells hold errors"
        )
        job.warn(path, f"{cells} such as #N/A; read as missing")
    if n_uncomputed:
        job.warn(
            path,
            f"formulas without a computed value, read as missing: {n_uncomputed:,} "
            "(open and save the workbook to compute them)",
        )


def _is_encrypted(path: str) -> bool:
    """Say whether an OLE file wraps an encrypted workbook."""
    with Path(path).open("rb") as file:
        head = file.read(CHUNK)
    return "EncryptedPackage".encode("utf-16-le") in head


def _stage(target: Path, job: Job) -> str:
    import pyarrow as pa

    source = job.stack.enter_context(pa.memory_map(str(target)))
    incoming = job.lend(pa.ipc.open_file(source).read_all())
    return job.stage(f"select * from {incoming}")


def _typed(table: str, names: list[str], answers: list[dict[str, Any]], job: Job) -> Scan:
    """Return the scan; texts that are numbers or dates throughout become those."""
    found = job.describe(f"select * from {table}")
    texts = [quote(name) for name, kind in found if kind == "VARCHAR"]
    choices = dict(
        zip(texts, choose(job.engine, table, texts, numbers=True), strict=True)
    )
    listed, notes = [], {}
    for (own, _), name in zip(found, names, strict=True):
        choice = choices.get(quote(own))
        listed.append(choice.sql if choice else quote(own))
        if choice and choice.kind:
            notes[name] = choice.note or f"{choice.kind}; the cells hold text"
        elif choice and choice.note:
            notes[name] = choice.note
    facts: dict[str, Any] = {**answers[0]["facts"]}
    if len(answers) > 1:
        facts["files"] = len(answers)
    facts |= {"types": notes} if notes else {}
    return Scan(
        f"select {', '.join(listed)} from {table}",
        tuple(names),
        facts,
        _rejects(answers, job),
    )


def _rejects(answers: list[dict[str, Any]], job: Job) -> str | None:
    import pyarrow as pa

    rows = [tuple(row) for answer in answers for row in answer["rejects"]]
    if not rows:
        return None
    numbers, texts, reasons = zip(*rows, strict=True)
    table = pa.table(
        {
            "line_number": pa.array(numbers, pa.int64()),
            "byte_position": pa.nulls(len(rows), pa.int64()),
            "text": pa.array(texts, pa.string()),
            "reason": pa.array(reasons, pa.string()),
        }
    )
    return f"from {job.stage(f'select * from {job.lend(table)}')}"


plugin = ExcelFormat()
