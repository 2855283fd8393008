"""Ages as DICOM has them: Age Strings (PS3.5 6.2), a number of days, weeks, months or years."""

import re
from typing import Final

_AGE: Final = re.compile(r"(\d{3})([DWMY])", re.ASCII)
_UNITS_A_YEAR: Final = {"D": 365.25, "W": 52.18, "M": 12, "Y": 1}


def is_age(text: str) -> bool:
    """Whether this is an Age String, as `034Y` or `018M`."""
    return _AGE.fullmatch(text) is not None


def years_of(age: str) -> float:
    """An Age String in years; raises ValueError where it is none."""
    match = _AGE.fullmatch(age)
    if match is None:
        raise ValueError("no DICOM Age String")
    return int(match[1]) / _UNITS_A_YEAR[match[2]]
