"""The header Retry-After (RFC 9110 10.2.3), read generously and bounded."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 3600.0
"""Nobody is left alone for longer, whatever they ask for: a wrong clock must not stop deliveries for years."""


def retry_after_seconds(value: str, at: datetime) -> float:
    """How long a server wants to be left alone, 0 (also where `value` makes no sense) to LONGEST_SECONDS."""
    return max(0.0, min(_asked(value.strip(), at), LONGEST_SECONDS))


def _asked(value: str, at: datetime) -> float:
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - at).total_seconds()
