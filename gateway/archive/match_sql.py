"""Attribute matching of PS3.4 C.2.2.2 as conditions of SQL; values are kept in the forms of `normal_forms`."""

import re
from collections.abc import Sequence

from dicomweb.matching import bounds, fold_name
from dicomweb.uids import is_uid
from gateway.archive.clauses import NOTHING, Clause, all_of, any_of, equals
from gateway.archive.normal_forms import plain_text

_WILDCARD = re.compile(r"[*?]")
_LAST_CODE_POINT = chr(0x10FFFF)


def text_matches(column: str, texts: Sequence[str], *, sqlite: bool) -> Clause:
    """Text that equals one of the keys, or fits one with `*` and `?`."""
    return any_of([_one_text(column, _pattern(text), sqlite) for text in texts])


def name_matches(column: str, texts: Sequence[str], *, sqlite: bool) -> Clause:
    """Names, without regard to case."""
    return any_of([_one_text(column, _pattern(fold_name(text)), sqlite) for text in texts])


def uid_matches(column: str, texts: Sequence[str]) -> Clause:
    """One of a list of UIDs; what is no UID matches nothing."""
    return equals(column, [text for text in texts if is_uid(text)])


def range_matches(column: str, vr: str, texts: Sequence[str]) -> Clause:
    """Dates (DA) or times (TM) that a key or a range covers; a row that knows none is in no range."""
    return any_of([_one_range(column, vr, text) for text in texts])


def number_matches(column: str, texts: Sequence[str]) -> Clause:
    """Integer strings (IS) of the same number."""
    return equals(column, [int(text) for text in texts if re.fullmatch(r"\s*[+-]?\d{1,12}\s*", text)])


def begins(column: str, beginning: str) -> Clause:
    """Text with this beginning, as it is kept: a range of an index."""
    return Clause(f"({column} >= ? AND {column} <= ?)", (beginning, beginning + _LAST_CODE_POINT))


def _one_text(column: str, text: str, sqlite: bool) -> Clause:
    wildcard = _WILDCARD.search(text)
    if wildcard is None:
        return Clause(f"{column} = ?", (text,))
    prefix = text[: wildcard.start()]
    # A bare place behind GLOB makes SQLite compile the statement anew for each pattern.
    globs = Clause(f"{column} GLOB ('' || ?)", (_glob(text),))
    fits = globs if sqlite else Clause(f"{column} LIKE ? ESCAPE '\\'", (_like(text),))
    if not prefix:
        return fits
    # The beginning is what an index can be searched by; the pattern then decides.
    return all_of([begins(column, prefix), fits])


def _pattern(text: str) -> str:
    """A key in the form of what is kept; many `*` are one, also where the text is then cut."""
    return plain_text(re.sub(r"\*+", "*", text))


def _glob(text: str) -> str:
    """GLOB knows `*` and `?` as DICOM does; its bracket has to be quoted."""
    return text.replace("[", "[[]")


def _like(text: str) -> str:
    quoted = re.sub(r"([\\%_])", r"\\\1", text)
    return quoted.replace("*", "%").replace("?", "_")


def _one_range(column: str, vr: str, text: str) -> Clause:
    limits = bounds(vr, plain_text(text))
    if limits is None:
        return NOTHING
    low, high = limits
    return Clause(f"({column} >= ? AND {column} <= ?)", (low or "0", high))
