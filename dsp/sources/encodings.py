"""Finds the encoding of text by evidence: marks, validity, then how its words look."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from dsp.sources.alphabets import LANGUAGES, RARITY, WIDE, letter_bits

N_SAMPLE = 12_288
LABELS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "latin-1": "Latin-1",
    "cp1252": "Western (cp1252)",
    "cp932": "Shift-JIS (cp932)",
    "euc_jp": "Japanese (euc_jp)",
    "iso2022_jp": "Japanese (iso2022_jp)",
    "gb18030": "Chinese (gb18030)",
    "cp950": "Big5 (cp950)",
    "cp949": "Korean (cp949)",
    "cp1251": "Cyrillic (cp1251)",
    "koi8_r": "Cyrillic (koi8_r)",
    "koi8_u": "Cyrillic (koi8_u)",
    "cp1250": "Central European (cp1250)",
    "iso8859_2": "Central European (iso8859_2)",
    "cp1253": "Greek (cp1253)",
    "cp1254": "Turkish (cp1254)",
    "cp1255": "Hebrew (cp1255)",
    "cp1256": "Arabic (cp1256)",
    "cp1257": "Baltic (cp1257)",
    "cp874": "Thai (cp874)",
}
MIXED = "dsp-single-bytes"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
# Symbols that stand in ordinary text, by themselves or beside letters and digits.
_USUAL = frozenset(
    "’‘“”„–—…€£¥°§«»·™©®ºª²³½¼¾×±µ¿¡•´`¨’ \u3000、。「」・，：；（）！？％～ー々"
)
_OPENING = frozenset("’‘“„«»”·ー々・\u200c\u200d\u3000、。「」：，；（）—–…¿¡´`¨©®")
# Half a pair of surrogates, written as if it were a character.
_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_PAIRS = re.compile(r"(?=([^\x00-\x7f].|[\x00-\x7f][^\x00-\x7f]))", re.S)
_BETWEEN = frozenset("’‘·ー々・\u200c\u200d")


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding and how sure it is.

    Attributes
    ----------
    name
        Name of Python's codec.
    errors
        What Python's decoder does with bytes that do not fit.
    rivals
        Encodings that read the same bytes almost as well, as other text.
    is_guess
        Whether letters alone spoke for it, rather than a mark or validity.
    """

    name: str
    errors: str = "strict"
    rivals: tuple[str, ...] = ()
    is_guess: bool = False


