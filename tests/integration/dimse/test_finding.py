"""Our provider answers queries: pynetdicom and DCMTK's findscu as the peers that ask."""

import threading
import time
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import evt

from dimse.find import MAX_IDENTIFIER_BYTES
from dimse.query_models import PATIENT_ROOT_FIND, STUDY_ROOT_FIND
from dimse.querying import FindStatus, QueryLevel, QueryRefused
from tests.integration.dimse.conftest import eventually, run_dcmtk
from tests.integration.dimse.finding import Knowing, answering, ask, associated, sent_raw, study
from tests.peers import LOOPBACK

KEYS = {"PatientName": "Hong*", "PatientID": "", "StudyInstanceUID": "", "StudyDescription": ""}


def test_without_a_finder_no_query_is_agreed_on(providing: object) -> None:
    assert callable(providing)
    with associated(providing().remote.port) as association:
        assert association.is_rejected or association.is_aborted
        assert not association.accepted_contexts


@pytest.mark.parametrize("sop_class", [STUDY_ROOT_FIND, PATIENT_ROOT_FIND])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, "1.2.840.10008.1.2.1"])
def test_every_match_is_an_answer_with_every_key(sop_class: str, syntax: str) -> None:
    finder = Knowing([study(1), study(2)])
    keys = KEYS | {"PatientID": "P"}
    with answering(finder) as provider, associated(provider.port, sop_class, [syntax]) as association:
        found = ask(association, keys, sop_class)
    assert [item.PatientName for item in found.items] == ["Hong^1==홍^길동", "Hong^2==홍^길동"]
    for item in found.items:
        assert {element.keyword for element in item} == {*keys, "QueryRetrieveLevel", "SpecificCharacterSet"}
        assert (item.SpecificCharacterSet, item.StudyDescription) == ("ISO_IR 192", "")
    assert found.pending == {FindStatus.PENDING}
    assert found.final.Status == FindStatus.SUCCESS
    (query,) = finder.queries
    assert (query.calling_ae_title, query.address, query.level) == ("VIEWER", LOOPBACK, QueryLevel.STUDY)
    assert query.keys.PatientName == "Hong*"


@pytest.mark.parametrize("max_pdu", [0, 1024, 1100, 4096])
@pytest.mark.parametrize("length", [800, 850, 2020, 10_000])
def test_answers_go_in_pdus_of_the_length_the_peer_takes(max_pdu: int, length: int) -> None:
    known = {**study(1), "00204000": {"vr": "LT", "Value": ["x" * length]}}
    sent: list[int] = []
    with answering(Knowing([known, known])) as provider, associated(provider.port, max_pdu=max_pdu) as association:
        association.bind(evt.EVT_PDU_RECV, lambda event: sent.append(len(event.pdu) - 6))
        found = ask(association, {**KEYS, "ImageComments": ""})
    assert [len(item.ImageComments) for item in found.items] == [length] * 2
    assert max(sent) <= (max_pdu or 1 << 20)


def test_what_matches_nothing_is_a_success() -> None:
    with answering(Knowing()) as provider, associated(provider.port) as association:
        found = ask(association, KEYS)
    assert (found.items, found.final.Status) == ([], FindStatus.SUCCESS)


def test_keys_that_were_left_aside_are_warned_of() -> None:
    finder = Knowing([study(1)], keys_left_aside=True)
    with answering(finder) as provider, associated(provider.port) as association:
        assert ask(association, KEYS).pending == {FindStatus.PENDING_KEYS_LEFT_ASIDE}


def test_a_cap_on_answers_is_no_success() -> None:
    """Success would say that nothing else matches (PS3.4 C.4.1.3)."""
    finder = Knowing([study(number) for number in range(12)])
    with answering(finder, max_answers=5) as provider, associated(provider.port) as association:
        found = ask(association, KEYS)
    assert len(found.items) == 5
    assert found.final.Status == FindStatus.OUT_OF_RESOURCES
    assert "7 more match" in found.final.ErrorComment


def test_a_missing_unique_key_is_named() -> None:
    finder = Knowing([study(1)])
    with answering(finder) as provider, associated(provider.port) as association:
        found = ask(association, {"Modality": "XC"}, level="SERIES")
        assert found.final.Status == FindStatus.IDENTIFIER_MISMATCH
        assert found.final.OffendingElement == 0x0020000D
        assert "STUDY" in found.final.ErrorComment
        assert ask(association, {"StudyInstanceUID": "1.2.1"}, level="SERIES").final.Status == FindStatus.SUCCESS
    assert len(finder.queries) == 1


@pytest.mark.parametrize(("wanted", "status"), [(b"\x01", FindStatus.SUCCESS), (b"\0", FindStatus.IDENTIFIER_MISMATCH)])
def test_relational_queries_are_answered_where_they_were_negotiated(wanted: bytes, status: int) -> None:
    with (
        answering(Knowing([study(1)])) as provider,
        associated(provider.port, extended={STUDY_ROOT_FIND: wanted + b"\x01\0\x01\x02"}) as association,
    ):
        assert association.acceptor.sop_class_extended == {STUDY_ROOT_FIND: wanted + b"\0\0\0\0"}
        assert ask(association, {"SOPInstanceUID": ""}, level="IMAGE").final.Status == status


@pytest.mark.parametrize(("wanted", "fuzzy"), [(b"\0\0\x01", True), (b"\0\0\0", False), (b"\x01", False)])
def test_fuzzy_names_are_handed_on_where_they_were_negotiated(wanted: bytes, fuzzy: bool) -> None:
    finder = Knowing([study(1)])
    with answering(finder) as provider, associated(provider.port, extended={STUDY_ROOT_FIND: wanted}) as association:
        assert association.acceptor.sop_class_extended == {STUDY_ROOT_FIND: wanted}
        ask(association, KEYS)
    assert [query.fuzzy_names for query in finder.queries] == [fuzzy]


