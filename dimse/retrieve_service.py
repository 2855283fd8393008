"""Serves retrievals (C-MOVE and C-GET SCP, PS3.4 C.4.2.3, C.4.3.3): checks, finds, has each instance sent, tells."""

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.uid import UID
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_MOVE
from pynetdicom.presentation import PresentationContext

from dimse.addresses import Timeouts
from dimse.carrying import Carrier
from dimse.conversation import RELATIONAL, caller_of, is_cancelled, is_granted, is_over
from dimse.getting import GetCarrier
from dimse.inflight import InFlight
from dimse.moving import MoveCarrier
from dimse.outgoing import MoveOriginator, OutgoingInstance
from dimse.querying import QueryRefused
from dimse.retrieve_answers import RetrieveAnswers, RetrieveRequest
from dimse.retrieve_models import FIND_MODELS, checked_retrieval
from dimse.retrieving import MoveDestination, Retrieval, Retriever, RetrieveStatus
from dimse.sub_operations import SubOperations, SubOutcome

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetrieveService:
    """Answers the retrievals of every association of one provider.

    At most `max_instances` are sent for one request. `ae_title` is the one that a C-MOVE's stores are sent under.
    """

    retriever: Retriever
    in_flight: InFlight
    ae_title: str
    timeouts: Timeouts
    max_instances: int

    def serve(self, association: Association, request: RetrieveRequest, context: PresentationContext) -> None:
        """Do what one request asks, in the association's thread; the last response is sent when this returns."""
        syntax = UID(context.transfer_syntax[0])
        assert context.context_id is not None
        answers = RetrieveAnswers(
            association,
            request,
            context.context_id,
            implicit=syntax.is_implicit_VR,
            seconds=self.timeouts.network_seconds,
        )
        try:
            self._serve(association, request, context, answers)
        except QueryRefused as refusal:
            answers.refused(refusal)
        except Exception as error:  # noqa: BLE001 - the outer edge: the peer gets a status whatever happens
            # The frames only: the words of an exception may quote what was asked for.
            frames = "".join(traceback.format_tb(error.__traceback__))
            logger.error("a retrieval failed: %s\n%s", type(error).__name__, frames)  # noqa: TRY400 - see above
            answers.refused(QueryRefused(RetrieveStatus.UNABLE_TO_PROCESS, "an internal error"))

    def _serve(
        self,
        association: Association,
        request: RetrieveRequest,
        context: PresentationContext,
        answers: RetrieveAnswers,
    ) -> None:
        if not self.in_flight.begin(association):
            raise QueryRefused(RetrieveStatus.CANNOT_PERFORM_SUB_OPERATIONS, "this server is about to stop")
        try:
            retrieval = self._asked(association, request, context)
            destination = self._destination(retrieval)
            instances = self._found(retrieval)
            carrier = self._carrier(association, request, destination, instances)
            try:
                self._carry(association, request, instances, carrier, answers)
            finally:
                carrier.close()
        finally:
            self.in_flight.ended(association)

    def _asked(self, association: Association, request: RetrieveRequest, context: PresentationContext) -> Retrieval:
        sop_class_uid = str(request.AffectedSOPClassUID)
        if sop_class_uid != context.abstract_syntax or sop_class_uid not in FIND_MODELS:
            raise QueryRefused(
                RetrieveStatus.SOP_CLASS_NOT_SUPPORTED, "another SOP class was agreed on for this context"
            )
        assert request.Identifier is not None
        implicit = UID(context.transfer_syntax[0]).is_implicit_VR
        identifier = self.retriever.read(request.Identifier.getvalue(), implicit=implicit)
        relational = is_granted(association, sop_class_uid, RELATIONAL)
        wanted = checked_retrieval(identifier, sop_class_uid, relational=relational)
        destination = str(request.MoveDestination or "").strip() if isinstance(request, C_MOVE) else None
        return Retrieval(*caller_of(association), wanted, self.max_instances, destination)

    def _destination(self, retrieval: Retrieval) -> MoveDestination | None:
        """Where a C-MOVE goes, None for a C-GET; looked up first, so that nobody waits for what cannot be sent."""
        if retrieval.destination is None:
            return None
        found = self.retriever.destination(retrieval.calling_ae_title, retrieval.destination)
        if found is None:
            raise QueryRefused(RetrieveStatus.MOVE_DESTINATION_UNKNOWN, "this Move Destination is not known here")
        return found

    def _found(self, retrieval: Retrieval) -> Sequence[OutgoingInstance]:
        instances = self.retriever.find(retrieval)
        if len(instances) > self.max_instances:
            words = f"more than {self.max_instances} instances: ask for less at a time"
            raise QueryRefused(RetrieveStatus.CANNOT_CALCULATE_MATCHES, words)
        return instances

    def _carrier(
        self,
        association: Association,
        request: RetrieveRequest,
        destination: MoveDestination | None,
        instances: Sequence[OutgoingInstance],
    ) -> Carrier:
        if destination is None:
            return GetCarrier(association, self.timeouts)
        assert request.MessageID is not None
        originator = MoveOriginator(caller_of(association)[0], request.MessageID)
        return MoveCarrier(destination, self.ae_title, originator, instances)

    def _carry(
        self,
        association: Association,
        request: RetrieveRequest,
        instances: Sequence[OutgoingInstance],
        carrier: Carrier,
        answers: RetrieveAnswers,
    ) -> None:
        done = SubOperations(len(instances))
        assert request.MessageID is not None
        for instance in instances:
            if is_over(association):
                return
            if is_cancelled(association, request.MessageID):
                answers.final(RetrieveStatus.CANCELLED, done)
                return
            if carrier.is_lost or self.in_flight.is_closed:
                done.note(instance.sop_instance_uid, SubOutcome.FAILED)
                continue
            done.note(instance.sop_instance_uid, carrier.send(instance))
            if done.remaining:
                answers.pending(done)
        answers.final(done.final_status(), done)