def find_encoding(head: bytes, *, is_all: bool = False) -> Encoding | None:
    """Return the encoding of a text's first bytes, or None when it is no text known.

    Parameters
    ----------
    head
        The first bytes, or lines taken from all over the file.
    is_all
        The bytes end where the text ends, so that a character cut off there is wrong.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    if wide := _without_mark(head):
        return Encoding(wide)
    if is_utf8(head, is_all=is_all):
        if has_shifts(head):
            return Encoding("iso2022_jp", is_guess=True)
        return Encoding("utf-8")
    if ebcdic(head):
        return None
    return _by_letters(head)


def is_utf8(head: bytes, *, is_all: bool = False) -> bool:
    """Say whether bytes are UTF-8, apart from a character cut at the end."""
    if head.isascii():
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, is_all)
    except UnicodeDecodeError:
        return False
    return True


def has_shifts(head: bytes) -> bool:
    """Say whether bytes shift into Japanese and back, as ISO-2022-JP does."""
    return b"\x1b$" in head and b"\x1b(" in head


def is_encoded_twice(text: str) -> bool:
    """Say whether text shows UTF-8 that was read as cp1252 and encoded again."""
    runs = re.findall(r"[^\x00-\x7f]+", text[:200_000])
    if not runs:
        return False
    n_twice = 0
    for run in runs:
        raw = bytearray()
        for character in run:
            try:
                raw += character.encode("cp1252")
            except UnicodeEncodeError:
                if ord(character) > 0xFF:
                    break
                raw.append(ord(character))
        else:
            n_twice += is_utf8(bytes(raw), is_all=True)
    return n_twice * 2 > len(runs)


def ebcdic(head: bytes) -> bool:
    """Say whether bytes are text of a mainframe: EBCDIC has its letters up high."""
    part = head[:4096]
    if part.count(b"\n") or len(part) < 8:
        return False
    n_high = sum(byte >= 0x80 for byte in part)
    text = part.decode("cp037")
    n_plain = sum(c.isascii() and (c.isprintable() or c in "\r\n\t\x85") for c in text)
    has_ends = any(mark in part for mark in (b"\x15", b"\x25", b"\x40", b"\x6b"))
    return n_high > 0.4 * len(part) and n_plain > 0.97 * len(part) and has_ends


def _without_mark(head: bytes) -> str | None:
    """Return UTF-16 or UTF-32 without a mark, which zero bytes give away."""
    part = head[:8192]
    part = part[: len(part) // 4 * 4] or part[: len(part) // 2 * 2]
    if not part.count(0) or len(part) < 2:
        return None
    lanes = [part[i::4].count(0) for i in range(4)]
    n = len(part) // 4
    if n and min(lanes[2], lanes[3]) > 0.9 * n and lanes[0] < 0.5 * n:
        return "utf-32-le"
    if n and min(lanes[0], lanes[1]) > 0.9 * n and lanes[3] < 0.5 * n:
        return "utf-32-be"
    if part.count(b"\0\0") > 0.01 * len(part):
        return None
    # Signs of ASCII divide the cells of text in any script.
    signs = b'\n\r,;\t"'
    little = sum(low in signs and not high for low, high in _pairs(part))
    big = sum(high in signs and not low for low, high in _pairs(part))
    even, odd = part[::2].count(0), part[1::2].count(0)
    name = "utf-16-le" if (little, odd) > (big, even) else "utf-16-be"
    wrong = even if name == "utf-16-le" else odd
    if not max(little, big):
        return None
    if max(even, odd) < 0.02 * len(part) or wrong > 0.1 * max(even, odd):
        return None
    text = part.decode(name, errors="replace")
    return None if text.count("\ufffd") > 1 else name


def _pairs(part: bytes) -> zip[tuple[int, int]]:
    return zip(part[::2], part[1::2], strict=False)


def _by_letters(head: bytes) -> Encoding:
    sample = _sampled(head)
    found: list[tuple[float, str, str, str]] = []
    try:
        text = sample.decode("utf-8", errors=MIXED)
        found.append((_mixed_cost(sample, text), "utf-8", MIXED, text))
    except UnicodeDecodeError:
        text = ""
    for name in RARITY:
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        found.append((_cost(text, name) + RARITY[name], name, "strict", text))
    if not found:
        return Encoding("latin-1", is_guess=True)
    found.sort(key=lambda item: item[0])
    cost, name, errors, text = found[0]
    near = max(8.0, 0.08 * cost)
    rivals = tuple(
        other for bits, other, _, read in found[1:] if bits - cost < near and read != text
    )
    return Encoding(name, errors, rivals[:3], is_guess=True)


def _sampled(head: bytes) -> bytes:
    """Return the lines that hold bytes beyond ASCII, up to a bounded size."""
    if len(head) <= N_SAMPLE:
        return head
    lines = [
        line for line in re.split(rb"(?<=[\r\n])", head[: 1 << 20]) if not line.isascii()
    ]
    lines = lines[:-1] or lines
    step = max(1, sum(map(len, lines)) // N_SAMPLE)
    return b"".join(lines[::step])[: 4 * N_SAMPLE]


def _mixed_cost(sample: bytes, text: str) -> float:
    """Return the cost of UTF-8 in which some bytes are cp1252: any language may stand."""
    kept = sample.decode("utf-8", errors="ignore")
    n_bad = len(sample) - len(kept.encode())
    n_good = sum(not c.isascii() for c in kept)
    if not n_good:
        return float("inf")
    cost = _cost(text, "cp1252") + 6.0
    # Bytes take the form of UTF-8 by chance now and then, but not again and again.
    return min(cost, 9.0 * n_bad + 6.0 * n_good) if n_good > 4 * n_bad else cost


def _cost(text: str, encoding: str) -> float:
    """Return bits that text costs in the language of an encoding that fits best."""
    counts = Counter(_FOREIGN.findall(text))
    pairs = Counter(_PAIRS.findall(" " + text))
    context = sum(n * _step(pair[0], pair[1]) for pair, n in pairs.items())
    best = float("inf")
    for language in LANGUAGES:
        if encoding in language.encodings:
            bits = letter_bits(language)
            is_wide = encoding in WIDE
            cost = language.bits + sum(
                n * (bits[c] if c in bits else _foreign(c, encoding if is_wide else ""))
                for c, n in counts.items()
            )
            best = min(best, cost)
    return best + context


@lru_cache(maxsize=50_000)
def _foreign(character: str, wide: str) -> float:
    """Return the cost of a character that a language's list of letters lacks."""
    if character in _USUAL:
        return 6.0 if character in "’–“”€°" else 8.0
    kind = _kind(character)
    if kind == "kana" and wide in ("cp932", "euc_jp"):
        return 5.5
    if wide and kind in ("han", "hangul"):
        return _level(character, wide)
    if wide and kind == "wide form":
        return 10.0
    if kind in ("control", "private"):
        return 26.0
    return 14.0 if character.isalpha() else 16.0


