"""How long, as people write it on a command line: 90s, 30m, 2h, 7d."""

import argparse
import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=36500)
_WRITTEN = re.compile(r"([0-9]{1,6})([smhd])")


def duration(written: str) -> timedelta:
    """A number and its unit; raises argparse's ArgumentTypeError."""
    found = _WRITTEN.fullmatch(written.strip().lower())
    if found is None:
        raise argparse.ArgumentTypeError(f"{written!r} is no time such as 90s, 30m, 2h or 7d")
    meant = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if meant > LONGEST:
        raise argparse.ArgumentTypeError(f"{written!r} is more than {LONGEST.days} days")
    return meant
