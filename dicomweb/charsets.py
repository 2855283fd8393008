"""Text of a data set: from bytes and Specific Character Set (0008,0005) to str (PS3.5 6.1, PS3.3 C.12.1.1.2).

pydicom's tables are used; its decoder is not, because it reports bad text as Python warnings, which are global
to the process. Here bad text is replaced by U+FFFD and nothing is raised.
"""

import re

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

DEFAULT_ENCODINGS = ("latin-1",)
"""Without (0008,0005) only ISO 646 is allowed; Latin-1 reads that and never fails."""

_FRAGMENT = re.compile(rb"[^\x1b]+|\x1b[^\x1b]*")
_RESET = re.compile(rb"[\x00-\x20\\^=]")
_DOUBLE_BYTE_G1 = ("euc_kr", "iso_ir_58")
"""Codecs that read ASCII as it is beside their own characters, so a delimiter needs no reset."""


def python_encodings(terms: str) -> tuple[str, ...]:
    """Python codec names for the value of (0008,0005), values separated by a backslash; unknown terms fall back."""
    known = tuple(_python_encoding(term) for term in terms.split("\\")[:16])
    return known or DEFAULT_ENCODINGS


def _python_encoding(term: str) -> str:
    return python_encoding.get(term.strip(" \0").replace("ISO-IR", "ISO_IR"), DEFAULT_ENCODINGS[0])


def decode_text(raw: bytes, encodings: tuple[str, ...]) -> str:
    """`raw` as text; bytes that the character set does not know become U+FFFD."""
    if b"\x1b" not in raw:
        return raw.decode(encodings[0], "replace")
    return "".join(_decode_fragment(fragment, encodings[0]) for fragment in _FRAGMENT.findall(raw))


def _decode_fragment(fragment: bytes, first: str) -> str:
    """One run of text with at most one escape sequence, at its start (PS3.5 6.1.2.5)."""
    if not fragment.startswith(b"\x1b"):
        return fragment.decode(first, "replace")
    length = 4 if fragment.startswith((b"\x1b$(", b"\x1b$)")) else 3
    encoding = CODES_TO_ENCODINGS.get(fragment[:length])
    if encoding is None:
        return fragment[length:].decode(first, "replace")
    if encoding.startswith("iso2022"):
        return fragment.decode(encoding, "replace")
    return _decode_designated(fragment[length:], encoding, first)


def _decode_designated(text: bytes, encoding: str, first: str) -> str:
    """Text under a designated set, which ends at the first delimiter or control character."""
    end = _RESET.search(text)
    if end is None or encoding in _DOUBLE_BYTE_G1:
        return text.decode(encoding, "replace")
    return text[: end.start()].decode(encoding, "replace") + text[end.start() :].decode(first, "replace")
