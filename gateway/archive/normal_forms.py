"""The forms in which values are kept for comparison: those of `dicomweb.matching`, bounded.

What is no date or time becomes empty, so that no range finds it.
"""

import re

from dicomweb.matching import comparable, name_forms
from gateway.archive.tables import TEXT_LENGTH

_DATE = re.compile(r"\d{4}(\.?)\d\d\1\d\d")  # with dots: ACR-NEMA's form, still met (PS3.5 6.2)
_TIME = re.compile(r"\d\d(:?\d\d(:?\d\d(\.\d{1,6})?)?)?")


def plain_text(text: str) -> str:
    """Text as it is searched: without padding, without NUL (which PostgreSQL cannot keep), of bounded length."""
    return text.replace("\0", "").strip()[:TEXT_LENGTH]


def plain_names(name: str) -> tuple[str, ...]:
    """What a person name is found by: its folded whole and each of its component groups, none empty."""
    forms = (plain_text(form) for form in name_forms(name))
    return tuple(dict.fromkeys(form for form in forms if form))


def plain_date(text: str) -> str:
    """A date as `YYYYMMDD`, empty for what is none."""
    return comparable("DA", text) if _DATE.fullmatch(text) else ""


def plain_time(text: str) -> str:
    """A time as `HHMMSS` or `HHMMSS.ffffff`, empty for what is none."""
    return comparable("TM", text) if _TIME.fullmatch(text) else ""
