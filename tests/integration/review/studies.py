"""A case with a photo in its study, and what becomes of it, for the tests of opinions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydicom.dataset import Dataset
from sqlalchemy import func, select

from gateway.access.caller import LOCAL_ADMINISTRATOR
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.indexing import Origin, Sender
from gateway.archive.reports import headers_of, known_report, own_objects
from gateway.archive.service import ArchiveService
from gateway.config import Settings
from gateway.conversion.findings.model_report import model_report
from gateway.database import Base, Database
from gateway.intake.sample_facts import photos_of_case
from gateway.review.answering import Answering
from gateway.review.cases import open_case
from gateway.review.opinion_reports import OpinionReports
from gateway.review.opinions import Said
from gateway.review.places import Case
from gateway.review.referrals import refer, referral_of
from tests.integration.review.cases import case
from tests.unit.archive.samples import part10, photo
from tests.unit.conversion.findings.samples import DEVICE, PLACE, findings, image_header

HOSPITAL = "default"
CASE = case("a" * 32, replace(case().patient, hospital=HOSPITAL), study="2.25.10")
SAID = Said("Kim^Doctor=金^醫師=김^의사", "서울병원", ("melanoma",), "절제 권유")
GIVEN_AT = datetime(2026, 5, 2, 1, 0, tzinfo=UTC)


def settings(folder: Path, **sections: object) -> Settings:
    """With one PACS, and an institution."""
    tree: dict[str, object] = {
        "archive": {"storage": str(folder / "objects")},
        "site": {"institution": "서울병원", "timezone": "Asia/Seoul"},
        "destinations": [{"name": "pacs", "port": 4242, "ae_title": "PACS"}],
    }
    return Settings.model_validate(tree | sections)


class Clinic:
    """A gateway's review side over a database, with one case that is referred."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.storage = FolderStorage(Path(settings.archive.storage))
        self.archive = ArchiveService(database, self.storage)
        self.reports = OpinionReports(database, self.archive, settings, "1.2.3")
        self.answering = Answering(self.reports, photos_of_case)
        with database.write() as unit_of_work:
            open_case(unit_of_work, CASE)
        self.refer()

    @property
    def referral_id(self) -> str:
        """Of the case."""
        with self.database.read() as session:
            referral = referral_of(session, CASE.id)
        assert referral is not None
        return referral.id

    def refer(self, *reasons: str) -> None:
        """As a photo does that the models are not sure of."""
        with self.database.write() as unit_of_work:
            refer(unit_of_work, hospital=HOSPITAL, case_id=CASE.id, reasons=reasons or ["undecided"])

    def add_photo(self, number: int = 12, *, origin: Origin = Origin.INTAKE, **changes: str) -> str:
        """Archive a photo in the case's study; its SOP Instance UID. `changes` are attributes by keyword."""
        header = image_header()
        taken_over = {
            element.keyword: element.value for element in header if element.keyword not in {"Rows", "Columns"}
        }
        ds = photo(**{**taken_over, "SOPInstanceUID": f"2.25.{number}", **changes})
        with self.archive.staged([part10(ds)]) as staged, self.database.write() as unit_of_work:
            self.archive.index(unit_of_work, LOCAL_ADMINISTRATOR, staged, sender=Sender(origin, "x"), hospital=HOSPITAL)
        return f"2.25.{number}"

    def add_findings(self) -> str:
        """Archive the models' report of the photo 2.25.12; its SOP Instance UID."""
        report = model_report(findings(), image_header(), PLACE, DEVICE)
        with (
            self.archive.staged([report.data], known_report(report)) as staged,
            self.database.write() as unit_of_work,
        ):
            sender = Sender(Origin.INTAKE, "x")
            self.archive.index(unit_of_work, LOCAL_ADMINISTRATOR, staged, sender=sender, hospital=HOSPITAL)
        return PLACE.sop_instance_uid

    def kept(self, case: Case = CASE) -> list[Dataset]:
        """The headers of the reports in the study, oldest first."""
        with self.database.read() as session:
            objects = own_objects(session, HOSPITAL, case.study_instance_uid)
            return headers_of(session, [one for one in objects if one.is_report])

    def count(self, table: type[Base]) -> int:
        """Rows of a table."""
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def objects(self) -> tuple[int, int]:
        """How many objects the storage holds, and how many of them nobody has settled."""
        return len(list(self.storage.keys())), len(list(self.storage.pending_keys()))


def referred_to(report: Dataset) -> Sequence[str]:
    """The SOP Instance UIDs of a report's predecessors."""
    return [
        str(instance.ReferencedSOPInstanceUID)
        for study in report.get("PredecessorDocumentsSequence", ())
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
