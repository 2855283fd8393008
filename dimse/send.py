"""Sends instances by C-STORE to one remote application entity (PS3.4 Annex B)."""

import itertools
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from pydicom.uid import UID
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.association import AssociationFailed, Obstacle
from dimse.encoded import EncodedDataSet
from dimse.exchange import MAX_MESSAGE_ID, ConnectionLost, NoAnswer, StoreMessage, exchange
from dimse.negotiation import chosen_context, reaction_to_refusal
from dimse.outgoing import MoveOriginator, OutgoingInstance, SendResult
from dimse.reactions import Reaction
from dimse.session import SendingSession
from dimse.status import meaning_of_store_status
from dimse.store_messages import StoreAnswer
from dimse.transcoding import CannotTranscode, in_syntax

IDLE_SECONDS = 8.0


class StorageSender:
    """Sends to `remote`, one instance at a time, over one association that is kept open between sends.

    The stored data set goes as it is, byte for byte. Where the peer takes its SOP class but not its transfer
    syntax and `decompress` is set, the uncompressed picture goes under the same UID. The association is closed
    after `idle_seconds` without a send. Safe to use from several threads; they wait for one another. `originator` is
    named in every store, where they are what a C-MOVE asked for.
    """

    def __init__(
        self,
        remote: RemoteAE,
        calling_ae_title: str,
        timeouts: Timeouts | None = None,
        *,
        idle_seconds: float = IDLE_SECONDS,
        decompress: bool = True,
        originator: MoveOriginator | None = None,
    ) -> None:
        self._remote = remote
        self._timeouts = timeouts or Timeouts()
        self._decompress = decompress
        self._originator = originator
        self._message_ids = itertools.cycle(range(1, MAX_MESSAGE_ID + 1))
        self._session = SendingSession(remote, checked_ae_title(calling_ae_title), self._timeouts, idle_seconds)

    def expect(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Say which (SOP class UID, transfer syntax UID) will be sent, so that one association offers them all."""
        with self._session.lock:
            for pair in pairs:
                self._session.want(pair)

    def send(self, instance: OutgoingInstance) -> SendResult:
        """Send one instance and return what became of it.

        Faults of the peer and of the network are results. Raises UnreadableInstance where `instance` cannot be
        read. May block for the connect and ACSE timeouts and the DIMSE timeout prolonged by the size.
        """
        with instance.opened() as data_set, self._session.lock:
            try:
                return self._deliver(instance, data_set)
            except AssociationFailed as failure:
                return self._not_associated(failure, instance)
            except NoAnswer as silence:
                self._session.drop()
                return SendResult(None, Reaction.UNKNOWN_OUTCOME, f"{self._remote}: {silence}")
            except Exception:
                self._session.drop()  # it may have gone by half: what follows it would be taken for the rest
                raise

    def close(self) -> None:
        """Release the association; a later `send` opens another."""
        with self._session.lock:
            self._session.close()

    def abort(self) -> None:
        """Break off from any thread: a send in progress ends with UNKNOWN_OUTCOME, later ones with UNREACHABLE."""
        self._session.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _deliver(self, instance: OutgoingInstance, data_set: EncodedDataSet) -> SendResult:
        self._session.want(instance.pair)
        association = self._session.current()
        if association is not None:
            try:
                return self._store(association, instance, data_set)
            except ConnectionLost:
                # The peer tired of an idle association just now. Storing twice is harmless (PS3.4 B.2.2), so a
                # fresh association gets its chance before anybody waits for a retry.
                pass
        return self._store(self._session.open(), instance, data_set)

    def _store(self, association: Association, instance: OutgoingInstance, data_set: EncodedDataSet) -> SendResult:
        context = chosen_context(association.accepted_contexts, instance.pair, convertible=self._decompress)
        if context is None:
            return self._refused(association.rejected_contexts, instance)
        try:
            with in_syntax(data_set, context.transfer_syntax[0]) as encoded:
                return self._exchanged(association, instance, context, encoded)
        except CannotTranscode as obstacle:
            return self._refused(association.rejected_contexts, instance, f"; {obstacle}")

    def _exchanged(
        self,
        association: Association,
        instance: OutgoingInstance,
        context: PresentationContext,
        encoded: EncodedDataSet,
    ) -> SendResult:
        assert context.context_id is not None
        message = StoreMessage(
            context.context_id,
            next(self._message_ids),
            instance.sop_class_uid,
            instance.sop_instance_uid,
            encoded,
            self._originator,
        )
        answer = exchange(association, message, self._timeouts.response_seconds(encoded.length))
        self._session.touch()
        return _answered(answer, str(encoded.transfer_syntax_uid))

    def _not_associated(self, failure: AssociationFailed, instance: OutgoingInstance) -> SendResult:
        if failure.obstacle is Obstacle.NO_PRESENTATION_CONTEXT:
            return self._refused(failure.refused, instance)
        return SendResult(None, failure.reaction, failure.words)

    def _refused(self, refused: Iterable[PresentationContext], instance: OutgoingInstance, why: str = "") -> SendResult:
        reaction = reaction_to_refusal([*refused], instance.sop_class_uid)
        what = "the SOP class" if reaction is Reaction.FALLBACK_CLASS else "the transfer syntax"
        uid = instance.sop_class_uid if reaction is Reaction.FALLBACK_CLASS else instance.transfer_syntax_uid
        return SendResult(None, reaction, f"{self._remote} does not take {what} {_named(uid)}{why}")


def _named(uid: str) -> str:
    """A UID with its name, where the standard has one."""
    name = UID(uid).name
    return uid if name == uid else f"{uid} ({name})"


def _answered(answer: StoreAnswer, transfer_syntax_uid: str) -> SendResult:
    meaning = meaning_of_store_status(answer.status)
    where = f" ({', '.join(answer.offending_elements)})" if answer.offending_elements else ""
    return SendResult(
        status=answer.status,
        reaction=meaning.reaction,
        message=f"0x{answer.status:04X}: {meaning.words}{where}",
        transfer_syntax_uid=transfer_syntax_uid,
        peer_comment=answer.comment,
        offending_elements=answer.offending_elements,
    )