def _level(character: str, wide: str) -> float:
    """Return the cost of a sign by the plane that its national standard gave it."""
    standard, last = {
        "gb18030": ("gb2312", 0xD7),
        "cp950": ("big5", 0xC6),
        "cp949": ("euc_kr", 0xC8),
    }.get(wide, ("euc_jp", 0xCF))
    try:
        raw = character.encode(standard)
    except UnicodeEncodeError:
        return 21.0
    first = 0xA4 if wide == "cp950" else 0xB0
    return 13.0 if len(raw) == 2 and first <= raw[0] <= last else 18.0


@lru_cache(maxsize=200_000)
def _step(before: str, after: str) -> float:
    """Return what it costs that one character follows another."""
    one, two = _kind(before), _kind(after)
    if one == two == "other":
        return 3.0
    words = ("latin", "script", "han", "kana", "hangul", "half kana")
    if one in words and two in words:
        if one != two or (one == "script" and _script(before) != _script(after)):
            joined = {one, two}
            if joined == {"han", "kana"}:
                return 0.5
            return (
                3.0 if joined & {"han", "hangul", "kana"} and "latin" in joined else 9.0
            )
        if before.islower() and after.isupper():
            return 7.0
        # Words in capitals throughout are rarer than words in small letters.
        return 1.5 if before.isupper() and after.isupper() else 0.0
    if (before.isdigit() and two in words) or (after.isdigit() and one in words):
        return 3.0 if {one, two} & {"latin", "script"} else 0.0
    if one in words and two in ("other", "usual") and after not in _BETWEEN:
        return 3.0 if two == "other" else 0.0
    # A sign that is followed by a letter stands inside a word, or opens one.
    if two in words and one in ("other", "usual") and before not in _OPENING:
        return 5.0
    return 0.0


@lru_cache(maxsize=70_000)
def _kind(character: str) -> str:
    point = ord(character)
    if point < 0x80:
        return "latin" if character.isalpha() else "ascii"
    if character in _USUAL and character not in "ªºµ":
        return "usual"
    if 0x3040 <= point <= 0x30FF:
        return "kana"
    if 0xFF61 <= point <= 0xFF9F:
        return "half kana"
    if 0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or point >= 0x20000:
        return "han"
    if 0xAC00 <= point <= 0xD7A3:
        return "hangul"
    if 0xFF00 <= point <= 0xFFEF:
        return "wide form"
    category = unicodedata.category(character)
    if category in ("Cc", "Cn", "Cs"):
        return "control"
    if category == "Co":
        return "private"
    if category[0] in "LM":
        return "latin" if point < 0x250 or 0x1E00 <= point < 0x1F00 else "script"
    return "other"


@lru_cache(maxsize=70_000)
def _script(character: str) -> str:
    return unicodedata.name(character, "?").partition(" ")[0]


def _single_bytes(error: UnicodeError) -> tuple[str, int]:
    """Decode what is not UTF-8: pairs of surrogates, else byte for byte as cp1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    raw, at = error.object, error.start
    six, second = raw[at : at + 6], raw[at + 1 : at + 2]
    is_half = _HALF.match(six)
    if is_half and _HALF.match(six[3:]):
        pair = six.decode("utf-8", errors="surrogatepass")
        text = pair.encode("utf-16-le", errors="surrogatepass")
        return text.decode("utf-16-le", errors="replace"), at + 6
    if is_half:
        return "\ufffd", at + 3
    if six[:1] in (b"\xc0", b"\xc1") and b"\x80" <= second < b"\xc0":
        return "\ufffd", at + 2
    return six[:1].decode("cp1252", errors="replace"), at + 1


codecs.register_error(MIXED, _single_bytes)
