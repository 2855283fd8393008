"""The forms in which values are kept for comparison; a search brings its keys into the same forms.

Names are folded (case, width and composition of characters), dates are `YYYYMMDD`, times `HHMMSS.ffffff`, so that
an order of text is an order of time. What is no date or time becomes empty: it is found by no range.
"""

import re
import unicodedata

from gateway.archive.tables import TEXT_LENGTH

_DATE = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)")  # with dots: ACR-NEMA's form, still met (PS3.5 6.2)
_TIME = re.compile(r"(\d\d):?(\d\d)?:?(\d\d)?(?:\.(\d{1,6}))?")
EARLIEST_TIME = "000000.000000"
LATEST_TIME = "235959.999999"


def plain_text(text: str) -> str:
    """Text as it is searched: without padding, without NUL (which PostgreSQL cannot keep), of bounded length."""
    return text.replace("\0", "").strip()[:TEXT_LENGTH]


def folded_name(component_group: str) -> str:
    """One component group of a person name for comparison that is not sensitive to case (PS3.4 C.2.2.2.1).

    Components are parted by `^`; empty ones at the end say nothing (PS3.5 6.2.1.1).
    """
    folded = unicodedata.normalize("NFKC", component_group).casefold()
    components = [" ".join(component.split()) for component in plain_text(folded).split("^")]
    return "^".join(components).rstrip("^ ")


def plain_date(text: str) -> str:
    """A date as `YYYYMMDD`, empty for what is none."""
    match = _DATE.fullmatch(text.strip())
    return "".join(match.groups()) if match else ""


def plain_time(text: str, missing: str = EARLIEST_TIME) -> str:
    """A time as `HHMMSS.ffffff`, empty for what is none; what it leaves out is taken from `missing`."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        return ""
    hours, minutes, seconds, fraction = match.groups()
    whole = hours + (minutes or missing[2:4]) + (seconds or missing[4:6])
    return f"{whole}.{fraction.ljust(6, missing[-1]) if fraction else missing[7:]}"
