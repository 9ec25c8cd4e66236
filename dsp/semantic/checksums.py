"""Check digits as SQL: expressions over a text that is known to have the right letters.

Every function takes SQL of a text and returns SQL. Nothing here raises for any text that
fits the pattern its type asks for first, and nothing runs row by row: digits are summed
inside 64-bit integers, other letters in lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dsp.engine.relation import let

# A text of decimal digits read as hexadecimal keeps one digit in four bits. Every other
# digit, in a byte of its own, is then summed by one division: 256 leaves 1 over 255.
_LOW, _THREES, _EIGHTS = (int(byte * 8, 16) for byte in ("0f", "03", "08"))

LETTERS = "case when ch < 'A' then unicode(ch) - 48 else unicode(ch) - 55 end"
"""Value of `ch`, a digit or a capital: A is 10, Z is 35."""

# A to H are 1 to 8, J to R 1 to 9, S to Z 2 to 9 (49 CFR 565.15, table IV).
VEHICLE = (
    "unicode(ch) - case when ch < 'A' then 48 when ch < 'I' then 64 "
    "when ch < 'S' then 73 else 81 end"
)


def luhn(text: str) -> str:
    """Return the Luhn sum of up to 32 digits, modulo 10 (ISO/IEC 7812-1, annex B)."""
    first = _words(text, lambda word: f"{_even(word)} + {_doubled(word)}")
    return f"(({first}) % 10)"


def thirds(text: str) -> str:
    """Return the sum of up to 32 digits, every second from the right three times, mod 10.

    The check digit of GTIN, EAN, UPC and ISBN-13 (GS1 General Specifications, 7.9).
    """
    return f"(({_words(text, lambda word: f'{_even(word)} + 3 * {_odd(word)}')}) % 10)"


def mod_97(text: str) -> str:
    """Return the remainder by 97 of a number whose letters count as two digits each.

    ISO/IEC 7064 MOD 97-10; A is 10 and Z is 35. Any length.
    """
    values = f"list_transform(string_split({text}, ''), lambda ch: {LETTERS})"
    step = "(r * case when v < 10 then 10 else 100 end + v) % 97"
    return f"list_reduce({values}, lambda r, v: {step}, 0)"


def mod_97_digits(text: str, n_digits: int) -> str:
    """Return the remainder by 97 of a number of at most `n_digits` digits."""
    left = f"(try_cast(left({text}, 15) as bigint) % 97)"
    for start in range(16, n_digits + 1, 15):
        part = f"substr({text}, {start}, 15)"
        left = f"(try_cast({left} || {part} as bigint) % 97)"
    return left


def mod_11_10(text: str) -> str:
    """Return whether digits end in their ISO/IEC 7064 MOD 11,10 check digit."""
    digits = f"list_transform(string_split({text}, ''), lambda ch: unicode(ch) - 48)"
    # The sum is 1 to 10: nothing over counts as 10.
    step = "((r + v + 9) % 10 + 1) * 2 % 11"
    kept = f"list_reduce({digits}[:-2], lambda r, v: {step}, 10)"
    return f"({kept} + {digits}[-1]) % 10 = 1"


def weighted(text: str, weights: Sequence[int], letters: str = "") -> str:
    """Return the sum of characters times weights, from the left.

    Parameters
    ----------
    text
        Text of exactly as many characters as there are weights; digits, at most 18.
    weights
        One a character.
    letters
        Value of a character, SQL of `ch`, where there are others than digits.
    """
    if letters:
        values = f"list_transform(string_split({text}, ''), lambda ch: {letters})"
        listed = ", ".join(map(str, weights))
        total = f"list_dot_product({values}::float[], [{listed}]::float[])"
        return f"cast({total} as integer)"
    powers = range(len(weights) - 1, -1, -1)
    terms = " + ".join(
        f"{weight} * (n // {10**power} % 10)"
        for weight, power in zip(weights, powers, strict=True)
    )
    return let("n", f"try_cast({text} as bigint)", f"({terms})")


def tail(text: str) -> str:
    """Return the value of the last character: a digit, or X for 10."""
    last = f"right({text}, 1)"
    return f"case when {last} = 'X' then 10 else unicode({last}) - 48 end"


def doubled_letters(text: str) -> str:
    """Return the CUSIP sum of characters, every second one twice, by digits."""
    value = (
        f"case ch when '*' then 36 when '@' then 37 when '#' then 38 else {LETTERS} end"
    )
    values = (
        f"list_transform(string_split({text}, ''), lambda ch, i: {value} * (2 - i % 2))"
    )
    return f"list_sum(list_transform({values}, lambda v: v // 10 + v % 10))"


def two_digits(text: str) -> str:
    """Return a text whose capitals are written as two digits, A as 10."""
    digits = f"cast({LETTERS} as varchar)"
    parts = f"list_transform(string_split({text}, ''), lambda ch: {digits})"
    return f"array_to_string({parts}, '')"


def _words(text: str, total: Callable[[str], str]) -> str:
    """Return a sum over 16 digits at a time, from the right."""
    last = let("w", f"try_cast('0x' || right({text}, 16) as ubigint)", total("w"))
    rest = f"left({text}, cast(length({text}) - 16 as integer))"
    first = let("w", f"try_cast('0x' || {rest} as ubigint)", total("w"))
    return f"{last} + case when length({text}) > 16 then {first} else 0 end"


def _even(word: str) -> str:
    return f"({word} & {_LOW}::ubigint) % 255"


def _odd(word: str) -> str:
    return f"(({word} >> 4) & {_LOW}::ubigint) % 255"


def _doubled(word: str) -> str:
    """Return the sum of odd digits taken twice, each 10 or more less 9, modulo 10."""
    digits = f"(({word} >> 4) & {_LOW}::ubigint)"
    # A digit of 5 or more carries: plus 3 it sets the bit of 8.
    carries = f"(({digits} + {_THREES}::ubigint) & {_EIGHTS}::ubigint) % 255 // 8"
    return f"2 * ({digits} % 255) + {carries}"
