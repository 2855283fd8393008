"""The check digit at the end of every SNOMED CT identifier (Verhoeff's dihedral check, SNOMED CT RF2 guide 6.2)."""

import re
from typing import Final

_IDENTIFIER: Final = re.compile(r"[1-9][0-9]{5,17}")
_PERMUTATION: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _product(first: int, second: int) -> int:
    """The product of two elements of the dihedral group of the pentagon: 0 to 4 turn it, 5 to 9 also flip it."""
    if first < 5:
        return (first + second) % 5 + (5 if second >= 5 else 0)
    return (first - second) % 5 + (5 if second < 5 else 0)


_PRODUCTS: Final = tuple(tuple(_product(first, second) for second in range(10)) for first in range(10))


def is_snomed_identifier(text: str) -> bool:
    """Whether `text` is 6 to 18 digits of which the last one checks the others."""
    if not _IDENTIFIER.fullmatch(text):
        return False
    check = 0
    for place, character in enumerate(reversed(text)):
        check = _PRODUCTS[check][_permuted(int(character), place % 8)]
    return check == 0


def _permuted(digit: int, times: int) -> int:
    for _ in range(times):
        digit = _PERMUTATION[digit]
    return digit
