"""What is wrong with a value, in words for whoever sent it: pydantic's own are for whoever wrote the program."""

import re
from collections.abc import Mapping
from typing import Final

from pydantic_core import ErrorDetails

_DATE: Final = "must be a date as YYYY-MM-DD"
_MOMENT: Final = "must be a moment with its time zone (RFC 3339), as 2026-05-31T14:05:00+09:00"
_KINDS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "there is no such field",
    "json_invalid": "is not JSON",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_type": "must be text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_long": "must have at most {max_length} entries",
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "date_parsing": _DATE,
    "date_type": _DATE,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "timezone_aware": _MOMENT,
}
_SUBJECT: Final = re.compile(r"^(Input|String|Value|List) should(?= )")
_NOTHING: Final = re.compile(r"^''(?:, | or )")
"""The empty text among what is expected: of a field that may be left out nobody has to be told so."""
NOT_A_DATE: Final = _DATE
NOT_A_MOMENT: Final = _MOMENT


def words_of(fault: ErrorDetails) -> str:
    """A fault in words, which never repeat the value."""
    own = _KINDS.get(fault["type"])
    if own is None:
        return _SUBJECT.sub("must", str(fault["msg"]).removeprefix("Value error, "))
    limits = fault.get("ctx", {})
    if "expected" in limits:
        limits = {**limits, "expected": _NOTHING.sub("", str(limits["expected"])).replace("'", "")}
    return own.format(**limits)


def field_of(fault: ErrorDetails, skipping: int = 0) -> str:
    """The field's name, its parts joined by dots, without the first ones; "" for the whole."""
    # The place of a fault in JSON is a number of characters, not a field.
    parts = fault["loc"][skipping:] if fault["type"] != "json_invalid" else ("body",)
    return ".".join(map(str, parts))
