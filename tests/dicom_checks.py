"""What validators do not notice in an object of ours (checked here with nothing of the product's own parsers)."""

import io
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments, parse_basic_offsets
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
)

from tests.iod_tables import iod_faults

_INTERPRETATIONS: Final = {
    ExplicitVRLittleEndian: {"RGB", "MONOCHROME2"},
    JPEGLSLossless: {"RGB", "MONOCHROME2"},
    JPEG2000Lossless: {"YBR_RCT", "RGB", "MONOCHROME2"},
    JPEG2000: {"YBR_ICT", "YBR_RCT", "RGB", "MONOCHROME2"},
    JPEGBaseline8Bit: {"YBR_FULL_422", "RGB", "MONOCHROME2"},
}
_VIDEO: Final = re.compile(r"1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?")
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_KEPT_APPS = {0xE0, 0xE2, 0xEE}
_ROUNDING: Final = 0.005
_OFFSET = re.compile(r"[+-]\d{4}")
_NEVER = range(0x00160070, 0x0016008F), (0x0016002B, 0x0016004D)
"""GPS; the maker's note and the camera's owner."""


@dataclass(frozen=True, slots=True)
class Jpeg:
    """What the markers of a JPEG or JPEG-LS stream say; `markers` stand before the first scan, in order.

    `densities` are JFIF's, across and down.
    """

    sof: int
    rows: int
    columns: int
    ids: bytes
    adobe_transform: int | None
    densities: tuple[int, int]
    markers: tuple[int, ...]
    after: bytes

    @property
    def interpretation(self) -> str:
        """The photometric interpretation that decoders which follow the markers will use."""
        if len(self.ids) == 1:
            return "MONOCHROME2"
        is_rgb = self.adobe_transform == 0 or (self.adobe_transform is None and self.ids == b"RGB")
        return "RGB" if is_rgb else "YBR_FULL_422"


def object_faults(file: bytes) -> list[str]:
    """Everything wrong with a Part 10 file of ours that an own check knows of; nothing for a good one."""
    dataset = dcmread(io.BytesIO(file))
    return [*iod_faults(dataset), *(fault for check in _CHECKS for fault in check(dataset))]


def fragments_of(dataset: Dataset) -> list[bytes]:
    """The fragments of encapsulated Pixel Data, without the Basic Offset Table."""
    skip = 8 + int.from_bytes(dataset.PixelData[4:8], "little")
    return list(generate_fragments(dataset.PixelData[skip:]))


def parse_jpeg(stream: bytes) -> Jpeg:
    """The markers of one stream."""
    assert stream[:2] == bytes((0xFF, _SOI))
    at, markers = 2, []
    sof, rows, columns, ids, adobe = 0, 0, 0, b"", None
    densities = (1, 1)
    while (marker := stream[at + 1]) != _SOS:
        length = struct.unpack_from(">H", stream, at + 2)[0]
        body = stream[at + 4 : at + 2 + length]
        markers.append(marker)
        if (0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}) or marker == 0xF7:
            sof, rows, columns, ids = marker, *struct.unpack_from(">HH", body, 1), body[6 : 6 + 3 * body[5] : 3]
        if marker == 0xE0 and body.startswith(b"JFIF\x00"):
            densities = struct.unpack_from(">HH", body, 8)
        if marker == 0xEE and body.startswith(b"Adobe"):
            adobe = body[11]
        at += 2 + length
    end = stream.rindex(bytes((0xFF, _EOI)))
    return Jpeg(sof, rows, columns, ids, adobe, densities, tuple(markers), stream[end + 2 :])


def _identity(dataset: Dataset) -> Iterator[str]:
    meta = dataset.file_meta
    if (meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID) != (dataset.SOPClassUID, dataset.SOPInstanceUID):
        yield "file meta names another object"
    if dataset.get("SpecificCharacterSet") != "ISO_IR 192":
        yield "text is not said to be UTF-8"


def _lossy(dataset: Dataset) -> Iterator[str]:
    syntax = dataset.file_meta.TransferSyntaxUID
    flag = dataset.get("LossyImageCompression")
    ratios = dataset["LossyImageCompressionRatio"].VM if "LossyImageCompressionRatio" in dataset else 0
    methods = dataset["LossyImageCompressionMethod"].VM if "LossyImageCompressionMethod" in dataset else 0
    if (syntax == JPEGBaseline8Bit or _VIDEO.fullmatch(syntax)) and flag != "01":
        yield "a lossy stream is said to have lost nothing"
    if (flag == "01") != bool(ratios) or (methods and methods != ratios):
        yield "the lossy history is not whole"
    if ratios and not methods and not dataset.get("DerivationDescription"):
        yield "a lossy method that has no term is not told in words either"


def _time(dataset: Dataset) -> Iterator[str]:
    if not _OFFSET.fullmatch(dataset.get("TimezoneOffsetFromUTC", "")):
        yield "the offset from UTC is not written as +HHMM"
    moment = dataset.get("AcquisitionDateTime")
    if moment is not None and not _OFFSET.fullmatch(str(moment)[-5:]):
        yield "the moment of acquisition has no offset"


def _profile(dataset: Dataset) -> Iterator[str]:
    profile = dataset.get("ICCProfile")
    if profile is not None and (profile[12:16] not in {b"scnr", b"spac"} or profile[16:20] != b"RGB "):
        yield "the ICC profile is not that of an RGB input device"
    if profile is not None and len(profile) % 2:
        yield "the ICC profile is of odd length"


