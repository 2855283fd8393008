"""Videos over HTTP: kept at once, worked on in the background, judged by a frame, archived as a video."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import generate_fragments

from gateway.conversion.video import process
from gateway.conversion.video.workplace import PREFIX
from gateway.intake import background, receive
from tests.integration.intake.conftest import MakeSettings
from tests.integration.intake.served import Served
from tests.unit.conversion.video.samples import METADATA, SECRETS, decoded, make_video

MOST_BYTES = 400 * 1024


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, settings_for: MakeSettings) -> Iterator[Served]:
    """A gateway that takes videos of 400 KB and photos of less."""
    folder = tmp_path_factory.mktemp("gateway")
    limits = {"max_bytes": 20 * 1024, "max_video_bytes": MOST_BYTES, "max_video_seconds": 5, "video_frames": 2}
    with Served(settings_for(folder, intake=limits)) as made:
        made.http.timeout = 120
        yield made


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = make_video(tmp_path_factory.mktemp("video") / "v.mp4", metadata=METADATA, options={"crf": "10"})
    assert path.stat().st_size > 20 * 1024, "larger than a photo may be"
    return path


def _work(served: Served) -> None:
    assert not served.photos.background.work_once(), "photos do not wait behind videos"
    assert served.photos.videos.work_once()


def test_a_video_is_kept_and_then_accepted_by_a_frame(served: Served, video: Path) -> None:
    fields = {"body_site": "forearm", "patient_id": "V-1"}
    answer = served.post(video.read_bytes(), fields, {"Idempotency-Key": "video"})
    assert (answer.status_code, answer.json()["state"]) == (202, "processing")
    assert served.post(video.read_bytes(), fields, {"Idempotency-Key": "video"}).content == answer.content
    _work(served)
    url = f"/api/v1/photos/{answer.json()['id']}"
    shown = served.get(url)
    assert shown["state"] == "accepted"
    assert 1 <= shown["judgement"]["frame"] <= 12
    assert shown["dicom"]["sop_class_uid"] == "1.2.840.10008.5.1.4.1.1.77.1.4.1"
    assert served.http.get(f"{url}/picture").headers["content-type"] == "image/jpeg"
    _assert_holds(served, shown["dicom"]["sop_instance_uid"], video)
    _assert_reported(served, shown)
    _assert_with_photos(served, shown["case_id"], video)
    assert served.http.delete(url).status_code == 204


def _assert_holds(served: Served, uid: str, video: Path) -> None:
    """The object's stream decodes to the very frames that were posted, and says nothing of who took them."""
    for key in list(served.gateway.storage.keys()):
        if not key.endswith(".dcm"):
            continue
        with served.gateway.storage.open(key) as stream:
            data = stream.read()
        dataset = dcmread(io.BytesIO(data))
        if dataset.SOPInstanceUID != uid:
            continue
        assert not [secret for secret in SECRETS if secret in data]
        offsets, fragment = generate_fragments(dataset.PixelData)
        assert offsets == b"", "one fragment needs no table of offsets"
        with av.open(io.BytesIO(fragment), mode="r") as container:
            shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(shown) == dataset.NumberOfFrames
        assert all(np.array_equal(a, b) for a, b in zip(shown, decoded(video), strict=True))
        return
    pytest.fail("the object is not in the storage")


def _assert_reported(served: Served, shown: dict[str, Any]) -> None:
    """The models' report names the video and the frame that was judged, wherever it names an image."""
    report = served.get(shown["dicom"]["report"]["url"] + "/metadata", accept="application/dicom+json")[0]
    images = list(_images(report))
    assert {uid for uid, _ in images} == {shown["dicom"]["sop_instance_uid"]}
    assert {frame for _, frame in images} == {shown["judgement"]["frame"]}


def _images(item: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for child in item.get("0040A730", {}).get("Value", ()):
        if child["0040A040"]["Value"] == ["IMAGE"]:
            (image,) = child["00081199"]["Value"]
            yield image["00081155"]["Value"][0], image["00081160"]["Value"][0]
        yield from _images(child)


def _assert_with_photos(served: Served, case_id: str, video: Path) -> None:
    """A second video of the case is the next of the same series."""
    again = served.post(video.read_bytes(), {"case_id": case_id, "body_site": "forearm"}).json()
    _work(served)
    shown = served.get(f"/api/v1/photos/{again['id']}")
    metadata = served.get(shown["dicom"]["url"] + "/metadata", accept="application/dicom+json")[0]
    assert (metadata["00200011"]["Value"], metadata["00200013"]["Value"]) == ([1], [2])


def test_a_video_that_cannot_be_read_is_rejected_with_the_problem(served: Served, video: Path) -> None:
    before = len(list(served.gateway.storage.keys()))
    answer = served.post(video.read_bytes()[:3000])
    assert answer.status_code == 202
    _work(served)
    shown = served.get(f"/api/v1/photos/{answer.json()['id']}")
    assert (shown["state"], shown["problem"]["code"]) == ("rejected", "damaged_picture")
    assert len(list(served.gateway.storage.keys())) == before


def test_what_is_no_fault_of_a_video_never_rejects_it(
    served: Served, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that cannot begin is waited for; one that dies is tried again, and not for ever."""
    url = f"/api/v1/photos/{served.post(video.read_bytes()).json()['id']}"
    for setting in ("RETRY", "DOUBT"):
        monkeypatch.setattr(background, setting, timedelta(0))
    monkeypatch.setattr(process, "WORKER", "tests.no_such_module")
    for _ in range(background.MAX_ATTEMPTS + 1):
        assert not served.photos.videos.work_once()
    monkeypatch.setattr(process, "WORKER", "tests.integration.conversion.dying_worker")
    for _ in range(background.MAX_ATTEMPTS):
        assert served.get(url)["state"] == "processing"
        assert not served.photos.videos.work_once()
    _work(served)
    assert (served.get(url)["state"], served.get(url)["problem"]["code"]) == ("rejected", "processing_failed")


def test_a_video_is_worked_on_beside_the_objects_and_leaves_nothing(served: Served, video: Path) -> None:
    workplace = Path(served.gateway.settings.archive.storage) / "working"
    left = workplace / f"{PREFIX}left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    served.post(video.read_bytes())
    _work(served)
    assert list(workplace.iterdir()) == []


def test_what_is_refused_leaves_nothing(served: Served, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "VIDEO_CHUNK_BYTES", 1024)
    before = served.holdings()
    assert served.post(video.read_bytes() + bytes(MOST_BYTES)).status_code == 413
    assert served.post(video.read_bytes(), {"body_site": "nowhere"}).status_code == 422
    assert served.holdings() == before
