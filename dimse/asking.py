"""Asks a remote application entity a query and takes its answers (C-FIND SCU, PS3.4 C.4.1 and K.4.1).

What comes back is untrusted: answers, bytes and time are bounded, and answers are handed on encoded, for whoever asks
to read with bounds of their own.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dsutils import encode
from pynetdicom.presentation import PresentationContext, build_context

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.allowance import Allowance
from dimse.association import AssociationFailed, break_off, request_association
from dimse.contexts import NATIVE_SYNTAXES
from dimse.errors import DimseError
from dimse.exchange import ConnectionLost, held_connection
from dimse.pdata import MalformedPdata, command_pdus, data_pdus, fragment_bytes
from dimse.query_messages import FindAnswers, PeerEnds, TooMuchSent, cancel_request, find_request
from dimse.querying import FindStatus
from dimse.sockets import DialingSocket
from dimse.store_messages import MalformedCommand
from dimse.transport import BoundedSocket

MOST_RECEIVED_BYTES = 64 * 1024**2
"""Of all that a peer sends on one association; more ends it."""

MOST_AFTER_CANCEL = 10_000
"""Answers that are passed over after a C-CANCEL, which may cross those that were under way."""

CANCEL_SECONDS = 5.0
"""How long the final response may take after a C-CANCEL."""

LONGEST_MESSAGE_ID = 0xFFFF

_PENDING = (FindStatus.PENDING, FindStatus.PENDING_KEYS_LEFT_ASIDE)
_WORDS = {
    range(FindStatus.SOP_CLASS_NOT_SUPPORTED, FindStatus.SOP_CLASS_NOT_SUPPORTED + 1): "it does not take this query",
    range(FindStatus.NOT_AUTHORISED, FindStatus.NOT_AUTHORISED + 1): "our AE title may not query there",
    range(0xA700, 0xA800): "it is out of resources",
    range(0xA900, 0xAA00): "the identifier does not match the SOP class",
    range(0xC000, 0xD000): "it cannot process the query",
    range(FindStatus.CANCELLED, FindStatus.CANCELLED + 1): "it cancelled the query",
}


class QueryFailed(DimseError):
    """A query was not answered to its end: why, in words without identity; `status` where the peer gave one."""

    def __init__(self, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.status = status


class HungUp(QueryFailed):
    """The peer ended the association instead of answering: some do so to callers that they do not know."""


@dataclass(frozen=True, slots=True)
class Question:
    """One query: `identifier` holds keys and return keys, its text in the character set that it declares.

    At most `most_answers` (0 or more) are taken, within `seconds` from the sending on; beyond that number the query is
    cancelled.
    """

    sop_class_uid: str
    identifier: Dataset
    most_answers: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EncodedAnswer:
    """The identifier of one answer as it came: little endian, VRs implicit or explicit."""

    data: bytes
    implicit: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one query; `more` says that more match than were wanted."""

    answers: tuple[EncodedAnswer, ...]
    more: bool = False
    keys_left_aside: bool = False