def _anatomy(dataset: Dataset) -> Iterator[str]:
    if len(dataset.get("AnatomicRegionSequence") or ()) != 1:
        yield "the body site is not one code"
    if dataset.get("ImageLaterality") not in {"R", "L", "U", "B"}:
        yield "the side is not said"


def _frames(dataset: Dataset) -> Iterator[str]:
    frames = int(dataset.get("NumberOfFrames", 1))
    pointer = dataset.get("FrameIncrementPointer")
    is_video = _VIDEO.fullmatch(dataset.file_meta.TransferSyntaxUID)
    if (pointer is not None) != (frames > 1 or bool(is_video)):
        yield "one still frame has no increment, and several have one"
    if pointer is not None and pointer not in dataset:
        yield "the frame increment pointer points at nothing"
    elif pointer is not None and not is_video and frames != dataset[pointer].VM:
        yield "the increments are not one for each frame"


def _values(dataset: Dataset) -> Iterator[str]:
    for element in dataset.iterall():
        if any(element.tag in never for never in _NEVER) or element.tag.is_private:
            yield f"{element.tag}: never written"
        texts = str(element.value).strip("[]").split(", ") if element.VR == "DS" else ()
        if any(len(text.strip("'")) > 16 for text in texts):
            yield f"{element.keyword}: longer than 16 characters"


def _pixels(dataset: Dataset) -> Iterator[str]:
    syntax = dataset.file_meta.TransferSyntaxUID
    if _VIDEO.fullmatch(syntax):
        yield from _video(dataset)
        return
    if dataset.PhotometricInterpretation not in _INTERPRETATIONS[syntax]:
        yield f"{dataset.PhotometricInterpretation} does not go with the transfer syntax"
    frames = int(dataset.get("NumberOfFrames", 1))
    if not syntax.is_encapsulated:
        length = frames * dataset.Rows * dataset.Columns * dataset.SamplesPerPixel
        if len(dataset.PixelData) != length + length % 2:
            yield "the samples do not fill the frames"
        return
    yield from _encapsulated(dataset, frames)


def _encapsulated(dataset: Dataset, frames: int) -> Iterator[str]:
    fragments = fragments_of(dataset)
    if len(fragments) != frames:
        yield "not one fragment for each frame"
    offsets = parse_basic_offsets(dataset.PixelData)
    starts = [sum(8 + len(fragment) for fragment in fragments[:index]) for index in range(len(fragments))]
    if offsets not in ([], starts):
        yield "the Basic Offset Table does not lead to the frames"
    for fragment in fragments:
        if len(fragment) % 2:
            yield "a fragment is of odd length"
        yield from _stream(dataset, fragment)


def _stream(dataset: Dataset, fragment: bytes) -> Iterator[str]:
    size = dataset.Rows, dataset.Columns
    if dataset.file_meta.TransferSyntaxUID in {JPEG2000, JPEG2000Lossless}:
        if fragment[:4] != b"\xff\x4f\xff\x51":
            yield "no JPEG 2000 codestream"
        elif struct.unpack_from(">II", fragment, 8)[::-1] != size:
            yield "the stream is of another size than Rows and Columns"
        return
    jpeg = parse_jpeg(fragment)
    if (jpeg.rows, jpeg.columns) != size:
        yield "the stream is of another size than Rows and Columns"
    if len(jpeg.ids) != dataset.SamplesPerPixel:
        yield "the stream has other components than Samples per Pixel"
    if jpeg.after.strip(b"\x00") or len(jpeg.after) > 1:
        yield "there is something behind the end of the image"
    if dataset.file_meta.TransferSyntaxUID == JPEGBaseline8Bit:
        yield from _baseline(dataset, fragment, jpeg)
    elif jpeg.sof != 0xF7:
        yield "no JPEG-LS stream"


def _baseline(dataset: Dataset, fragment: bytes, jpeg: Jpeg) -> Iterator[str]:
    if jpeg.sof != 0xC0:
        yield "the stream is not baseline JPEG"
    if jpeg.interpretation != dataset.PhotometricInterpretation:
        yield f"a stream of {jpeg.interpretation} is labelled {dataset.PhotometricInterpretation}"
    height, width = dataset.get("PixelAspectRatio") or (1, 1)
    # A spacing is what somebody stated: it goes before what the stream says.
    if "PixelSpacing" not in dataset and abs(jpeg.densities[0] * width / jpeg.densities[1] / height - 1) > _ROUNDING:
        yield "the stream is of other pixels than the object"
    if any((0xE0 <= marker <= 0xEF and marker not in _KEPT_APPS) or marker == 0xFE for marker in jpeg.markers):
        yield "the stream still holds EXIF, comments or a maker's segments"
    if fragment.count(b"\xff\xd8\xff") != 1:
        yield "there is a second picture in the stream"


def _video(dataset: Dataset) -> Iterator[str]:
    if dataset.PhotometricInterpretation != "YBR_PARTIAL_420":
        yield f"{dataset.PhotometricInterpretation} does not go with the transfer syntax"
    if len(fragments_of(dataset)) != 1 or parse_basic_offsets(dataset.PixelData):
        yield "a video is not one fragment behind an empty offset table"


_CHECKS: Final[tuple[Callable[[Dataset], Iterator[str]], ...]] = (
    _identity, _lossy, _time, _profile, _anatomy, _frames, _values, _pixels,
)  # fmt: skip
