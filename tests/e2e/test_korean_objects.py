"""Objects of Korean devices, in ISO 2022 KR and in UTF-8: kept byte for byte, found over DIMSE and the web, shown.

What findscu asks is written in the same character sets, each for objects in the other too. That the viewer lists them
is in `test_viewer`.
"""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicomweb.rendering.annotations import written
from dicomweb.rendering.fonts import STAND_IN, drawable
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.korean import CHARACTER_SETS, DESCRIPTION, HANGUL, IDEOGRAPHIC, korean, run, stored
from tests.e2e.photos import photo

pytestmark = pytest.mark.peer


@pytest.fixture(params=CHARACTER_SETS)
def character_set(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sent(character_set: str, gateway: GatewayProcess, tmp_path: Path) -> tuple[Path, str, str]:
    """A photo whose texts are Korean, stored by storescu: the file, its patient's id, and where it is on the web."""
    path, patient_id = korean(gateway.dicom(gateway.accepted(photo(300))), character_set, tmp_path)
    return path, patient_id, stored(gateway, path, "--propose-jpeg8")


def test_they_are_kept_as_they_came(gateway: GatewayProcess, sent: tuple[Path, str, str]) -> None:
    path, _, url = sent
    assert data_set(gateway.dicom({"dicom": {"url": url}})) == data_set(path.read_bytes())


@pytest.mark.parametrize("asked", ["홍*", "洪^吉洞", "hong^gil*", "*길동"])
@pytest.mark.parametrize("typed", CHARACTER_SETS)
def test_they_are_found_over_both_with_their_letters(
    gateway: GatewayProcess, sent: tuple[Path, str, str], tmp_path: Path, asked: str, typed: str
) -> None:
    path, patient_id, _ = sent
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


def test_a_report_is_read_in_a_browser_with_its_letters(
    gateway: GatewayProcess, browser: Browser, character_set: str, tmp_path: Path
) -> None:
    path, patient_id = korean(report(gateway), character_set, tmp_path)
    url = stored(gateway, path, "--required")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{gateway.url}{url}/rendered")
        for words in ("Hong Gildong (洪 吉洞, 홍 길동)", patient_id, DESCRIPTION):
            expect(page.get_by_role("definition").filter(has_text=words)).to_be_visible()


def test_a_name_is_written_onto_the_picture_with_its_letters(
    gateway: GatewayProcess, sent: tuple[Path, str, str]
) -> None:
    _, patient_id, url = sent
    name = "Hong Gildong (홍 길동, 洪 吉洞)"
    if STAND_IN in drawable(name):
        pytest.skip("no font with Hangul and Hanja on this machine")
    plain, annotated = picture(gateway, url), picture(gateway, url, annotation="patient")
    about = gateway.http.get(f"{url}/metadata").raise_for_status().json()[0]
    assert not {"00100030", "00100040", "00101010"} & {tag for tag, member in about.items() if "Value" in member}
    assert annotated.tobytes() == written(plain, [name, patient_id]).tobytes()
    assert annotated.tobytes() != plain.tobytes()


def report(gateway: GatewayProcess) -> bytes:
    """The report that the gateway makes of a photo."""
    dicom = gateway.accepted(photo(301))["dicom"]
    study = f"/dicom-web/studies/{dicom['study_instance_uid']}"
    (made,) = gateway.http.get(f"{study}/instances", params={"Modality": "SR"}).raise_for_status().json()
    series_uid, uid = (made[tag]["Value"][0] for tag in ("0020000E", "00080018"))
    return gateway.dicom({"dicom": {"url": f"{study}/series/{series_uid}/instances/{uid}"}})


def picture(gateway: GatewayProcess, url: str, **parameters: str) -> Image.Image:
    """An instance as it is rendered, without loss; every letter on it is one."""
    headers = {"Accept": "image/png"}
    answer = gateway.http.get(f"{url}/rendered", params=parameters, headers=headers).raise_for_status()
    assert "warning" not in answer.headers
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


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


def data_set(file: bytes) -> bytes:
    """The bytes behind the file meta information."""
    length = int.from_bytes(file[140:144], "little")
    return file[144 + length :]