class Asking:
    """An association for queries, one at a time. Not for use by two threads."""

    def __init__(self, remote: RemoteAE, association: Association) -> None:
        self._remote = remote
        self._association = association
        self._message_id = 0
        self._responses = FindAnswers(MOST_RECEIVED_BYTES)
        association.bind(evt.EVT_PDU_RECV, Allowance(MOST_RECEIVED_BYTES).count)  # of what comes uncalled for

    def ask(self, question: Question) -> Answered:
        """Ask, and wait for the answers; raises QueryFailed, after which the association must not be used again."""
        context = self._context(question.sop_class_uid)
        implicit = context.transfer_syntax[0].is_implicit_VR
        identifier = encode(question.identifier, implicit, True)
        if identifier is None:
            raise QueryFailed("the query cannot be written in the character set that it declares")
        self._message_id = self._message_id % LONGEST_MESSAGE_ID + 1
        context_id = context.context_id
        assert context_id is not None
        deadline = time.monotonic() + question.seconds
        try:
            with held_connection(self._association) as connection:
                request = find_request(question.sop_class_uid, self._message_id)
                self._send(connection, context_id, request, identifier, deadline)
                return self._taken(connection, context_id, question, deadline, implicit=implicit)
        except TimeoutError as error:
            raise QueryFailed(f"{self._remote} did not answer in time") from error
        except (OSError, ConnectionLost, PeerEnds) as error:
            raise HungUp(f"{self._remote} broke off before it had answered") from error
        except (MalformedPdata, MalformedCommand) as error:
            raise QueryFailed(f"{self._remote} answered with what cannot be read: {error}") from error
        except TooMuchSent as error:
            raise QueryFailed(f"{self._remote} answered with more than is taken") from error

    def _context(self, sop_class_uid: str) -> PresentationContext:
        for context in self._association.accepted_contexts:
            if context.abstract_syntax == sop_class_uid:
                return context
        raise QueryFailed(f"{self._remote} does not take queries of the class {sop_class_uid}")

    def _send(
        self, connection: BoundedSocket, context_id: int, command: bytes, data_set: bytes, deadline: float
    ) -> None:
        fragment = fragment_bytes(self._association.dimse.maximum_pdu_size)
        data = data_pdus(context_id, [data_set], len(data_set), fragment) if data_set else ()
        connection.send_all([*command_pdus(context_id, command, fragment), *chain.from_iterable(data)], deadline)

    def _taken(
        self, connection: BoundedSocket, context_id: int, question: Question, deadline: float, *, implicit: bool
    ) -> Answered:
        answers: list[EncodedAnswer] = []
        left_aside = False
        while (answer := self._responses.next(connection, self._message_id, deadline)).status in _PENDING:
            if len(answers) == question.most_answers:
                self._cancel(connection, context_id)
                return Answered(tuple(answers), more=True, keys_left_aside=left_aside)
            left_aside = left_aside or answer.status == FindStatus.PENDING_KEYS_LEFT_ASIDE
            answers.append(EncodedAnswer(answer.identifier, implicit))
        if answer.status != FindStatus.SUCCESS:
            words = f"{self._remote} answered 0x{answer.status:04X}: {_words(answer.status)}"
            raise QueryFailed(words, answer.status)
        return Answered(tuple(answers), keys_left_aside=left_aside)

    def _cancel(self, connection: BoundedSocket, context_id: int) -> None:
        """Say that no more is wanted, and pass over what still comes up to the final response."""
        deadline = time.monotonic() + CANCEL_SECONDS
        self._send(connection, context_id, cancel_request(self._message_id), b"", deadline)
        for _ in range(MOST_AFTER_CANCEL):
            if self._responses.next(connection, self._message_id, deadline).status not in _PENDING:
                return
        raise QueryFailed(f"{self._remote} goes on answering a query that was cancelled")


@contextmanager
def asking(
    remote: RemoteAE,
    calling_ae_title: str,
    sop_class_uids: Sequence[str],
    timeouts: Timeouts,
    on_dial: Callable[[DialingSocket], None] = lambda _dialing: None,
) -> Iterator[Asking]:
    """An association for queries of these classes, released in the end, broken off where the block raises.

    Raises QueryFailed where there is none to be had, its cause the AssociationFailed. Another thread ends it with
    `hang_up` of the socket that `on_dial` is given.
    """
    contexts = [build_context(uid, [*NATIVE_SYNTAXES]) for uid in sop_class_uids]
    try:
        association = request_association(remote, checked_ae_title(calling_ae_title), contexts, timeouts, on_dial)
    except AssociationFailed as failure:
        raise QueryFailed(failure.words) from failure
    try:
        yield Asking(remote, association)
        association.release()
    finally:
        break_off(association)


def _words(status: int) -> str:
    return next((words for codes, words in _WORDS.items() if status in codes), "a status that the standard has not")
