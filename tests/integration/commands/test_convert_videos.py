"""`dermgate convert` with videos among the photos."""

import io
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from pydicom import dcmread

from gateway.conversion.facts import SopClass
from gateway.conversion.video import process
from gateway.conversion.video.errors import WorkGivenUp
from gateway.conversion.video.job import STORED, VideoWishes
from gateway.conversion.video.running import clean_video
from gateway.conversion.video.workplace import PREFIX
from tests.dicom_checks import object_faults
from tests.integration.commands.photos import Convert, contents, serve
from tests.peers import dciodvfy_errors
from tests.unit.conversion.video.samples import METADATA, SECRETS, make_video

DYING = "tests.integration.conversion.dying_worker"


def test_a_video_that_cannot_be_read_is_skipped_alone(folder: Path, convert: Convert) -> None:
    whole = make_video(folder / "in" / "cut.mp4", frames=4).read_bytes()
    (folder / "in" / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    make_video(folder / "in" / "long.mp4", frames=8, rate=Fraction(2))
    (folder / "dermgate.toml").write_text("[intake]\nmax_video_seconds = 3\n")
    code, records, _ = convert("in", "-o", "out")
    assert code == 1
    bad = {record["file"]: record["reason"] for record in records if record["state"] == "skipped"}
    assert set(bad) == {"cut.mp4", "long.mp4"}
    assert bad["long.mp4"] == "the video takes 4 seconds, and 3 are allowed"
    assert len(contents(folder / "out")) == 3


def test_a_video_larger_than_allowed_is_skipped(folder: Path, convert: Convert) -> None:
    make_video(folder / "in" / "v.mp4", frames=4)
    (folder / "dermgate.toml").write_text("[intake]\nmax_video_bytes = 1024\n")
    code, (record,), _ = convert("in/v.mp4", "-o", "out")
    assert (code, record["reason"]) == (1, "is larger than 1024 bytes")


def test_a_video_is_converted_by_its_content_with_what_it_says_of_itself(folder: Path, convert: Convert) -> None:
    make_video(folder / "in" / "v.mp4", frames=8, metadata=METADATA).rename(folder / "in" / "v.jpg")
    code, (record,), _ = convert("in/v.jpg", "-o", "out", "--names", "source")
    assert (code, record["dicom"]["sop_class_uid"]) == (0, SopClass.VIDEO_PHOTOGRAPHIC)
    file = contents(folder / "out")["v.jpg.dcm"]
    ds = dcmread(io.BytesIO(file))
    assert (ds.NumberOfFrames, ds.Modality, ds.StudyDate) == (8, "XC", "20260507")
    assert (object_faults(file), dciodvfy_errors(folder / "out" / "v.jpg.dcm")) == ([], [])
    assert not [secret for secret in SECRETS if secret in file]
    assert convert("in/v.jpg", "-o", "out", "--names", "source")[1][0]["state"] == "unchanged"


def test_photos_and_videos_of_a_case_share_the_study_and_a_series_has_one_modality(
    folder: Path, convert: Convert
) -> None:
    make_video(folder / "in" / "0.mp4", frames=4, metadata=METADATA)
    device = ("--device-maker", "M", "--device-model", "D", "--device-serial", "1", "--device-software", "2")
    said = ("--case-id", "visit", "--kind", "dermoscopic", *device)
    code, records, _ = convert("in", "-o", "out", "--names", "source", *said)
    assert code == 0
    objects = [dcmread(record["output"], stop_before_pixels=True) for record in records]
    assert len({ds.StudyInstanceUID for ds in objects}) == len({ds.StudyDate for ds in objects}) == 1
    series = {(int(ds.SeriesNumber), str(ds.SeriesInstanceUID), ds.Modality) for ds in objects}
    assert {(number, modality) for number, _, modality in series} == {(1, "XC"), (2, "DMS")}
    assert sorted((int(ds.SeriesNumber), int(ds.InstanceNumber)) for ds in objects) == [(1, 1), (2, 1), (2, 2), (2, 3)]


def test_dermoscopic_photos_of_unknown_devices_have_a_series_of_their_own(folder: Path, convert: Convert) -> None:
    (folder / "said.csv").write_text(
        "file,case_id,kind,device_maker,device_model,device_serial,device_software\n"
        "in/a.jpg,1,dermoscopic,M,D,1,2\nin/b.jpg,1,dermoscopic,,,,\nin/sub/c.png,1,dermoscopic,M,D,1,2\n"
    )
    code, records, _ = convert("in", "-o", "out", "--csv", "said.csv")
    assert code == 0
    objects = {record["file"]: dcmread(record["output"]) for record in records}
    placed = {name: (ds.Modality, int(ds.SeriesNumber), int(ds.InstanceNumber)) for name, ds in objects.items()}
    assert placed == {"a.jpg": ("DMS", 1, 1), "b.jpg": ("XC", 2, 1), "sub/c.png": ("DMS", 1, 2)}
    assert len({ds.SeriesInstanceUID for ds in objects.values()}) == 2


def test_a_case_of_videos_alone_is_one_study(folder: Path, convert: Convert) -> None:
    (folder / "films").mkdir()
    for name in ("v1.mp4", "v2.mp4"):
        make_video(folder / "films" / name, frames=4 + len(name), metadata=METADATA)
    code, records, _ = convert("films", "-o", "out", "--case-id", "visit")
    assert code == 0
    objects = [dcmread(record["output"], stop_before_pixels=True) for record in records]
    assert len({(ds.StudyInstanceUID, ds.StudyDate, ds.StudyTime, ds.PatientID) for ds in objects}) == 1
    assert [(int(ds.SeriesNumber), int(ds.InstanceNumber)) for ds in objects] == [(1, 1), (1, 2)]


def test_a_video_is_judged_by_its_frames(folder: Path, convert: Convert) -> None:
    serve(folder, "usable")
    make_video(folder / "in" / "v.mp4", frames=8)
    code, (record,), _ = convert("in/v.mp4", "-o", "out", "--judge")
    assert (code, record["judgement"]["usable"]) == (0, True)
    assert 1 <= record["judgement"]["frame"] <= 8
    report = dcmread(record["report"]["output"])
    assert report.StudyInstanceUID == record["dicom"]["study_instance_uid"]
    assert dciodvfy_errors(Path(record["report"]["output"])) == []


def test_what_is_no_fault_of_a_video_is_told_so(
    folder: Path, convert: Convert, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_video(folder / "in" / "v.mp4", frames=2)
    for worker, reason in (("tests.no_such_module", "cannot begin"), (DYING, "died: Killed")):
        monkeypatch.setattr(process, "WORKER", worker)
        code, (record,), _ = convert("in/v.mp4", "-o", "out")
        assert (code, record["state"]) == (1, "skipped")
        assert reason in record["reason"]
    assert list((folder / "out").iterdir()) == []


def test_what_a_killed_run_left_of_a_video_goes_with_the_next(folder: Path, convert: Convert) -> None:
    left = folder / "out" / f"{PREFIX}left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / STORED).touch()
    assert convert("in", "-o", "out")[0] == 0
    assert not left.exists()


def test_a_video_that_nobody_waits_for_is_given_up(tmp_path: Path) -> None:
    source = make_video(tmp_path / "v.mp4", frames=4)
    with (
        source.open("rb") as stream,
        pytest.raises(WorkGivenUp),
        clean_video(stream, VideoWishes(), tmp_path, stopping=lambda: True),
    ):
        pass


def test_a_video_is_given_up_where_who_waits_for_it_is_killed(tmp_path: Path) -> None:
    """Its process ends, and its folder goes."""
    source = make_video(tmp_path / "v.mp4", frames=90, size=(1280, 720), pixels="yuv420p10le")
    (tmp_path / "work").mkdir()
    program = (
        "import sys; from pathlib import Path; from gateway.conversion.video.running import clean_video;"
        "from gateway.conversion.video.job import VideoWishes;"
        "clean_video(open(sys.argv[1], 'rb'), VideoWishes(), Path(sys.argv[2])).__enter__()"
    )
    waiting = subprocess.Popen([sys.executable, "-c", program, str(source), str(tmp_path / "work")])
    _until(lambda: list((tmp_path / "work").glob("*/*.mp4")))
    waiting.kill()
    waiting.wait()
    _until(lambda: not list((tmp_path / "work").iterdir()))


def _until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
