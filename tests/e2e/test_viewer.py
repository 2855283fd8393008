"""The viewer that comes with the gateway lists the studies and shows the pictures in their colours."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels import pixel_array
from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit, generate_uid

from deploy.viewer.__main__ import install
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.korean import DESCRIPTION, HANGUL, korean, stored
from tests.e2e.viewer import Viewer, viewer
from tests.peers import REPOSITORY, require
from tests.unit.conversion.object_kinds import KINDS, file_of
from tests.unit.conversion.video.samples import make_video
from tests.unit.conversion.video.samples import scene as video_scene

VIDEO_SECONDS = 60.0
_OF_PILLOW = frozenset({JPEGBaseline8Bit, JPEG2000, JPEG2000Lossless})
VIEWER = REPOSITORY / ".cache" / "viewer"

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway with OHIF in its folder; what npm brought stays for the next run."""
    require("npm")
    install(VIEWER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DERMGATE_HTTP__VIEWER", str(VIEWER))
        with GatewayProcess(tmp_path_factory.mktemp("viewer")) as running:
            yield running


@pytest.fixture
def keyed(
    gateway: GatewayProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[GatewayProcess, str]]:
    """A gateway that answers to keys alone, and the key of somebody who may do everything."""
    monkeypatch.setenv("DERMGATE_HTTP__VIEWER", str(VIEWER))
    with GatewayProcess(tmp_path, models=gateway.models) as running:
        made = running.run("keys", "create", "doctor", "--role", "administrator")
        assert made.returncode == 0, made.stderr
        yield running, made.stdout.split()[-1]


@pytest.fixture
def opened(gateway: GatewayProcess) -> Iterator[Viewer]:
    """The viewer; the test fails where it asks anybody but the gateway, or breaks the rules of its pages."""
    with viewer(gateway.url) as made:
        yield made
        assert (made.elsewhere, made.violations, made.refused) == ([], [], [])


def coloured(rows: int = 900, columns: int = 1200) -> Image.Image:
    """A picture whose corners differ in colour, so that neither a turn nor swapped channels go unseen."""
    y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    pixels = np.stack([60 + 180 * x, 220 - 160 * y, 90 + 100 * x * y], axis=-1).clip(0, 255).astype(np.uint8)
    pixels[rows // 5 : rows // 3, columns // 4 : columns // 2] = (200, 30, 40)
    return Image.fromarray(pixels)


def encoded(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=92)
    return target.getvalue()


@pytest.mark.timeout(600)
def test_a_posted_photo_is_listed_and_shown_in_its_colours(gateway: GatewayProcess, opened: Viewer) -> None:
    """VL Photographic, from the photo to the viewport."""
    picture = coloured()
    fields = {"patient_id": "4711", "patient_name": "Hong^Gildong=洪^吉童=홍^길동", "accession_number": "A-4711"}
    dicom = gateway.accepted(encoded(picture), fields)["dicom"]
    opened.row("Hong, Gildong", "XC", "A-4711", "| 2 |")
    opened.open(dicom["study_instance_uid"], dicom["series_instance_uid"])
    opened.shows(picture)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("character_set", ["ISO 2022 KR", pytest.param("UTF-8", marks=pytest.mark.long)])
def test_what_korean_devices_store_is_listed_and_shown(
    gateway: GatewayProcess, opened: Viewer, tmp_path: Path, character_set: str
) -> None:
    """One whose name is in Hangul alone, as many write it; OHIF shows a name's first group."""
    picture = coloured()
    accession_number = f"A-{character_set}"
    file = gateway.dicom(gateway.accepted(encoded(picture), {"accession_number": accession_number}))
    path, _ = korean(file, character_set, tmp_path, name=HANGUL)
    stored(gateway, path, "--propose-jpeg8")
    opened.row("홍, 길동", DESCRIPTION, accession_number)
    ds = pydicom.dcmread(path)
    opened.open(ds.StudyInstanceUID, ds.SeriesInstanceUID)
    opened.shows(picture)


@pytest.mark.long
def test_the_key_of_the_pages_is_the_viewers_as_well(keyed: tuple[GatewayProcess, str]) -> None:
    gateway, key = keyed
    with viewer(gateway.url) as made:
        made.page.add_init_script(f"sessionStorage.setItem('dermgate-key', '{key}')")
        fields = {"patient_id": "4714", "patient_name": "Kim^Minji"}
        answer = gateway.post(encoded(coloured()), fields, {"Authorization": f"Bearer {key}"})
        dicom = answer.json()["dicom"]
        made.row("Kim, Minji")
        made.open(dicom["study_instance_uid"], dicom["series_instance_uid"])
        made.shows(coloured())
        assert made.refused == []


@pytest.mark.long
@pytest.mark.parametrize("kind", [kind for kind in KINDS if "video" not in kind])
def test_every_kind_of_picture_is_shown_in_its_colours(gateway: GatewayProcess, opened: Viewer, kind: str) -> None:
    """Photographs, dermoscopic pictures, captures, pages of several frames (the first of them)."""
    ds = _renewed(file_of(kind))
    _store(gateway, ds)
    opened.open(ds.StudyInstanceUID, ds.SeriesInstanceUID)
    opened.shows(_first_frame(ds))


@pytest.mark.long
def test_a_video_shows_its_frames(gateway: GatewayProcess, opened: Viewer, tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4", frames=60)
    answer = gateway.post(video.read_bytes(), {"patient_id": "4712"})
    assert answer.status_code == 202, answer.text
    dicom = _settled(gateway, answer.json()["id"])["dicom"]
    opened.open(dicom["study_instance_uid"], dicom["series_instance_uid"])
    opened.shows(Image.fromarray(video_scene(0)), tolerance=40)


@pytest.mark.long
def test_a_report_stands_beside_the_picture_it_is_about(gateway: GatewayProcess, opened: Viewer) -> None:
    dicom = gateway.accepted(encoded(coloured()), {"patient_id": "4713"})["dicom"]
    opened.open(dicom["study_instance_uid"], dicom["series_instance_uid"])
    opened.names("Model findings")


def _settled(gateway: GatewayProcess, submission_id: str) -> dict[str, Any]:
    """A submission once the gateway is done with it."""
    deadline = time.monotonic() + VIDEO_SECONDS
    while (submission := gateway.photo(submission_id))["state"] == "processing":
        assert time.monotonic() < deadline, "the video is not done"
        time.sleep(0.2)
    assert submission["state"] == "accepted"
    return submission


def _renewed(file: bytes) -> Dataset:
    """The same object in a study of its own."""
    ds = pydicom.dcmread(io.BytesIO(file))
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(ds, keyword, generate_uid())
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds


def _store(gateway: GatewayProcess, ds: Dataset) -> None:
    target = io.BytesIO()
    ds.save_as(target, enforce_file_format=True)
    headers = {"Content-Type": "application/dicom"}
    gateway.http.post("/dicom-web/studies", content=target.getvalue(), headers=headers).raise_for_status()


_FINER = 8
"""How much finer a stretched picture is, so that its edges are where they belong."""


def _first_frame(ds: Dataset) -> Image.Image:
    """As decoded without the viewer, pixels as wide and high as their spacing says.

    Grey that says no window is shown from its darkest value to its brightest.
    """
    if ds.file_meta.TransferSyntaxUID in _OF_PILLOW:
        frame = next(generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1))))
        pixels = np.asarray(Image.open(io.BytesIO(frame)))
    else:
        pixels = pixel_array(ds, index=0)
    if pixels.ndim == 2 and "WindowCenter" not in ds:
        low, high = float(pixels.min()), float(pixels.max())
        pixels = ((pixels - low) * 255 / (high - low)).round().astype(np.uint8)
    picture = Image.fromarray(pixels).convert("RGB")
    down, across = ds.get("PixelSpacing", (1, 1))  # of rows and of columns, PS3.3 10.7.1.1
    if across == down:
        return picture
    return picture.resize((round(picture.width * _FINER * across / down), picture.height * _FINER))
