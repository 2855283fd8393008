import io
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.facts import ObjectFacts, PhotoFacts, SopClass
from gateway.conversion.part10 import PixelData, dicom_object
from gateway.conversion.video_object import video_object
from tests.dicom_checks import fragments_of
from tests.unit.conversion.object_kinds import video
from tests.unit.conversion.samples import facts

STREAM = b"not really a video"


def parsed(said: ObjectFacts | None = None, stream: Any = STREAM, **changes: Any) -> Dataset:
    return dcmread(io.BytesIO(b"".join(video_object(video(**changes), said or facts(), stream).parts)))


@pytest.mark.parametrize(
    "changes",
    [{"frames": 0}, {"frame_time_ms": 0.0}, {"frame_time_ms": float("nan")}, {"rows": 0}, {"columns": 65536},
     {"lossy": ()}],
)  # fmt: skip
def test_facts_that_make_no_video_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidFactsError):
        parsed(**changes)


def test_a_value_that_no_length_field_can_say_is_refused() -> None:
    header = video_object(video(), facts(), STREAM).header

    class Huge(bytes):
        def __len__(self) -> int:
            return 2**32

    with pytest.raises(ValueError, match="4 GiB"):
        dicom_object(header, PixelData(video().transfer_syntax_uid, (Huge(b"x"),)))


def test_a_video_says_how_fast_it_runs() -> None:
    read = parsed()
    assert (read.SOPClassUID, read.Modality) == (SopClass.VIDEO_PHOTOGRAPHIC, "XC")
    assert (read.NumberOfFrames, str(read.FrameTime)) == (300, "33.36666667")
    assert (read.CineRate, read.RecommendedDisplayFrameRate) == (30, 30)
    assert float(read.EffectiveDuration) == pytest.approx(10.01)
    assert read[read.FrameIncrementPointer].keyword == "FrameTime"


def test_a_video_says_that_it_is_lossy_and_how() -> None:
    read = parsed()
    assert (read.LossyImageCompression, read.LossyImageCompressionMethod) == ("01", "ISO_14496_10")
    assert read.PhotometricInterpretation == "YBR_PARTIAL_420"
    assert list(read.ImageType) == ["ORIGINAL", "PRIMARY"]
    assert list(parsed(derived=True, derivation="Coded anew").ImageType) == ["DERIVED", "PRIMARY"]


def test_sound_is_described_and_silence_is_said() -> None:
    assert len(parsed().MultiplexedAudioChannelsDescriptionCodeSequence) == 0
    assert parsed(audio_channels=1).MultiplexedAudioChannelsDescriptionCodeSequence[0].ChannelMode == "MONO"
    assert parsed(audio_channels=2).MultiplexedAudioChannelsDescriptionCodeSequence[0].ChannelMode == "STEREO"


def test_the_skin_stands_in_where_no_site_was_said() -> None:
    assert parsed(facts(photo=PhotoFacts())).AnatomicRegionSequence[0].CodeValue == "39937001"


def test_the_camera_is_what_the_container_tells() -> None:
    read = parsed(exif=ExifFacts(maker="Maker", model="Model", software="17.1"))
    assert (read.Manufacturer, read.ManufacturerModelName, read.SoftwareVersions) == ("Maker", "Model", "17.1")


def test_the_stream_is_one_fragment_and_goes_in_without_being_copied() -> None:
    view = memoryview(STREAM + b"!")
    made = video_object(video(), facts(), view)
    assert any(part is view for part in made.parts)
    read = dcmread(io.BytesIO(b"".join(made.parts)))
    assert fragments_of(read) == [STREAM + b"!\x00"]
    assert made.picture_length == len(STREAM) + 2
