"""Identifiers of queries and of their answers, as peers send them: read with bounds, their text decoded."""

from io import BytesIO

from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from dicomweb.part10_errors import Part10Error
from dicomweb.walker import Limits, Walker
from dicomweb.windows import Window

_LIMITS = Limits(depth=8, elements=20_000, header_bytes=512 * 1024, inline_bytes=512 * 1024, fragments=0)
_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_UNDECLARED = ("utf-8", "euc_kr")
"""What text beyond ASCII is tried as where no character set is declared: queries typed at a terminal, and devices
whose makers took one for granted. Text of another encoding is hardly ever valid in these."""


class UnreadableIdentifier(Exception):
    """The bytes are no data set that is taken; says why, without a value."""


def read_identifier(data: bytes, *, implicit: bool) -> Dataset:
    """The data set of these bytes, little endian, VRs implicit or explicit; no access to it raises.

    Raises UnreadableIdentifier.
    """
    try:
        walk = Walker(Window(BytesIO(data)), _LIMITS).walk(0, implicit=implicit)
    except Part10Error as error:
        raise UnreadableIdentifier(f"the identifier cannot be read: {error}") from error
    if walk.faults or walk.bulk:
        raise UnreadableIdentifier(walk.faults[0] if walk.faults else "a value is too long")
    if not walk.dataset.get("SpecificCharacterSet"):
        _read_undeclared(walk.dataset)
    return walk.dataset


def _read_undeclared(keys: Dataset) -> None:
    """Read text anew that was taken as Latin-1, for want of a declaration, and is more likely something else."""
    for element in list(keys):
        if element.VR == "SQ":
            for item in element.value or ():
                _read_undeclared(item)
        elif element.VR in _TEXT_VRS and not (text := str(element.value)).isascii() and element.VM == 1:
            keys[element.tag] = _again(element, text)


def _again(element: DataElement, text: str) -> DataElement:
    for encoding in _UNDECLARED:
        try:
            read = text.encode("latin-1").decode(encoding)
        except UnicodeError:
            continue
        return DataElement(element.tag, element.VR, read, already_converted=True, validation_mode=config.IGNORE)
    return element
