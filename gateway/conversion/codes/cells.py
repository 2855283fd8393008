"""What every row of every table has to be: a name, a coded concept, words for people."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.conversion.codes.check_digit import is_snomed_identifier
from gateway.conversion.codes.files import Row

COMMON_COLUMNS: Final = ("slug", "scheme", "code", "meaning", "korean", "english", "source")
YES_NO: Final[Mapping[str, bool]] = {"yes": True, "no": False}

SCHEMES: Final = ("DCM", "FMA", "I10", "I11", "ICDO3", "LN", "MSH", "NCIt", "RADLEX", "SCT", "UBERON", "UMLS")
"""Coding schemes of PS3.16 table 8-1 that name what skin has; any other is a site's own, and begins with 99."""
PRIVATE_PREFIX: Final = "99"

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SH: Final = 16
_LO: Final = 64
_WORDS: Final = 64


def is_private(scheme: str) -> bool:
    """Whether a designator is of a scheme that is known to those alone who made it (PS3.16 section 8)."""
    return scheme.startswith(PRIVATE_PREFIX) and len(scheme) > len(PRIVATE_PREFIX)


def row_faults(row: Row, *, coded: bool = True) -> Iterator[str]:
    """What is wrong with a row's common columns; a row that need not be `coded` may leave its code out."""
    cells = row.cells
    if not _SLUG.fullmatch(cells["slug"]) or len(cells["slug"]) > _LO:
        yield "slug: lower-case letters, digits and single _, beginning with a letter, at most 64"
    for column in ("korean", "english"):
        if not _is_text(cells[column], _WORDS):
            yield f"{column}: 1 to {_WORDS} characters, none of them a control character or a backslash"
    if coded or any(cells[column] for column in ("scheme", "code", "meaning")):
        yield from _code_faults(cells["scheme"], cells["code"], cells["meaning"])
    if not cells["source"]:
        yield "source: says where the row comes from"


def flag_faults(row: Row, columns: Iterable[str]) -> Iterator[str]:
    """What is wrong with columns that say yes or no."""
    yield from (f"{column}: yes or no" for column in columns if row.cells[column] not in YES_NO)


def shared_code_faults(rows: Iterable[Row]) -> Iterator[str]:
    """Rows whose code another row has already, each fault with its place."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = row.cells["scheme"], row.cells["code"]
        other = first.setdefault(key, row) if key[1] else row
        if other is not row:
            yield f"{row.place}: code: {key[1]} is the code of {other.slug!r} already"


def _code_faults(scheme: str, code: str, meaning: str) -> Iterator[str]:
    """PS3.3 table 8.8-1: Coding Scheme Designator and Code Value are SH, Code Meaning is LO."""
    if not _is_text(scheme, _SH):
        yield "scheme: 1 to 16 characters"
    elif scheme not in SCHEMES and not is_private(scheme):
        yield f"scheme: one of {', '.join(SCHEMES)}, or one of your own that begins with {PRIVATE_PREFIX}"
    if not _is_text(code, _SH):
        yield "code: 1 to 16 characters"
    elif scheme == "SCT" and not is_snomed_identifier(code):
        yield "code: its check digit is wrong: no SNOMED CT identifier"
    if not _is_text(meaning, _LO):
        yield "meaning: 1 to 64 characters, none of them a control character or a backslash"


def _is_text(text: str, limit: int) -> bool:
    return 1 <= len(text) <= limit and not any(unicodedata.category(each)[0] == "C" or each == "\\" for each in text)
