"""Answers queries (C-FIND SCP, PS3.4 Annex C): the handlers of pynetdicom's events, and what they say to the peer."""

import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_FIND

from dimse.answer_messages import AnswerMessages
from dimse.association import break_off
from dimse.conversation import FUZZY_NAMES, RELATIONAL, caller_of, is_granted, is_over
from dimse.inflight import InFlight
from dimse.query_answers import AnswerEncoder
from dimse.query_models import LEVELS, Asked, checked_query
from dimse.querying import Finder, FindStatus, Found, Query, QueryRefused

logger = logging.getLogger(__name__)

MAX_IDENTIFIER_BYTES = 256 * 1024
"""Of a query; a real one has some hundred bytes, or some ten thousand where it lists UIDs."""

MAX_WAITING_PDUS = 64
"""Answers are held back while so many PDUs wait to be sent: a peer that reads slowly costs no memory, and what it
sends meanwhile, a cancel above all, is read."""

WAIT_SECONDS = 0.001
LONGEST_WAIT_SECONDS = 60.0
"""For the answers that wait to be taken, where no network timeout is set."""

LONGEST_COMMENT = 64
"""Error Comment (0000,0902) is LO."""

Response = tuple[int | Dataset, None]
"""What pynetdicom takes for a final response: its status."""


@dataclass(frozen=True, slots=True)
class FindHandlers:
    """Handlers for the queries of every association of one provider; at most `max_answers` are given to one.

    `retrieve_ae_title` is where what is found can be retrieved, empty where it cannot.
    """

    finder: Finder
    in_flight: InFlight
    max_answers: int
    retrieve_ae_title: str = ""

    def bindings(self) -> list[evt.EventHandlerType]:
        """Return what pynetdicom binds: events and their handlers."""
        return [(evt.EVT_C_FIND, self.handle_c_find)]

    def handle_c_find(self, event: evt.Event) -> Iterator[Response]:
        """Send the answers to one C-FIND request and yield the final response; the library adds that of success."""
        association = event.assoc
        try:
            asked = _asked(event, self.finder)
            fuzzy_names = is_granted(association, str(event.request.AffectedSOPClassUID), FUZZY_NAMES)
            found = self._found(asked, association, fuzzy_names=fuzzy_names)
            yield from self._answers(event, asked, found)
        except QueryRefused as refusal:
            yield _told(refusal), None
        except Exception as error:  # noqa: BLE001 - the outer edge: the peer gets a status whatever happens
            # The frames only: the words of an exception may quote the query or an answer.
            frames = "".join(traceback.format_tb(error.__traceback__))
            logger.error("a query failed: %s\n%s", type(error).__name__, frames)  # noqa: TRY400 - it would print them
            yield _told(QueryRefused(FindStatus.UNABLE_TO_PROCESS, "an internal error")), None

    def _found(self, asked: Asked, association: Association, *, fuzzy_names: bool) -> Found:
        if not self.in_flight.begin(association):
            raise QueryRefused(FindStatus.OUT_OF_RESOURCES, "this server is about to stop")
        try:
            query = _query(asked, association, self.max_answers, fuzzy_names=fuzzy_names)
            return self.finder.find(query)
        finally:
            self.in_flight.ended(association)

    def _answers(self, event: evt.Event, asked: Asked, found: Found) -> Iterator[Response]:
        messages = _messages(event, found)
        implicit = UID(event.context.transfer_syntax).is_implicit_VR
        encoder = AnswerEncoder(asked, implicit=implicit, retrieve_ae_title=self.retrieve_ae_title)
        for known in found.answers:
            _let_leave(event.assoc)
            if is_over(event.assoc):
                return
            if event.is_cancelled:
                yield FindStatus.CANCELLED, None
                return
            messages.send(encoder.encode(known))
        if found.remaining:
            words = f"{found.remaining} more match: narrow the query"
            raise QueryRefused(FindStatus.OUT_OF_RESOURCES, words)


def _asked(event: evt.Event, finder: Finder) -> Asked:
    request, context = event.request, event.context
    assert isinstance(request, C_FIND)
    sop_class_uid = str(request.AffectedSOPClassUID)
    if sop_class_uid != context.abstract_syntax or sop_class_uid not in LEVELS:
        raise QueryRefused(FindStatus.SOP_CLASS_NOT_SUPPORTED, "another SOP class was agreed on for this context")
    assert request.Identifier is not None
    identifier = finder.read(request.Identifier.getvalue(), implicit=UID(context.transfer_syntax).is_implicit_VR)
    return checked_query(identifier, sop_class_uid, relational=is_granted(event.assoc, sop_class_uid, RELATIONAL))


def _query(asked: Asked, association: Association, limit: int, *, fuzzy_names: bool) -> Query:
    calling_ae_title, address = caller_of(association)
    return Query(
        calling_ae_title=calling_ae_title,
        address=address,
        level=asked.level,
        keys=asked.keys,
        limit=limit,
        fuzzy_names=fuzzy_names,
    )


def _messages(event: evt.Event, found: Found) -> AnswerMessages:
    request = event.request
    assert isinstance(request, C_FIND)
    assert request.MessageID is not None
    return AnswerMessages(
        event.assoc,
        event.context.context_id,
        sop_class_uid=str(request.AffectedSOPClassUID),
        message_id=request.MessageID,
        status=FindStatus.PENDING_KEYS_LEFT_ASIDE if found.keys_left_aside else FindStatus.PENDING,
    )


def _let_leave(association: Association) -> None:
    """Wait while more than a few PDUs are still to be sent, until all of them are, or the connection is gone.

    A peer that has not taken them after the network timeout is left: whoever asks and reads next to nothing would
    keep its place among the associations.
    """
    waiting = association.dul.to_provider_queue
    if waiting.qsize() < MAX_WAITING_PDUS:
        return
    deadline = time.monotonic() + (association.network_timeout or LONGEST_WAIT_SECONDS)
    while waiting.qsize() and not association.acse.is_aborted() and association.dul.is_alive():
        if time.monotonic() > deadline:
            logger.warning("association from %s aborted: it does not take its answers", association.requestor.address)
            break_off(association)
            return
        time.sleep(WAIT_SECONDS)


def _told(refusal: QueryRefused) -> Dataset:
    """The status of a refusal with the fields that say why (PS3.7 C.4.2, table C.4-1)."""
    status = Dataset()
    status.Status = int(refusal.status)
    status.ErrorComment = refusal.words[:LONGEST_COMMENT]
    if refusal.tag is not None:
        status.OffendingElement = [refusal.tag]
    return status
