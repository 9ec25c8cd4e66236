"""Names of months in the languages that dates are read in, besides English."""

from __future__ import annotations

MONTHS = {
    "German": (
        "januar februar märz april mai juni juli august september oktober november "
        "dezember jan feb mär apr mai jun jul aug sep okt nov dez "
        "jänner feber mrz apr mai jun jul aug sept okt nov dez"
    ),
    "French": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre janv févr mars avr mai juin juil août sept oct nov déc"
    ),
    "Spanish": (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
        "diciembre ene feb mar abr may jun jul ago sept oct nov dic "
        "ene feb mar abr may jun jul ago sep oct nov dic"
    ),
    "Italian": (
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
        "novembre dicembre gen feb mar apr mag giu lug ago set ott nov dic"
    ),
    "Dutch": (
        "januari februari maart april mei juni juli augustus september oktober november "
        "december jan feb mrt apr mei jun jul aug sep okt nov dec"
    ),
    "Portuguese": (
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
        "dezembro jan fev mar abr mai jun jul ago set out nov dez"
    ),
}
"""Names of months, twelve after twelve: in full, then cut in the usual ways."""
