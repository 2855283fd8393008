"""What a retrieval asks (C-MOVE, C-GET, PS3.4 C.4.2, C.4.3), and the protocol between the provider and those who know.

Nothing here names an archive: whoever has one hands in a `Retriever`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from pydicom.dataset import Dataset

from dimse.addresses import RemoteAE, Timeouts
from dimse.outgoing import OutgoingInstance
from dimse.querying import QueryLevel


class RetrieveStatus(IntEnum):
    """Status codes (0000,0900) of a C-MOVE or C-GET response (PS3.4 tables C.4-2 and C.4-3, PS3.7 Annex C)."""

    SUCCESS = 0x0000
    SOP_CLASS_NOT_SUPPORTED = 0x0122
    NOT_AUTHORISED = 0x0124
    CANNOT_CALCULATE_MATCHES = 0xA701
    CANNOT_PERFORM_SUB_OPERATIONS = 0xA702
    MOVE_DESTINATION_UNKNOWN = 0xA801
    IDENTIFIER_MISMATCH = 0xA900
    SOME_FAILED = 0xB000
    UNABLE_TO_PROCESS = 0xC000
    CANCELLED = 0xFE00
    PENDING = 0xFF00


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which instances a retrieval names: the values of the unique keys, of `level` and of the levels above it.

    At least one value for `level` itself, one for each level above that was given; UIDs are digits and dots.
    """

    level: QueryLevel
    keys: Mapping[QueryLevel, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """One request, checked against its information model.

    `destination` is the AE title a C-MOVE names, None for a C-GET, whose instances go to who asks. At most `limit`
    instances are given to one request: one more than that may be returned, to say so.
    """

    calling_ae_title: str
    address: str
    wanted: Wanted
    limit: int
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class MoveDestination:
    """Where a C-MOVE sends to, and how patiently."""

    remote: RemoteAE
    timeouts: Timeouts = field(default_factory=Timeouts)


class Retriever(Protocol):
    """Those who know. Called from the associations' threads, several at a time; may block.

    Every method may raise QueryRefused; anything else that they raise is answered 0xC000.
    """

    def read(self, identifier: bytes, *, implicit: bool) -> Dataset:
        """The data set of a request, as `dimse.querying.Finder.read` gives it."""

    def destination(self, calling_ae_title: str, ae_title: str) -> MoveDestination | None:
        """Where the AE title that a C-MOVE of this caller names is; None where it may not send there."""

    def find(self, retrieval: Retrieval) -> Sequence[OutgoingInstance]:
        """The instances that are to be sent, in order, at most `retrieval.limit` + 1."""
