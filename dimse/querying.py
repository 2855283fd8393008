"""What a query asks (C-FIND, PS3.4 Annex C), what answers it, and the protocol between the provider and those who know.

Nothing here names an archive: whoever has one hands in a `Finder`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Protocol

from pydicom.dataset import Dataset

from dimse.errors import DimseError

JsonObject = Mapping[str, Any]
"""One DICOM JSON object: upper-case hex tag -> {"vr", "Value" | "BulkDataURI" | "InlineBinary"} (PS3.18 F.2)."""


class FindStatus(IntEnum):
    """Status codes (0000,0900) of a C-FIND response (PS3.4 table C.4-1, PS3.7 Annex C)."""

    SUCCESS = 0x0000
    SOP_CLASS_NOT_SUPPORTED = 0x0122
    NOT_AUTHORISED = 0x0124
    OUT_OF_RESOURCES = 0xA700
    IDENTIFIER_MISMATCH = 0xA900
    UNABLE_TO_PROCESS = 0xC000
    CANCELLED = 0xFE00
    PENDING = 0xFF00
    PENDING_KEYS_LEFT_ASIDE = 0xFF01


class QueryLevel(StrEnum):
    """Query/Retrieve Level (0008,0052), as it is written (PS3.4 C.6)."""

    PATIENT = "PATIENT"
    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"


class QueryRefused(DimseError):
    """A query or retrieval is refused: the status, why (without identity), the element at fault if there is one."""

    def __init__(self, status: IntEnum, words: str, tag: int | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.tag = tag


@dataclass(frozen=True, slots=True)
class Query:
    """One query, checked against its information model.

    `keys` are the matching keys as PS3.4 C.2.2.2 has them (wildcards, date ranges as `a-b`, UID lists as multiple
    values, empty = universal), and with the empty ones the return keys. `limit` is how many answers are wanted.
    With `fuzzy_names` person names match by fuzzy semantic matching too (C.2.2.2.1.1), which was negotiated.
    """

    calling_ae_title: str
    address: str
    level: QueryLevel
    keys: Dataset
    limit: int
    fuzzy_names: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: at most `Query.limit` answers, each with what is known of the attributes asked for.

    `remaining` is how many more match. `keys_left_aside`: some key that is not universal was not matched by.
    """

    answers: Iterator[JsonObject]
    remaining: int = 0
    keys_left_aside: bool = False


class Finder(Protocol):
    """Those who know. Called from the associations' threads, several at a time; may block.

    Both methods may raise QueryRefused; anything else that they raise is answered 0xC000.
    """

    def read(self, identifier: bytes, *, implicit: bool) -> Dataset:
        """The data set of a request, little endian, VRs implicit or explicit: text decoded, no access raises.

        It is untrusted: sizes, counts and depth have to be bounded.
        """

    def find(self, query: Query) -> Found:
        """Answer a query. Answers are taken one by one, from the same thread, and perhaps not all of them."""
