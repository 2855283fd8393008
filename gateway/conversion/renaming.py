"""An object under other UIDs, and with them every reference that it holds to objects that have others as well."""

from collections.abc import Mapping
from typing import Final

from pydicom.dataset import Dataset

MAX_DEPTH: Final = 64

_NAMES: Final = frozenset({"SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "ReferencedSOPInstanceUID"})


def rename(header: Dataset, names: Mapping[str, str], depth: int = 0) -> None:
    """Put other UIDs in place, `names` by the old ones, at any depth; what it does not name stays.

    Raises ValueError where sequences are nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise ValueError("sequences nested too deeply")
    for element in header:
        if element.VR == "SQ":
            for item in element.value or ():
                rename(item, names, depth + 1)
        elif element.keyword in _NAMES and isinstance(element.value, str) and element.value in names:
            element.value = names[element.value]
