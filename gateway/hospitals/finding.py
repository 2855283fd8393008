"""What peers ask over DIMSE, answered by the archive for the caller that a peer stands for."""

from collections.abc import Callable
from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicomweb.archive import Level, Search
from dicomweb.matching import is_universal, key_texts
from dimse.querying import FindStatus, Found, Query, QueryLevel, QueryRefused
from gateway.access.caller import Caller, NotPermitted
from gateway.archive.match_keys import SUPPORTED_KEYS
from gateway.archive.querying import ScopedQueries
from gateway.hospitals.identifiers import UnreadableIdentifier, read_identifier

_LEVELS = {
    # Attributes of patients are kept and returned among those of studies.
    QueryLevel.PATIENT: Level.STUDY,
    QueryLevel.STUDY: Level.STUDY,
    QueryLevel.SERIES: Level.SERIES,
    QueryLevel.IMAGE: Level.INSTANCE,
}


@dataclass(frozen=True, slots=True)
class PeerFinder:
    """`dimse.querying.Finder` over the archive; `caller_of` tells whom an AE title stands for."""

    caller_of: Callable[[str], Caller]
    queries_for: Callable[[Caller], ScopedQueries]

    def read(self, identifier: bytes, *, implicit: bool) -> Dataset:
        """The data set of a request; refuses what cannot be read (0xC000)."""
        try:
            return read_identifier(identifier, implicit=implicit)
        except UnreadableIdentifier as error:
            raise QueryRefused(FindStatus.UNABLE_TO_PROCESS, str(error)) from error

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
