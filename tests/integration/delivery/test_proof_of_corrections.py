"""A corrected object under the UIDs that it always had: proven where the destination shows it under its new patient."""

from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.archive.tables import InstanceRow, PatientRow
from gateway.config import DimseDestination
from gateway.database import Database
from gateway.delivery.proving import due
from gateway.delivery.superseding import supersede
from gateway.delivery.tables import DeliveryRow
from tests.integration.delivery.hospital import archived_and_queued, destination, rows, wait_until
from tests.integration.delivery.listener import listening
from tests.integration.delivery.provable import ProvablePacs
from tests.integration.delivery.proving import come_to, committing, requests_of, working
from tests.integration.delivery.test_proof_by_query import QueryRetrieveScp
from tests.peers import Orthanc, Remote, free_port


@pytest.mark.parametrize("proof", ["query", "commitment"])
def test_a_pacs_that_says_success_and_keeps_the_mistaken_one_is_found_out(database: Database, proof: str) -> None:
    with ProvablePacs(keeps_the_first=True) as pacs:
        there = _at(pacs, proof)
        _corrected_after_delivery(database, there)
        with working(database, there):
            wait_until(lambda: [row.state for row in rows(database)][1:] == ["dead"], "it is given up")
    wrong = rows(database)[1]
    assert (wrong.resends, wrong.proof_kind, wrong.confirmed_at, wrong.committed_at) == (3, None, None, None)
    assert "a query does not find it as it was corrected" in (wrong.last_message or "")


@pytest.mark.parametrize(("proof", "state"), [("query", "confirmed"), ("commitment", "committed")])
def test_a_pacs_that_stores_the_correction_over_the_mistaken_one_is_proven(
    database: Database, proof: str, state: str
) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs, proof)
        _corrected_after_delivery(database, there)
        with working(database, there):
            wait_until(lambda: rows(database)[1].state == state, "it is proven")
        assert set(pacs.received.values()) == {2}


def test_one_that_is_refused_commitment_because_two_are_there_is_confirmed_by_a_query(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs, "commitment")
        _corrected_after_delivery(database, there)
        pacs.refuses = set(pacs.kept)
        with working(database, there):
            wait_until(lambda: len(pacs.answers) == 2 and _is_settled(database), "it is settled")
        assert set(pacs.received.values()) == {2}
    correction = rows(database)[1]
    assert (correction.state, correction.proof_kind, correction.resends) == ("confirmed", "query", 0)


def test_one_that_is_refused_commitment_and_not_shown_is_sent_again(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs, "commitment")
        _corrected_after_delivery(sqlite, there)
        pacs.before_answer.clear()
        with working(sqlite, there):
            wait_until(lambda: len(pacs.requests) == 2, "commitment is asked for")
            pacs.kept.clear()
            pacs.before_answer.set()
            wait_until(lambda: rows(sqlite)[1].state == "committed", "it is there again")
        assert set(pacs.received.values()) == {3}


@pytest.mark.peer
def test_orthanc_that_holds_both_and_answers_for_neither_is_queried(sqlite: Database) -> None:
    port = free_port()
    with Orthanc(remotes={"dermgate": Remote("DERMGATE", port)}) as orthanc:
        there = destination(port=orthanc.dicom_port, ae_title=orthanc.ae_title, proof="commitment")
        [instance_id] = archived_and_queued(sqlite, 1, there)
        with listening(sqlite, [there], port=port), working(sqlite, there):
            come_to(sqlite, {"committed": 1})
            _correct(sqlite, instance_id, there)
            wait_until(lambda: _is_settled(sqlite), "it is settled")
    correction = rows(sqlite)[1]
    assert (correction.state, correction.resends) == ("confirmed", 0)


def test_a_duplicate_under_another_patient_is_given_up_without_sending_it_again(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs, "query")
        _corrected_after_delivery(sqlite, there)
        pacs.status = 0x0111
        with working(sqlite, there):
            wait_until(lambda: rows(sqlite)[1].state == "dead", "it is given up")
        assert set(pacs.received.values()) == {2}


def test_a_copy_of_a_correction_may_be_the_one_before_and_a_replacement_may_not(sqlite: Database) -> None:
    there = destination(proof="query")
    [instance_id] = archived_and_queued(sqlite, 1, there)
    _correct(sqlite, instance_id, there)
    _set(sqlite, sent_sop_instance_uid="1.2.9")
    assert _loaded(sqlite)[1].is_correction
    _set(sqlite, sent_study_instance_uid="1.2.8")
    assert not _loaded(sqlite)[1].is_correction
    assert [one.sent.patient_id for one in _loaded(sqlite)] == [None, None]


def test_a_patient_beyond_ascii_is_not_asked_for(sqlite: Database) -> None:
    """Orthanc, for one, answers in Latin-1 whatever it holds: it would never show the patient that it has."""
    there = destination(proof="query")
    [instance_id] = archived_and_queued(sqlite, 1, there)
    _correct(sqlite, instance_id, there, "환자 1")
    correction = _loaded(sqlite)[1]
    assert (correction.is_correction, correction.sent.patient_id) == (True, None)


@pytest.mark.peer
def test_orthanc_shows_the_correction(sqlite: Database, orthanc: Orthanc) -> None:
    there = destination(port=orthanc.dicom_port, ae_title=orthanc.ae_title, proof="query")
    _corrected_after_delivery(sqlite, there)
    with working(sqlite, there):
        wait_until(lambda: rows(sqlite)[1].state == "confirmed", "it is proven")


@pytest.mark.peer
def test_dcmqrscp_shows_the_correction(sqlite: Database, tmp_path: Path) -> None:
    scp = QueryRetrieveScp(tmp_path)
    try:
        there = destination(port=scp.port, ae_title="DCMQR", proof="query")
        _corrected_after_delivery(sqlite, there)
        with working(sqlite, there):
            wait_until(lambda: rows(sqlite)[1].state == "confirmed", "it is proven")
    finally:
        scp.kill()


def _is_settled(database: Database) -> bool:
    """Whether both requests for storage commitment were answered, and nothing more is asked."""
    return [one.outcome for one in requests_of(database)] == ["answered"] * 2 and rows(database)[1].prove_at is None


def _at(pacs: ProvablePacs, proof: str) -> DimseDestination:
    return committing(pacs).model_copy(update={"proof": proof})


def _corrected_after_delivery(database: Database, there: DimseDestination) -> None:
    """One object that arrived, and its correction to another patient queued."""
    [instance_id] = archived_and_queued(database, 1, there)
    with working(database, there):
        come_to(database, {"committed" if there.proof == "commitment" else "confirmed": 1})
    _correct(database, instance_id, there)


def _correct(database: Database, instance_id: int, there: DimseDestination, patient: str = "NEW") -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(PatientRow).values(patient_id=patient))
        unit_of_work.session.execute(update(InstanceRow).values(revision=2))
        assert supersede(unit_of_work, "default", instance_id, 2, [there]) == (there.name,)


def _set(database: Database, **values: str) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).where(DeliveryRow.revision == 2).values(values))


def _loaded(database: Database) -> list[due.Unproven]:
    with database.read() as session:
        return list(due.load(session, [row.id for row in rows(database)]))
