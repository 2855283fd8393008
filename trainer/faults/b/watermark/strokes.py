"""Letters as pen strokes, of our own: no font of any machine has a say in how they look."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Stroke = NDArray[np.float64]
"""Points [n, 2] in a cell of 4 wide and 6 high, x to the right, y down."""

# Each letter: strokes parted by spaces, points as two digits (x 0..4, y 0..6).
_LETTERS = {
    "A": "062046 1434",
    "B": "00062636454423 0023 00202122 2303",
    "C": "4130100105163645",
    "D": "00062645412000",
    "E": "40000646 0333",
    "F": "400006 0333",
    "G": "413010010516364543 2343",
    "H": "0006 4046 0343",
    "I": "2026",
    "J": "4045361605",
    "K": "0006 400346",
    "L": "000646",
    "M": "0600234046",
    "N": "06004640",
    "O": "103041453616050110",
    "P": "06003041423303",
    "Q": "103041453616050110 2446",
    "R": "06003041423303 2346",
    "S": "413010010213334445361605",
    "T": "0040 2026",
    "U": "000516364540",
    "V": "002640",
    "W": "0016233640",
    "X": "0046 4006",
    "Y": "002340 2326",
    "Z": "00400646",
    "0": "103041453616050110 4105",
    "1": "112026 1636",
    "2": "01103041420646",
    "3": "0040234445361605",
    "4": "36300444",
    "5": "400002334445361605",
    "6": "4010 0105163645443303",
    "7": "004016",
    "8": "103041423313020110 133344453616050413",
    "9": "43130201103041453606",
    ".": "1626",
    "-": "1333",
    "/": "0640",
    ":": "2122 2425",
    "@": "34141232354541301001051646",
    "#": "1006 3036 0242 0444",
}
CHARACTERS = "".join(_LETTERS)


@lru_cache(maxsize=128)
def letter(character: str) -> tuple[Stroke, ...]:
    """The strokes of a character in CHARACTERS; none for any other."""
    code = _LETTERS.get(character.upper(), "")
    return tuple(_stroke(part) for part in code.split())


def _stroke(digits: str) -> Stroke:
    pairs = [(int(digits[index]), int(digits[index + 1])) for index in range(0, len(digits) - 1, 2)]
    return np.array(pairs, dtype=np.float64)
