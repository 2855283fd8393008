"""Text made fit for DICOM (PS3.5 section 6.2): no control characters, no backslash, no longer than its VR allows."""

import unicodedata

from gateway.conversion.errors import InvalidFactsError

_JOINERS = {"\u200c", "\u200d"}
_BREAKS = {"Cc", "Zl", "Zp"}
_INVISIBLE = {"Cf", "Cs"}


def single_line(text: str, limit: int) -> str:
    """Text for LO, SH and UC: NFC, one line, no backslash, at most `limit` characters.

    Surrogates cannot be written as UTF-8, and direction overrides make a name read as another: both go.
    """
    joined = "".join(_visible(character) for character in unicodedata.normalize("NFC", text))
    return " ".join(joined.split())[:limit].rstrip()


def paragraphs(text: str, limit: int) -> str:
    """Text for LT and ST: as `single_line`, but line by line; lines end in CR LF (PS3.5 6.1.3)."""
    lines = (single_line(line, limit) for line in text.splitlines())
    return "\r\n".join(lines).strip()[:limit].rstrip()


def identifier(text: str, limit: int, field: str) -> str:
    """An identifier, which is never cut: another person or order could have the shorter one.

    Raises InvalidFactsError where it does not fit `limit` or holds what its VR forbids.
    """
    stripped = text.strip()
    if len(stripped) > limit:
        raise InvalidFactsError(field, f"longer than {limit} characters")
    if single_line(stripped, limit) != unicodedata.normalize("NFC", stripped):
        raise InvalidFactsError(field, "holds control characters, repeated spaces or a backslash")
    return unicodedata.normalize("NFC", stripped)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BREAKS or character == "\\":
        return " "
    return "" if category in _INVISIBLE and character not in _JOINERS else character