def test_the_negotiation_of_other_classes_is_passed_over() -> None:
    with (
        answering(Knowing([study(1)])) as provider,
        associated(provider.port, extended={"1.2.840.10008.5.1.4.31": b"\x01"}) as association,
    ):
        assert association.acceptor.sop_class_extended == {}
        assert len(ask(association, KEYS).items) == 1


def test_a_cancel_ends_the_answers() -> None:
    finder = Knowing([study(number) for number in range(2000)])

    def cancel(count: int) -> None:
        if count == 3:
            association.send_c_cancel(7, query_model=STUDY_ROOT_FIND)

    with answering(finder) as provider, associated(provider.port) as association:
        found = ask(association, KEYS, on_answer=cancel)
        assert found.final.Status == FindStatus.CANCELLED
        assert 3 <= len(found.items) < 2000
        assert finder.taken < 2000
        finder.known = finder.known[:5]
        assert len(ask(association, KEYS).items) == 5  # the association goes on


def test_who_asks_is_not_told_what_went_wrong_inside(caplog: pytest.LogCaptureFixture) -> None:
    finder = Knowing(error=RuntimeError("Hong^Gildong is secret"))
    with answering(finder) as provider, associated(provider.port) as association:
        found = ask(association, KEYS)
    assert found.final.Status == FindStatus.UNABLE_TO_PROCESS
    assert found.final.ErrorComment == "an internal error"
    assert "RuntimeError" in caplog.text
    assert "Gildong" not in caplog.text


def test_a_finder_may_refuse() -> None:
    finder = Knowing(error=QueryRefused(FindStatus.NOT_AUTHORISED, "this AE title may not query" + "!" * 100))
    with answering(finder) as provider, associated(provider.port) as association:
        found = ask(association, KEYS)
    assert found.final.Status == FindStatus.NOT_AUTHORISED
    assert len(found.final.ErrorComment) == 64


def test_a_provider_that_stops_starts_no_query() -> None:
    finder = Knowing([study(1)])
    with answering(finder) as provider, associated(provider.port) as association:
        provider._in_flight.finish(0)  # as `stop` does first
        assert ask(association, KEYS).final.Status == FindStatus.OUT_OF_RESOURCES
    assert finder.queries == []


def test_a_peer_that_leaves_midway_ends_its_query() -> None:
    finder = Knowing([study(number) for number in range(100)], hold=threading.Event())
    with answering(finder) as provider:
        with associated(provider.port) as association:
            answers = association.send_c_find(identifier(), STUDY_ROOT_FIND)
            next(answers)
            association.abort()
        time.sleep(0.05)
        assert finder.hold is not None
        finder.hold.set()
        time.sleep(0.1)
        assert finder.taken < 100


def identifier(**keys: str) -> Dataset:
    made = Dataset()
    made.QueryRetrieveLevel = "STUDY"
    for keyword, value in (KEYS | keys).items():
        setattr(made, keyword, value)
    return made


def test_queries_that_follow_one_another_at_once_lose_no_answer() -> None:
    finder = Knowing([study(number) for number in range(20)])
    with answering(finder) as provider, associated(provider.port) as association:
        for _ in range(50):
            while association._is_paused:  # pynetdicom's own fault as a requestor
                time.sleep(0.0001)
            assert len(ask(association, KEYS).items) == 20


@pytest.mark.parametrize("garbage", [b"\x08\x00\x52\x00\xff\xff\xff\x7fSTUDY ", b"\x01", bytes(64), b"\xff" * 1000])
def test_an_identifier_that_is_none_is_refused_and_the_association_goes_on(garbage: bytes) -> None:
    with answering(Knowing([study(1)])) as provider, associated(provider.port) as association:
        status = sent_raw(association, garbage)
        assert status in (FindStatus.UNABLE_TO_PROCESS, FindStatus.IDENTIFIER_MISMATCH)
        assert len(ask(association, KEYS).items) == 1


def test_an_endless_identifier_ends_the_association() -> None:
    with answering(Knowing([study(1)])) as provider, associated(provider.port) as association:
        assert sent_raw(association, bytes(MAX_IDENTIFIER_BYTES * 2)) is None
        assert eventually(lambda: not association.is_established)


def test_a_class_that_was_not_agreed_on_is_refused() -> None:
    with answering(Knowing([study(1)])) as provider, associated(provider.port) as association:
        assert sent_raw(association, bytes(8), sop_class=PATIENT_ROOT_FIND) == FindStatus.SOP_CLASS_NOT_SUPPORTED


def findscu(port: int, *arguments: str | Path) -> str:
    done = run_dcmtk("findscu", "-v", "-aec", "DERMGATE", LOOPBACK, str(port), *arguments)
    return done.stdout + done.stderr


def test_findscu_finds() -> None:
    with answering(Knowing([study(1), study(2)])) as provider:
        said = findscu(
            provider.port, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName=Hong*", "-k", "PatientID"
        )
    assert said.count("(Pending)") == 2
    assert "홍^길동" in said
    assert "[P-2 ]" in said
    assert "(Success)" in said


def test_findscu_is_told_what_is_missing() -> None:
    with answering(Knowing([study(1)])) as provider:
        said = findscu(provider.port, "-P", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName=Hong*")
    assert "Received Final Find Response (Error: DataSetDoesNotMatchSOPClass)" in said


def test_findscu_cancels() -> None:
    finder = Knowing([study(number) for number in range(5000)])
    with answering(finder) as provider:
        said = findscu(provider.port, "-S", "--cancel", "3", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID")
    assert "Cancel" in said
    assert finder.taken < 5000
