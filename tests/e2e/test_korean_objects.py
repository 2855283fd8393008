"""Objects of Korean devices, in ISO 2022 KR and in UTF-8: kept byte for byte, found over DIMSE and the web, shown.

What findscu asks is written in the same character sets, each for objects in the other too.
"""

import io
import subprocess
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import photo
from tests.peers import LOOPBACK, require

pytestmark = pytest.mark.peer

ESCAPE = b"\x1b$)C"
"""ISO 2022 IR 149 into G1 (PS3.3 C.12.1.1.2, PS3.5 Annex I)."""
IDEOGRAPHIC, HANGUL = "洪^吉洞", "홍^길동"
DESCRIPTION = "왼쪽 팔의 반점"
CHARACTER_SETS = {"ISO 2022 KR": ["", "ISO 2022 IR 149"], "UTF-8": ["ISO_IR 192"]}


@pytest.fixture(params=CHARACTER_SETS)
def sent(request: pytest.FixtureRequest, gateway: GatewayProcess, tmp_path: Path) -> tuple[Path, str]:
    """A photo whose texts are Korean, stored by storescu; the file and its patient's id."""
    ds = dcmread(io.BytesIO(gateway.dicom(gateway.accepted(photo(300)))))
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        setattr(ds, keyword, generate_uid())
    patient_id = f"KR-{ds.StudyInstanceUID[-12:]}"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.decode()
    ds.SpecificCharacterSet = CHARACTER_SETS[request.param]
    ds.PatientID, ds.PatientName = patient_id, f"Hong^Gildong={IDEOGRAPHIC}={HANGUL}"
    ds.StudyDescription = DESCRIPTION
    path = tmp_path / "korean.dcm"
    ds.save_as(path, enforce_file_format=True)
    assert (ESCAPE in path.read_bytes()) == (request.param != "UTF-8")
    done = run(gateway, "storescu", "--propose-jpeg8", str(path))
    assert done.returncode == 0, done.stderr
    return path, patient_id


def test_they_are_kept_as_they_came(gateway: GatewayProcess, sent: tuple[Path, str]) -> None:
    path, _ = sent
    ds = dcmread(path)
    url = f"/dicom-web/studies/{ds.StudyInstanceUID}/series/{ds.SeriesInstanceUID}/instances/{ds.SOPInstanceUID}"
    assert data_set(gateway.dicom({"dicom": {"url": url}})) == data_set(path.read_bytes())


@pytest.mark.parametrize("asked", ["홍*", "洪^吉洞", "hong^gil*", "*길동"])
@pytest.mark.parametrize("typed", CHARACTER_SETS)
def test_they_are_found_over_both_and_shown_right(
    gateway: GatewayProcess, sent: tuple[Path, str], tmp_path: Path, asked: str, typed: str
) -> None:
    path, patient_id = sent
    study_uid = str(dcmread(path).StudyInstanceUID)
    query = {"PatientName": asked, "PatientID": patient_id, "includefield": "StudyDescription"}
    (on_the_web,) = gateway.http.get("/dicom-web/studies", params=query).raise_for_status().json()
    assert on_the_web["0020000D"]["Value"] == [study_uid]
    assert on_the_web["00100010"]["Value"] == [
        {"Alphabetic": "Hong^Gildong", "Ideographic": IDEOGRAPHIC, "Phonetic": HANGUL}
    ]
    assert on_the_web["00081030"]["Value"] == [DESCRIPTION]
    answer = found(gateway, tmp_path, patient_id, asked, typed)
    assert answer.StudyInstanceUID == study_uid
    assert (answer.PatientName.ideographic, answer.PatientName.phonetic) == (IDEOGRAPHIC, HANGUL)
    assert answer.StudyDescription == DESCRIPTION


def found(gateway: GatewayProcess, folder: Path, patient_id: str, name: str, typed: str) -> Dataset:
    """What findscu is answered to a query whose name is written in a character set."""
    keys = Dataset()
    keys.SpecificCharacterSet, keys.PatientName = CHARACTER_SETS[typed], name
    keys.QueryRetrieveLevel, keys.PatientID, keys.StudyInstanceUID, keys.StudyDescription = "STUDY", patient_id, "", ""
    asked, answers = folder / "asked.dcm", folder / "answers"
    keys.save_as(asked, implicit_vr=False, little_endian=True)
    answers.mkdir()
    done = run(gateway, "findscu", "-S", "-X", "-od", str(answers), str(asked))
    assert done.returncode == 0, done.stderr
    (answer,) = [dcmread(path, force=True) for path in answers.iterdir()]
    answer.decode()
    return answer


def run(gateway: GatewayProcess, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(require(program)), *arguments[:-1], LOOPBACK, str(gateway.dimse_port), arguments[-1]]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def data_set(file: bytes) -> bytes:
    """The bytes behind the file meta information."""
    length = int.from_bytes(file[140:144], "little")
    return file[144 + length :]
