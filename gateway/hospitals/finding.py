"""What peers ask over DIMSE, answered by the archive for the caller that a peer stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from dicomweb.archive import Level, Search
from dicomweb.matching import is_universal, key_texts
from dicomweb.part10_errors import Part10Error
from dicomweb.walker import Limits, Walker
from dicomweb.windows import Window
from dimse.querying import FindStatus, Found, Query, QueryLevel, QueryRefused
from gateway.access.caller import Caller, NotPermitted
from gateway.archive.match_keys import SUPPORTED_KEYS
from gateway.archive.querying import ScopedQueries

_LIMITS = Limits(depth=8, elements=20_000, header_bytes=512 * 1024, inline_bytes=512 * 1024, fragments=0)
_LEVELS = {
    # Attributes of patients are kept and returned among those of studies.
    QueryLevel.PATIENT: Level.STUDY,
    QueryLevel.STUDY: Level.STUDY,
    QueryLevel.SERIES: Level.SERIES,
    QueryLevel.IMAGE: Level.INSTANCE,
}
_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_UNDECLARED = ("utf-8", "euc_kr")
"""What text beyond ASCII is tried as where no character set is declared: queries typed at a terminal, and devices
whose makers took one for granted. Text of another encoding is hardly ever valid in these."""


@dataclass(frozen=True, slots=True)
class PeerFinder:
    """`dimse.querying.Finder` over the archive; `caller_of` tells whom an AE title stands for."""

    caller_of: Callable[[str], Caller]
    queries_for: Callable[[Caller], ScopedQueries]

    def read(self, identifier: bytes, *, implicit: bool) -> Dataset:
        """The data set of a request; refuses what cannot be read (0xC000)."""
        try:
            walk = Walker(Window(BytesIO(identifier)), _LIMITS).walk(0, implicit=implicit)
        except Part10Error as error:
            raise QueryRefused(FindStatus.UNABLE_TO_PROCESS, f"the identifier cannot be read: {error}") from error
        if walk.faults or walk.bulk:
            words = walk.faults[0] if walk.faults else "a value is too long"
            raise QueryRefused(FindStatus.UNABLE_TO_PROCESS, words)
        if not walk.dataset.get("SpecificCharacterSet"):
            _read_undeclared(walk.dataset)
        return walk.dataset

    def find(self, query: Query) -> Found:
        """Answer a query within the caller's scope; refuses callers who may not read (0x0124)."""
        include = frozenset(int(element.tag) for element in query.keys)
        search = Search(_LEVELS[query.level], query.keys, include, limit=query.limit, fuzzy_names=query.fuzzy_names)
        queries = self.queries_for(self.caller_of(query.calling_ae_title))
        try:
            answered = queries.ask(search, patients=query.level is QueryLevel.PATIENT)
        except NotPermitted as error:
            words = "this AE title may not query: [[peers]] has to say so"
            raise QueryRefused(FindStatus.NOT_AUTHORISED, words) from error
        return Found(answered.items, answered.remaining, _any_left_aside(query.keys))


def _any_left_aside(keys: Dataset) -> bool:
    """Whether a key with a value is none that a search matches by."""
    for element in keys:
        if element.VR == "SQ":
            items = element.value or ()
            if any(_any_left_aside(item) for item in items[:1]):
                return True
        elif int(element.tag) not in SUPPORTED_KEYS and not is_universal(key_texts(element.value)):
            return True
    return False


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
