"""A study of everything: each object is valid by itself, and together they tell one patient, one study, true series.

dcentvfy, of the makers of dciodvfy, compares what objects say of the same patient, study, series and equipment.
"""

import subprocess
from pathlib import Path

import pytest
from PIL import Image
from pydicom.dataset import FileDataset

from gateway.review.referrals import refer
from tests.e2e.photos import photo
from tests.integration.intake.archived import all_objects
from tests.integration.intake.served import Served
from tests.integration.intake.test_one_case import DEVICE, _pages
from tests.peers import dciodvfy_errors, require
from tests.unit.conversion.video.samples import make_video

PATIENT = {
    "patient_id": "P-1", "issuer_of_patient_id": "HOSP", "patient_name": "Hong^Gildong=洪^吉洞=홍^길동",
    "patient_birth_date": "1980-01-02", "patient_sex": "F", "patient_age": "46", "accession_number": "A-1",
    "admission_id": "V-1", "referring_physician": "Lee^A", "study_description": "Rash",
}  # fmt: skip
OPINION = {"doctor": "Kim^Doctor", "organization": "Hospital", "diagnoses": ["nevus"], "comment": "benign"}

ALLOWED = ("Different information entities for attribute - Element=<AccessionNumber> IE <Series> versus <Study>",)
"""An order's number stands in the study and, of the same name, in an item of a series' Request Attributes."""


def _phone(maker: str, number: int) -> bytes:
    block = Image.Exif()
    block[0x010F], block[0x0110], block[0x0131] = maker, "X", "1.0"
    return photo(number, exif=block.tobytes())


def _complaints(folder: Path, files: list[FileDataset]) -> list[str]:
    paths = [folder / f"{number}.dcm" for number in range(len(files))]
    for path, file in zip(paths, files, strict=True):
        file.save_as(path)
        assert dciodvfy_errors(path) == []
    command = [str(require("dcentvfy")), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    return [line for line in lines if line.strip() and not any(known in line for known in ALLOWED)]


@pytest.mark.peer
def test_whatever_a_case_is_made_of_its_objects_agree(fresh: Served, tmp_path: Path) -> None:
    case = {"case_id": fresh.accepted(_phone("Apple", 1), {**PATIENT, "operator": "Kim"})["case_id"]}
    further: list[tuple[bytes, dict[str, str]]] = [
        (_phone("Apple", 2), {"operator": "Kim"}),
        (_phone("Apple", 3), {"operator": "Lee"}),
        (_phone("Samsung", 4), {"patient_id": "P-1", "patient_name": "홍^길동"}),
        (photo(5), {}),
        (photo(6), {"kind": "dermoscopic", "lesion_id": "L1", "immersion": "ALCOHOL", **DEVICE}),
        (photo(7), {"kind": "dermoscopic", "lesion_id": "L1"}),
        (_pages(8, 9), {"body_site": "cheek", "laterality": "L"}),
        (photo(10, "PNG"), {"body_site": "cheek", "laterality": "L", "requested_procedure_id": "R-1"}),
    ]
    for picture, fields in further:
        fresh.accepted(picture, {**case, **fields})
    assert fresh.post(make_video(tmp_path / "v.mp4").read_bytes(), {**case, "operator": "Kim"}).status_code == 202
    assert fresh.photos.videos.work_once()
    _give_opinion(fresh, case["case_id"])
    files = all_objects(fresh)
    assert len({file.SOPClassUID for file in files}) == 5, "photo, dermoscopic, several frames, video, reports"
    assert len(files) == 2 * 10 + 1
    assert len({file.StudyInstanceUID for file in files}) == 1
    assert _complaints(tmp_path, files) == []


@pytest.mark.peer
def test_the_check_sees_what_it_is_for(fresh: Served, tmp_path: Path) -> None:
    fresh.accepted(photo(1), PATIENT)
    first = all_objects(fresh)[0]
    other = all_objects(fresh)[0]
    other.PatientName, other.SOPInstanceUID = "Somebody^Else", "2.25.7"
    other.file_meta.MediaStorageSOPInstanceUID = other.SOPInstanceUID
    assert any("PatientName" in line for line in _complaints(tmp_path, [first, other]))


def _give_opinion(fresh: Served, case_id: str) -> None:
    with fresh.gateway.database.write() as unit_of_work:
        refer(unit_of_work, hospital="default", case_id=case_id, reasons=["undecided"])
    (referral,) = fresh.get("/api/v1/referrals")["referrals"]
    answer = fresh.http.post(f"/api/v1/referrals/{referral['id']}/opinion", json=OPINION)
    assert answer.status_code == 201, answer.text
