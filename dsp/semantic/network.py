"""Addresses of machines and pages."""

from __future__ import annotations

from dsp.semantic.record import TRIMMED, SemanticType

# Letters beyond ASCII are allowed as they are (RFC 6531, RFC 5890), any of them.
_BEYOND = "\u0080-\U0010ffff"
_LETTER = f"[A-Za-z0-9{_BEYOND}]"
_LABEL = f"{_LETTER}([A-Za-z0-9{_BEYOND}-]{{0,61}}{_LETTER})?"
_TOP = f"([A-Za-z{_BEYOND}]{{2,63}}|[Xx][Nn]--[A-Za-z0-9-]{{1,58}}[A-Za-z0-9])"
_DOMAIN = rf"({_LABEL}\.)+{_TOP}"
_ATOM = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{_BEYOND}-]+"

_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"({_BYTE}\.){{3}}{_BYTE}"
_H = "[0-9A-Fa-f]{1,4}"
_LAST = f"({_H}:{_H}|{_IPV4})"
_IPV6 = "|".join(
    (
        f"({_H}:){{6}}{_LAST}",
        f"::({_H}:){{5}}{_LAST}",
        f"({_H})?::({_H}:){{4}}{_LAST}",
        *(f"(({_H}:){{0,{n}}}{_H})?::({_H}:){{{4 - n}}}{_LAST}" for n in range(1, 5)),
        f"(({_H}:){{0,5}}{_H})?::{_H}",
        f"(({_H}:){{0,6}}{_H})?::",
    )
)
_HOST = rf"({_DOMAIN}|{_LABEL}|{_IPV4}|\[({_IPV6})\])"

EMAIL = SemanticType(
    name="email",
    many="e-mail addresses",
    source="RFC 5321 and 6531: dot-atom before the @, a domain name of two labels behind",
    pattern=rf"{_ATOM}(\.{_ATOM})*@{_DOMAIN}",
    check="length({t}) <= 254 and strpos({t}, '@') <= 65",
    names=None,
    inside=r"[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}",
    valid=("a@example.com", "first.last+tag@sub.example.co.uk", "jürgen@bücher.example"),
    invalid=("a@b", "a b@example.com", ".a@example.com", "a..b@example.com", "a@-x.com"),
)
URL = SemanticType(
    name="url",
    many="URLs",
    source="RFC 3986: absolute, with scheme http, https, ftp, ftps, sftp, ws or wss",
    pattern=(
        rf"(?i)(https?|s?ftps?|wss?)://([^\s/?#@\[\]]+@)?{_HOST}(:[0-9]{{1,5}})?"
        r"([/?#][^\s]*)?"
    ),
    looks=r"(?i)(https?|s?ftps?|wss?)://[^\s]+",
    names=None,
    valid=(
        "https://example.com",
        "http://localhost:8000/a?b=c#d",
        "ftp://user:pass@ftp.example.org/file.txt",
        "HTTPS://[2001:db8::1]:443/",
    ),
    invalid=("example.com", "http://", "https://exa mple.com", "javascript:alert(1)"),
)
DOMAIN = SemanticType(
    name="domain_name",
    many="domain names",
    source="RFC 1035 and 5890: labels of at most 63 characters, at least two",
    pattern=rf"{_DOMAIN}\.?",
    check="length({t}) <= 254",
    names=("domain", "hostname", "fqdn"),
    valid=("example.com", "a.b.c.example.org.", "xn--bcher-kva.example", "bücher.de"),
    invalid=("example", "-a.com", "a-.com", "a..com", "a.c", "1.2.3.4"),
)
IPV4 = SemanticType(
    name="ipv4",
    many="IPv4 addresses",
    source="RFC 6943: four decimal numbers to 255 without leading zeros",
    pattern=_IPV4,
    names=None,
    inside=r"\b([0-9]{1,3}\.){3}[0-9]{1,3}\b",
    valid=("192.0.2.1", "0.0.0.0", "255.255.255.255"),  # noqa: S104 - an example
    invalid=("256.0.0.1", "192.0.2", "192.0.2.01", "192.0.2.1.1"),
)
IPV6 = SemanticType(
    name="ipv6",
    many="IPv6 addresses",
    source="RFC 4291, section 2.2, without a zone",
    pattern=_IPV6,
    names=None,
    valid=("2001:db8::1", "::", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "fe80::1"),
    invalid=("2001:db8:::1", "1:2:3:4:5:6:7", "12345::", "::1::", "1:2:3:4:5:6:7:8:9"),
)
IP = SemanticType(
    name="ip",
    many="IP addresses",
    source="RFC 6943 and RFC 4291",
    pattern=f"{_IPV4}|{_IPV6}",
    names=None,
    valid=("192.0.2.1", "2001:db8::1"),
    invalid=("192.0.2.256", "localhost", ":"),
)
MAC = SemanticType(
    name="mac",
    many="MAC addresses",
    source="IEEE 802, EUI-48: bytes with colons or hyphens between, or pairs with dots",
    pattern=(
        "([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|([0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}"
        r"|([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"
    ),
    names=None,
    valid=("00:1A:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"),
    invalid=("00:1A:2b:3c:4d", "00:1A-2b:3c:4d:5e", "00:1G:2b:3c:4d:5e"),
)
PATH = SemanticType(
    name="file_path",
    many="file paths",
    source="POSIX.1-2017, 3.271, or Windows with a drive or server",
    form=TRIMMED,
    pattern=(
        r"(~|\.{1,2})?(/[^/\x00-\x1f]+)+/?|/|[^/\\\x00-\x1f]+(/[^/\x00-\x1f]+)+/?"
        r"|([A-Za-z]:|\\\\[^\\/:*?\"<>|\x00-\x1f]+)"
        r"([\\/][^\\/:*?\"<>|\x00-\x1f]+)*[\\/]?"
    ),
    names=("path", "filepath", "file"),
    valid=("/usr/lib/x.so", "~/a b", "./x", r"C:\Users\me\a.txt", r"\\server\share\x"),
    invalid=("", "a//b", r"C:\a|b", "plain words"),
)

TYPES = (EMAIL, URL, DOMAIN, IPV4, IPV6, IP, MAC, PATH)
