"""Videos as others see them: dciodvfy, dcmdump and Orthanc; and the reader under hostile files, in its own process."""

import io
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from dimse.addresses import RemoteAE
from dimse.outgoing import OutgoingInstance
from dimse.reactions import Reaction
from dimse.send import StorageSender
from gateway.conversion.errors import PictureError
from gateway.conversion.video.errors import VideoTooCostlyError
from gateway.conversion.video.job import STORED, VideoWishes
from gateway.conversion.video.probed import VideoLimits
from gateway.conversion.video.running import CleanVideo, clean_video
from gateway.conversion.video.to_dicom import video_to_dicom
from gateway.conversion.video.working import work
from tests.peers import LOOPBACK, Orthanc, dciodvfy_errors, require
from tests.unit.conversion.samples import facts
from tests.unit.conversion.video.samples import METADATA, SECRETS, make_video

TEN_SECONDS = 300
ALLOWED = "MultiplexedAudioChannelsDescriptionCodeSequence"
FEW, MANY = 150, 10_000
SECONDS_EACH = 5.0
STUCK_SECONDS = 60
ADDRESS_SPACE_BYTES = 3 << 30
REPOSITORY = Path(__file__).parents[3]


def _object(source: Path, target: Path) -> Path:
    with (
        source.open("rb") as stream,
        clean_video(stream, VideoWishes(stills=2), target.parent) as video,
        video_to_dicom(video, facts()) as made,
        target.open("wb") as file,
    ):
        file.writelines(made.parts)
    return target


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The object of a video of ten seconds, as it was coded."""
    folder = tmp_path_factory.mktemp("video")
    source = make_video(folder / "v.mov", container="mov", frames=TEN_SECONDS, metadata=METADATA, sound=True)
    return _object(source, folder / "v.dcm")


@pytest.mark.peer
def test_the_validator_and_dcmdump_read_the_object(kept: Path) -> None:
    assert [line for line in dciodvfy_errors(kept) if ALLOWED not in line] == []
    dumped = subprocess.run([require("dcmdump"), kept], check=True, capture_output=True, text=True, timeout=60).stdout
    assert "PixelSequence #=2" in dumped, "an empty offset table and one fragment"


def test_ten_seconds_are_not_coded_anew(kept: Path) -> None:
    dataset = dcmread(kept)
    assert (dataset.NumberOfFrames, dataset.ImageType[0]) == (TEN_SECONDS, "ORIGINAL")
    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.102"
    assert len(dataset.PixelData) % 2 == 0
    assert not [secret for secret in SECRETS if secret in kept.read_bytes()]


@pytest.mark.peer
def test_orthanc_takes_it_and_gives_it_back(kept: Path, orthanc: Orthanc) -> None:
    dataset = dcmread(kept)
    outgoing = OutgoingInstance(
        str(dataset.SOPClassUID),
        str(dataset.SOPInstanceUID),
        str(dataset.file_meta.TransferSyntaxUID),
        lambda: io.BytesIO(kept.read_bytes()),
    )
    with StorageSender(RemoteAE(LOOPBACK, orthanc.dicom_port, orthanc.ae_title), "DERMGATE") as sender:
        assert sender.send(outgoing).reaction is Reaction.STORED
    (held,) = orthanc.instances(dataset.SOPInstanceUID)
    back = dcmread(io.BytesIO(orthanc.fetch_file(held)))
    assert back.PixelData == dataset.PixelData
    assert back.file_meta.TransferSyntaxUID == dataset.file_meta.TransferSyntaxUID


def test_a_video_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    source = make_video(tmp_path / "v.mp4", frames=4)
    with (
        source.open("rb") as stream,
        pytest.raises(VideoTooCostlyError),
        clean_video(stream, VideoWishes(), tmp_path, seconds=0.01),
    ):
        pass


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with a few bytes changed, half of them where its index is; sometimes cut."""
    spoilt = bytearray(data)
    index = data.index(b"moov")
    for _ in range(chance.choice((1, 2, 8, 40))):
        first = index if chance.random() < 0.7 else 0
        spoilt[chance.randrange(first, len(spoilt))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
    return bytes(spoilt[: chance.randrange(len(spoilt))]) if chance.random() < 0.1 else bytes(spoilt)


def _seeds(folder: Path) -> list[tuple[bytes, VideoWishes]]:
    """Videos that are kept with their sound, turned and coded anew, kept as HEVC, and coded anew of ten bits."""
    small: dict[str, Any] = {"frames": 3, "size": (64, 48)}
    made = (
        make_video(folder / "a", **small, options={"bf": "1"}, metadata=METADATA, sound=True),
        make_video(folder / "b", **small, counterclockwise=90),
        make_video(folder / "c", **small, codec="libx265", metadata=METADATA),
        make_video(folder / "d", **small, codec="libx265", pixels="yuv420p10le"),
    )
    wishes = VideoWishes(keep_sound=True, keep_hevc=True, stills=2, limits=VideoLimits(seconds=5))
    return [(path.read_bytes(), wishes) for path in made]


def _survives(count: int, folder: Path) -> int:
    """Make clean videos and objects of so many spoilt files, in a process of their own; how many were refused."""
    chance = random.Random(4)
    seeds = _seeds(folder)
    spoilt, made = folder / "spoilt", folder / "made"
    made.mkdir()
    refused = 0
    for number in range(count):
        data, wishes = seeds[number % len(seeds)]
        spoilt.write_bytes(mutated(data, chance))
        signal.alarm(STUCK_SECONDS)  # ends the process: one that waits takes no time of the processor
        begun = time.process_time()
        try:
            worked = work(spoilt, made, wishes)
        except (PictureError, MemoryError):  # which is a refusal too (`worker`)
            refused += 1
        else:
            with video_to_dicom(CleanVideo(made / STORED, worked.facts, ()), facts()) as dicom:
                assert sum(map(len, dicom.parts)) > 0
        assert time.process_time() - begun < SECONDS_EACH
    return refused


def _survives_apart(count: int, folder: Path) -> int:
    """The same in a process of its own with bounded memory: a crash, or a hunger for memory, fails there."""
    program = (
        "import resource, sys; from pathlib import Path;"
        f"resource.setrlimit(resource.RLIMIT_AS, ({ADDRESS_SPACE_BYTES}, {ADDRESS_SPACE_BYTES}));"
        "from tests.integration.conversion.test_videos import _survives;"
        "print(_survives(int(sys.argv[1]), Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", program, str(count), str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=7000, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[-1])


def test_spoilt_files_are_read_or_refused(tmp_path: Path) -> None:
    assert 0 < _survives_apart(FEW, tmp_path) < FEW


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_many_spoilt_files_are_read_or_refused(tmp_path: Path) -> None:
    assert 0 < _survives_apart(MANY, tmp_path) < MANY
