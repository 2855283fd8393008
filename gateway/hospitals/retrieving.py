"""What peers retrieve over DIMSE, given by the archive for the caller that a peer stands for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from pydicom.dataset import Dataset

from dimse.errors import UnavailableInstance
from dimse.outgoing import OutgoingInstance
from dimse.querying import QueryLevel, QueryRefused
from dimse.retrieving import MoveDestination, Retrieval, RetrieveStatus, Wanted
from gateway.access.caller import Caller, NotPermitted, Permission
from gateway.archive.errors import StorageError
from gateway.archive.retrieval import FoundInstance
from gateway.archive.transferring import ScopedTransfers, TransferKeys
from gateway.config import Act
from gateway.hospitals.identifiers import UnreadableIdentifier, read_identifier
from gateway.hospitals.move_targets import MoveTarget


@dataclass(frozen=True, slots=True)
class PeerRetriever:
    """`dimse.retrieving.Retriever` over the archive; `caller_of` tells whom an AE title stands for, for an act."""

    caller_of: Callable[[str, Act], Caller]
    transfers_for: Callable[[Caller], ScopedTransfers]
    targets: Sequence[MoveTarget]

    def read(self, identifier: bytes, *, implicit: bool) -> Dataset:
        """The data set of a request; refuses what cannot be read (0xC000)."""
        try:
            return read_identifier(identifier, implicit=implicit)
        except UnreadableIdentifier as error:
            raise QueryRefused(RetrieveStatus.UNABLE_TO_PROCESS, str(error)) from error

    def destination(self, calling_ae_title: str, ae_title: str) -> MoveDestination | None:
        """Where the AE title is, if the caller's own hospital sends there; the first of several of that name."""
        caller = self.caller_of(calling_ae_title, "move")
        if not caller.may(Permission.READ_INSTANCES):
            raise _not_permitted()
        return next(
            (
                target.destination
                for target in self.targets
                if target.destination.remote.ae_title == ae_title
                and (caller.hospitals is None or target.hospital in caller.hospitals)
            ),
            None,
        )

    def find(self, retrieval: Retrieval) -> Sequence[OutgoingInstance]:
        """What is asked for within the caller's scope; refuses callers who may not retrieve (0x0124)."""
        act: Act = "get" if retrieval.destination is None else "move"
        transfers = self.transfers_for(self.caller_of(retrieval.calling_ae_title, act))
        to = retrieval.destination or retrieval.calling_ae_title
        try:
            found = transfers.find(_keys(retrieval.wanted), to=to, most=retrieval.limit)
        except NotPermitted as error:
            raise _not_permitted() from error
        return [_outgoing(transfers, instance) for instance in found]


def _not_permitted() -> QueryRefused:
    return QueryRefused(RetrieveStatus.NOT_AUTHORISED, "this AE title may not do that: [[peers]] has to say so")


def _keys(wanted: Wanted) -> TransferKeys:
    return TransferKeys(
        patient_ids=wanted.keys.get(QueryLevel.PATIENT, ()),
        study_instance_uids=wanted.keys.get(QueryLevel.STUDY, ()),
        series_instance_uids=wanted.keys.get(QueryLevel.SERIES, ()),
        sop_instance_uids=wanted.keys.get(QueryLevel.IMAGE, ()),
    )


def _outgoing(transfers: ScopedTransfers, instance: FoundInstance) -> OutgoingInstance:
    return OutgoingInstance(
        instance.sop_class_uid,
        instance.sop_instance_uid,
        instance.transfer_syntax_uid,
        partial(_opened, transfers, instance),
    )


def _opened(transfers: ScopedTransfers, instance: FoundInstance) -> BinaryIO:
    try:
        return transfers.open(instance)
    except StorageError as error:
        raise UnavailableInstance(f"the archive cannot give it now: {error}") from error
