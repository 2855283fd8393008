"""An opinion's report in the archive: verified, referring to the models' report, delivered, and made once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import func, select

from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller, NotPermitted, Role
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.indexing import Origin, Sender
from gateway.archive.reports import known_report, own_reports
from gateway.archive.service import ArchiveService
from gateway.archive.tables import InstanceRow
from gateway.config import Destination, Settings
from gateway.conversion.findings.facts import Opinion
from gateway.conversion.findings.model_report import model_report
from gateway.database import Database
from gateway.delivery.tables import DeliveryRow
from gateway.review.cases import UnknownCase
from gateway.review.opinion_reports import SERIES_NUMBER, NothingReported, OpinionReports
from tests.integration.review.cases import case, opened
from tests.unit.conversion.findings.samples import DEVICE, PLACE, disease, findings, image_header

OPINION = Opinion("Kim^Doctor=金^醫師=김^의사", "서울병원", datetime(2026, 5, 2, 1, 0, tzinfo=UTC), disease("melanoma"))
SETTINGS = Settings(destinations=(Destination(name="pacs", port=4242, ae_title="PACS", hospital="default"),))
CASE = case("1", replace(case().patient, hospital="default"), study="2.25.10")


@pytest.fixture
def reports(sqlite: Database, storage: FolderStorage) -> OpinionReports:
    """Opinions on a case that is open, with nothing in its study yet."""
    opened(sqlite, CASE)
    return OpinionReports(sqlite, ArchiveService(sqlite, storage), SETTINGS, "1.2.3")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[FolderStorage]:
    """An empty storage."""
    made = FolderStorage(tmp_path / "objects")
    yield made
    made.close()


def with_findings(reports: OpinionReports) -> None:
    """The models' report of the case's photo is archived."""
    report = model_report(findings(), image_header(), PLACE, DEVICE)
    with (
        reports.archive.staged([report.data], known_report(report)) as staged,
        reports.database.write() as unit_of_work,
    ):
        sender = Sender(Origin.INTAKE, "x")
        reports.archive.index(unit_of_work, LOCAL_ADMINISTRATOR, staged, sender=sender, hospital="default")


def kept(reports: OpinionReports) -> list[Dataset]:
    with reports.database.read() as session:
        return own_reports(session, "default", CASE.study_instance_uid)


def count(reports: OpinionReports, table: type) -> int:
    with reports.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_who_may_not_review_gives_no_opinion(reports: OpinionReports) -> None:
    with_findings(reports)
    with pytest.raises(NotPermitted):
        reports.give(Caller("app", frozenset({Role.APP}), None), CASE.id, "o1", OPINION)
    elsewhere = Caller("eye", frozenset({Role.CLINICIAN}), frozenset({"south"}))
    with pytest.raises(UnknownCase):
        reports.give(elsewhere, CASE.id, "o1", OPINION)


def test_where_nothing_was_reported_there_is_nothing_to_verify(reports: OpinionReports) -> None:
    with pytest.raises(NothingReported):
        reports.give(LOCAL_ADMINISTRATOR, CASE.id, "o1", OPINION)


def test_an_opinion_is_archived_in_the_study_and_queued(reports: OpinionReports) -> None:
    with_findings(reports)
    clinician = Caller("eye", frozenset({Role.CLINICIAN}), None)
    uid = reports.give(clinician, CASE.id, "o1", OPINION)
    first, second = kept(reports)
    assert (str(first.VerificationFlag), str(second.VerificationFlag)) == ("UNVERIFIED", "VERIFIED")
    assert (second.SOPInstanceUID, second.SeriesNumber, second.InstanceNumber) == (uid, SERIES_NUMBER, 1)
    assert second.PatientName == first.PatientName
    assert count(reports, DeliveryRow) == 1
    assert reports.archive.verify().sound


def test_the_same_opinion_makes_one_report_and_another_refers_to_it(reports: OpinionReports) -> None:
    with_findings(reports)
    uid = reports.give(LOCAL_ADMINISTRATOR, CASE.id, "o1", OPINION)
    again = reports.give(LOCAL_ADMINISTRATOR, CASE.id, "o2", replace(OPINION, diagnosis=None, comment="see again"))
    assert reports.give(LOCAL_ADMINISTRATOR, CASE.id, "o1", OPINION) == uid
    assert count(reports, InstanceRow) == 3
    last = kept(reports)[-1]
    assert (last.SOPInstanceUID, last.InstanceNumber) == (again, 2)
    referred = [
        str(instance.ReferencedSOPInstanceUID)
        for series in last.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
    assert referred == [PLACE.sop_instance_uid, uid]


def test_a_failure_before_the_commit_leaves_nothing(
    reports: OpinionReports, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_findings(reports)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("gateway.review.opinion_reports.enqueue", fails)
    with pytest.raises(RuntimeError, match="power cut"):
        reports.give(LOCAL_ADMINISTRATOR, CASE.id, "o1", OPINION)
    assert count(reports, InstanceRow) == 1
    assert len(list(storage.keys())) == 1
    assert list(storage.pending_keys()) == []
