"""Attribute matching of PS3.4 C.2.2.2 as conditions of SQL; values are kept in the forms of `normal_forms`."""

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from dicomweb.matching import bounds, fold_name
from dicomweb.uids import is_uid
from gateway.archive.normal_forms import plain_text

TextColumn = InstrumentedAttribute[str]
_WILDCARD = re.compile(r"[*?]")
_LAST_CODE_POINT = chr(0x10FFFF)


def text_matches(column: TextColumn, texts: Sequence[str], *, sqlite: bool) -> ColumnElement[bool]:
    """Text that equals one of the keys, or fits one with `*` and `?`."""
    return or_(*(_one_text(column, _pattern(text), sqlite) for text in texts))


def name_matches(column: TextColumn, texts: Sequence[str], *, sqlite: bool) -> ColumnElement[bool]:
    """Names, without regard to case."""
    return or_(*(_one_text(column, _pattern(fold_name(text)), sqlite) for text in texts))


def uid_matches(column: TextColumn, texts: Sequence[str]) -> ColumnElement[bool]:
    """One of a list of UIDs; what is no UID matches nothing."""
    uids = [text for text in texts if is_uid(text)]
    return column == uids[0] if len(uids) == 1 else column.in_(uids)


def range_matches(column: TextColumn, vr: str, texts: Sequence[str]) -> ColumnElement[bool]:
    """Dates (DA) or times (TM) that a key or a range covers; a row that knows none is in no range."""
    return or_(*(_one_range(column, vr, text) for text in texts))


def number_matches(column: InstrumentedAttribute[int], texts: Sequence[str]) -> ColumnElement[bool]:
    """Integer strings (IS) of the same number."""
    numbers = [int(text) for text in texts if re.fullmatch(r"\s*[+-]?\d{1,12}\s*", text)]
    return column.in_(numbers) if numbers else false()


def _one_text(column: TextColumn, text: str, sqlite: bool) -> ColumnElement[bool]:
    wildcard = _WILDCARD.search(text)
    if wildcard is None:
        return column == text
    prefix = text[: wildcard.start()]
    fits = column.op("GLOB")(_glob(text)) if sqlite else column.like(_like(text), escape="\\")
    if not prefix:
        return fits
    # The range is what an index can be searched by; the pattern then decides.
    return and_(column >= prefix, column <= prefix + _LAST_CODE_POINT, fits)


def _pattern(text: str) -> str:
    """A key in the form of what is kept; many `*` are one, also where the text is then cut."""
    return plain_text(re.sub(r"\*+", "*", text))


def _glob(text: str) -> str:
    """GLOB knows `*` and `?` as DICOM does; its bracket has to be quoted."""
    return text.replace("[", "[[]")


def _like(text: str) -> str:
    quoted = re.sub(r"([\\%_])", r"\\\1", text)
    return quoted.replace("*", "%").replace("?", "_")


def _one_range(column: TextColumn, vr: str, text: str) -> ColumnElement[bool]:
    limits = bounds(vr, plain_text(text))
    if limits is None:
        return false()
    low, high = limits
    return and_(column >= (low or "0"), column <= high)
