"""The checks of objects notice what they are for: each planted fault is named."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from tests.dicom_checks import object_faults
from tests.unit.conversion.object_kinds import file_of
from tests.unit.conversion.samples import coded_jpeg, display_profile, exif, jpeg, scene, segment, with_segments


def faults(kind: str, spoil: Callable[[Dataset], Any]) -> str:
    """What the checks say of an object after somebody has spoilt it."""
    dataset = dcmread(io.BytesIO(file_of(kind)))
    spoil(dataset)
    target = io.BytesIO()
    dcmwrite(target, dataset)
    return "; ".join(object_faults(target.getvalue()))


def put(**values: Any) -> Callable[[Dataset], None]:
    def spoil(dataset: Dataset) -> None:
        for keyword, value in values.items():
            setattr(dataset, keyword, value)

    return spoil


def drop(*keywords: str) -> Callable[[Dataset], None]:
    def spoil(dataset: Dataset) -> None:
        for keyword in keywords:
            delattr(dataset, keyword)

    return spoil


def nested(spoil: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    return lambda dataset: spoil(dataset.AnatomicRegionSequence[0])


def stream(data: bytes) -> Callable[[Dataset], None]:
    def spoil(dataset: Dataset) -> None:
        padded = data + bytes(len(data) % 2)
        item = b"\xfe\xff\x00\xe0"
        dataset.PixelData = item + bytes(4) + item + len(padded).to_bytes(4, "little") + padded

    return spoil


PROFILE = bytes(16) + display_profile()[16:]


@pytest.mark.parametrize(
    ("kind", "spoil", "said"),
    [
        ("photo", put(LossyImageCompression="00"), "lost nothing"),
        ("photo", drop("LossyImageCompressionRatio"), "not whole"),
        ("photo", drop("LossyImageCompressionMethod"), "not told in words"),
        ("photo", put(SpecificCharacterSet=["", "ISO 2022 IR 149"]), "UTF-8"),
        ("photo", stream(jpeg(progressive=True)), "not baseline"),
        ("photo", stream(jpeg(keep_rgb=True)), "RGB is labelled YBR_FULL_422"),
        ("photo", put(PhotometricInterpretation="RGB"), "YBR_FULL_422 is labelled RGB"),
        ("photo", put(TimezoneOffsetFromUTC="+09:00"), "offset"),
        ("photo", put(AcquisitionDateTime="20260506070809"), "no offset"),
        ("photo", put(ICCProfile=PROFILE[:12] + b"mntr" + PROFILE[16:]), "ICC profile"),
        ("photo", stream(with_segments(jpeg(), segment(0xE1, exif()))), "still holds EXIF"),
        ("photo", stream(with_segments(jpeg(), segment(0xFE, b"words"))), "comments"),
        ("photo", stream(jpeg() + jpeg()), "second picture"),
        ("photo", stream(jpeg() + b"tail"), "behind the end"),
        ("photo", stream(jpeg(scene(95, 144))), "another size"),
        ("photo", stream(coded_jpeg(arithmetic=True)), "not baseline"),
        ("photo", drop("AnatomicRegionSequence"), "body site"),
        ("photo", drop("ImageLaterality"), "side"),
        ("photo", drop("AcquisitionContextSequence"), "AcquisitionContextSequence is of Type 2 and absent"),
        ("photo", put(ImageType=None), "ImageType is of Type 1 and empty"),
        ("photo", lambda it: drop("CodeMeaning")(it.AnatomicRegionSequence[0]), "AnatomicRegionSequence.CodeMeaning"),
        ("photo", put(FrameOfReferenceUID="2.25.1"), "not of this IOD"),
        ("photo", nested(put(PatientName="X")), "AnatomicRegionSequence.PatientName: not of this IOD"),
        ("photo", nested(put(AnatomicRegionSequence=[])), "AnatomicRegionSequence.AnatomicRegionSequence: not of"),
        ("photo", drop("PlanarConfiguration"), "PlanarConfiguration is of Type 1C and absent"),
        ("photo", drop("PatientOrientation"), "PatientOrientation is of Type 2C and absent"),
        ("photo", put(ContainerIdentifier="C"), "ContainerIdentifier: not of this IOD"),
        ("photo", put(PixelAspectRatio=[1, 1]), "PixelAspectRatio stands where its condition does not hold"),
        ("photo", put(PixelAspectRatio=[2, 1]), "the stream is of other pixels than the object"),
        ("photo of oblong pixels", drop("PixelAspectRatio"), "the stream is of other pixels than the object"),
        ("photo of oblong pixels", put(PixelSpacing=[0.2, 0.1]), "PixelAspectRatio stands where its condition"),
        ("grey photo", put(PlanarConfiguration=0), "PlanarConfiguration stands where its condition does not hold"),
        ("photo", put(GPSLatitudeRef="N"), "never written"),
        ("photo", put(NumberOfFrames=2), "no increment"),
        ("photo", put(Rows=7), "another size"),
        ("photo", put(SamplesPerPixel=1), "other components"),
        ("photo of plain samples", put(PhotometricInterpretation="YBR_FULL"), "does not go"),
        ("photo of plain samples", put(Rows=7), "do not fill"),
        ("JPEG 2000 photo", stream(b"\x00\x00\x00\x0cjP  "), "no JPEG 2000 codestream"),
        ("JPEG 2000 photo", put(PhotometricInterpretation="YBR_FULL_422"), "does not go"),
        ("dermoscopic photo", drop("DeviceSerialNumber"), "DeviceSerialNumber is of Type 1"),
        ("dermoscopic photo", drop("ImmersionMedia"), "ImmersionMedia is of Type 2C and absent"),
        ("dermoscopic photo", put(ContactMethod="NON_CONTACT"), "ImmersionMedia stands where its condition"),
        ("dermoscopic photo", drop("TrackingUID"), "TrackingUID is of Type 1C and absent"),
        ("animation", drop("FrameTimeVector"), "FrameTimeVector is of Type 1C and absent"),
        ("pages", put(CineRate=3), "CineRate: not of this IOD"),
        ("pages", drop("FrameIncrementPointer"), "FrameIncrementPointer is of Type 1C and absent"),
        ("pages", drop("BurnedInAnnotation"), "BurnedInAnnotation is of Type 1"),
        ("pages", drop("PageNumberVector"), "points at nothing"),
        ("pages", put(PageNumberVector=[1, 2]), "not one for each frame"),
        ("photo", put(NumberOfFrames=1, FrameIncrementPointer=Tag("PageNumberVector"), PageNumberVector=[1]), "no in"),
        ("packed pages", put(NumberOfFrames=3, PageNumberVector=[1, 2, 3]), "one fragment for each"),
        ("video", put(PhotometricInterpretation="RGB"), "does not go"),
        ("video", drop("AnatomicRegionSequence"), "body site"),
        ("video", drop("FrameTime"), "points at nothing"),
        ("video", drop("FrameTime"), "FrameTime is of Type 1C and absent"),
        ("video", drop("MultiplexedAudioChannelsDescriptionCodeSequence"), "is of Type 2C and absent"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named(kind: str, spoil: Callable[[Dataset], Any], said: str) -> None:
    assert said in faults(kind, spoil)
    assert faults(kind, lambda _: None) == ""
