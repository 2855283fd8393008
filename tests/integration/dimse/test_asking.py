"""Our own queries, asked of peers that answer well, badly, slowly or not at all."""

import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.transport import ThreadedAssociationServer

from dimse.addresses import RemoteAE, Timeouts
from dimse.asking import Answered, HungUp, QueryFailed, Question, asking
from dimse.query_models import STUDY_ROOT_FIND
from dimse.sockets import DialingSocket
from tests.integration.delivery.sabotage import (
    ABORT,
    P_DATA,
    RELEASE,
    Harm,
    Plot,
    Saboteur,
    Wire,
    cut,
    swallowed,
    told,
)
from tests.peers import LOOPBACK, free_port

SECONDS = 1.0
"""Of a question; the network is given far more."""
PATIENT = Timeouts(connect_seconds=20, acse_seconds=20, dimse_seconds=20, network_seconds=20)
STUDIES = 30


class Catalogue:
    """A real provider that answers each query with so many studies."""

    def __init__(self) -> None:
        self.port = free_port()
        self.cancelled = threading.Event()
        ae = AE("PACS")
        ae.add_supported_context(STUDY_ROOT_FIND, ExplicitVRLittleEndian)
        server = ae.start_server((LOOPBACK, self.port), block=False, evt_handlers=[(evt.EVT_C_FIND, self._find)])
        assert isinstance(server, ThreadedAssociationServer)
        self.server = server

    def _find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        for number in range(STUDIES):
            if event.is_cancelled:
                self.cancelled.set()
                yield 0xFE00, None
                return
            found = Dataset()
            found.QueryRetrieveLevel, found.StudyInstanceUID = "STUDY", f"1.2.3.{number}"
            yield 0xFF00, found
            time.sleep(0.002)


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    made = Catalogue()
    yield made
    made.server.shutdown()


@pytest.fixture
def saboteur(catalogue: Catalogue) -> Iterator[Saboteur]:
    made = Saboteur(catalogue.port)
    made.start()
    yield made
    made.stop()


def question(most_answers: int = 100, seconds: float = 20) -> Question:
    keys = Dataset()
    keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", ""
    return Question(STUDY_ROOT_FIND, keys, most_answers, seconds)


def ask(
    port: int, *questions: Question, on_dial: Callable[[DialingSocket], None] = lambda _dialing: None
) -> list[Answered]:
    remote = RemoteAE(LOOPBACK, port, "PACS")
    with asking(remote, "DERMGATE", [STUDY_ROOT_FIND], PATIENT, on_dial) as conversation:
        return [conversation.ask(one) for one in questions]


def test_several_questions_over_one_association_get_their_own_answers(catalogue: Catalogue) -> None:
    for answered in ask(catalogue.port, *[question()] * 5):
        assert not answered.more
        uids = [f"1.2.3.{number}".encode() in answer.data for number, answer in enumerate(answered.answers)]
        assert uids == [True] * STUDIES


def test_what_is_more_than_wanted_is_cancelled_and_the_next_question_is_answered(catalogue: Catalogue) -> None:
    few, all_of_them = ask(catalogue.port, question(most_answers=3), question())
    assert (few.more, len(few.answers)) == (True, 3)
    assert (all_of_them.more, len(all_of_them.answers)) == (False, STUDIES)
    assert catalogue.cancelled.is_set()


def begun(wire: Wire, pdu: bytes) -> None:
    """A header comes and no more."""
    wire.tell(pdu[:6])
    time.sleep(3 * SECONDS)
    wire.cut()


def trickling(wire: Wire, pdu: bytes) -> None:
    """Byte by byte, for longer than the question is given."""
    for place in range(len(pdu)):
        wire.tell(pdu[place : place + 1])
        time.sleep(0.1)


def endless(wire: Wire, _pdu: bytes) -> None:
    """A data set of small pieces that never ends."""
    value = struct.pack(">LBB", 4, 1, 0) + b"ab"
    flood = struct.pack(">BxL", P_DATA, len(value) * 1000) + value * 1000
    while True:
        wire.tell(flood)


HANG_UPS: dict[str, Harm] = {
    "cuts": cut,
    "aborts": told(ABORT),
    "releases": told(RELEASE),
    "announces four gigabytes": told(b"\x04\0\xff\xff\xff\xff"),
}
OTHERS: dict[str, Harm] = {
    "says nothing": swallowed,
    "begins and says no more": begun,
    "trickles": trickling,
    "floods": endless,
    "speaks another protocol": told(b"\x04\0\0\0\0\x06\0\0\xff\xff\x01\x03"),
}


@pytest.mark.parametrize("harm", HANG_UPS.values(), ids=HANG_UPS)
def test_a_peer_that_ends_instead_of_answering_has_hung_up(saboteur: Saboteur, harm: Harm) -> None:
    saboteur.plot = Plot(P_DATA, harm, spoken_by_pacs=True)
    with pytest.raises(HungUp, match="broke off"):
        ask(saboteur.port, question())


@pytest.mark.parametrize("harm", OTHERS.values(), ids=OTHERS)
def test_a_peer_that_does_not_answer_is_given_up_in_the_time_of_the_question(saboteur: Saboteur, harm: Harm) -> None:
    saboteur.plot = Plot(P_DATA, harm, spoken_by_pacs=True)
    started = time.monotonic()
    with pytest.raises(QueryFailed) as told_so:
        ask(saboteur.port, question(seconds=SECONDS))
    assert not isinstance(told_so.value, HungUp)
    assert time.monotonic() - started < SECONDS + 8, "not the network's twenty seconds"


def test_another_thread_ends_a_question(saboteur: Saboteur) -> None:
    saboteur.plot = Plot(P_DATA, swallowed, spoken_by_pacs=True)
    with pytest.raises(HungUp):
        ask(saboteur.port, question(), on_dial=lambda dialing: threading.Timer(0.5, dialing.hang_up).start())
