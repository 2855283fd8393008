"""One object of every kind that the gateway makes, in every form its pixels may have."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final, Literal

import numpy as np
from PIL import Image

from gateway.conversion.clean import clean_picture
from gateway.conversion.facts import ObjectFacts, PhotoFacts, SopClass, VideoFacts
from gateway.conversion.part10 import DicomObject
from gateway.conversion.photo import photo_to_dicom
from gateway.conversion.picture import CleanPicture, LossyStep
from gateway.conversion.video_object import video_object
from tests.unit.conversion.samples import CAMERA, Pixels, exif, facts, grey_scene, jpeg, png, scene

VL: Final = SopClass.VL_PHOTOGRAPHIC
DERMOSCOPIC: Final = SopClass.DERMOSCOPIC
CAPTURE: Final = SopClass.SECONDARY_CAPTURE
MULTI_FRAME: Final = SopClass.MULTI_FRAME_TRUE_COLOR_SC
PHOTO_CLASSES: Final = (VL, DERMOSCOPIC, CAPTURE)
"""What a picture of one frame can become."""

DERMOSCOPE: Final = facts(
    device=CAMERA,
    photo=PhotoFacts(
        kind="dermoscopic", body_site="back", laterality="R", polarized=True, contact=True, immersion="ALCOHOL",
        magnification=10, tracking_uid="2.25.1", tracking_id="L1",
    ),
)  # fmt: skip


ORDERED: Final = facts(
    study=replace(facts().study, requesting_service="외래", requested_procedure_id="RP-1", scheduled_step_id="SPS-1"),
    photo=PhotoFacts(pixel_spacing_mm=(0.02, 0.025)),
    referring_physician="Lee^Sora=李^소라",
    device=CAMERA,
)
"""Worked off by an order, with a distance in the plane of the skin."""


def pages(frames: int, times: int = 1, *, grey: bool = False) -> list[Pixels]:
    """Pictures of one size, each another one, of 33 x 35 pixels or some times as high and wide."""
    small = grey_scene(33, 35) if grey else scene(33, 35)
    first = np.tile(small, (times, times) if grey else (times, times, 1))
    return [np.ascontiguousarray(np.roll(first, index, axis=0)) for index in range(frames)]


def native(pictures: list[Pixels], **changes: Any) -> CleanPicture:
    """A picture whose samples go into the object."""
    first = pictures[0]
    is_grey = first.ndim == 2
    label: Literal["MONOCHROME2", "RGB"] = "MONOCHROME2" if is_grey else "RGB"
    made = CleanPicture(
        "image/png", png(first, compress_level=0), first.shape[0], first.shape[1], 1 if is_grey else 3, label,
        native=b"".join(picture.tobytes() for picture in pictures), frames=len(pictures),
    )  # fmt: skip
    return replace(made, **changes)


def codestream(*, grey: bool = False, irreversible: bool = False) -> CleanPicture:
    """A picture whose JPEG 2000 codestream goes into the object."""
    pixels = grey_scene() if grey else scene()
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG2000", no_jp2=True, irreversible=irreversible, mct=int(not grey))
    label: Literal["MONOCHROME2", "YBR_ICT", "YBR_RCT"] = "YBR_ICT" if irreversible else "YBR_RCT"
    return replace(
        native([pixels]),
        native=None,
        codestream=target.getvalue(),
        photometric_interpretation="MONOCHROME2" if grey else label,
        lossy=(LossyStep(3.5, "ISO_15444_1"),) if irreversible else (),
    )


def video(**changes: Any) -> VideoFacts:
    """A clip of ten seconds as a phone films it."""
    said = VideoFacts(1080, 1920, 300, 1001 / 30, "1.2.840.10008.1.2.4.102", (LossyStep(123.4, "ISO_14496_10"),))
    return replace(said, **changes)


def _photo(
    picture: Callable[[], CleanPicture], sop_class: SopClass = VL, said: ObjectFacts | None = None
) -> Callable[[], DicomObject]:
    known = said or (DERMOSCOPE if sop_class is DERMOSCOPIC else facts())
    return lambda: photo_to_dicom(picture(), known, sop_class)


def _jpeg() -> CleanPicture:
    return clean_picture(jpeg(exif=exif()))


_LARGE: Final = 50
"""So many times as high and wide, three samples a pixel are more than 8 MiB."""

KINDS: Final[Mapping[str, Callable[[], DicomObject]]] = {
    "photo": _photo(_jpeg),
    "grey photo": _photo(lambda: clean_picture(jpeg(grey_scene()))),
    "photo of plain samples": _photo(lambda: native(pages(1))),
    "photo of plain grey samples": _photo(lambda: native(pages(1, grey=True))),
    "photo of packed samples": _photo(lambda: native(pages(1, _LARGE))),
    "photo of packed samples that lost something before": _photo(
        lambda: native(pages(1, _LARGE), lossy=(LossyStep(9.5, ""),), derived=True, derivation="Decoded from WebP")
    ),
    "JPEG 2000 photo": _photo(codestream),
    "lossy JPEG 2000 photo": _photo(lambda: codestream(irreversible=True)),
    "grey JPEG 2000 photo": _photo(lambda: codestream(grey=True)),
    "dermoscopic photo": _photo(_jpeg, DERMOSCOPIC),
    "dermoscopic photo of plain samples": _photo(lambda: native(pages(1)), DERMOSCOPIC),
    "capture": _photo(_jpeg, CAPTURE),
    "capture of plain samples": _photo(lambda: native(pages(1)), CAPTURE),
    "pages": _photo(lambda: native(pages(3)), MULTI_FRAME),
    "grey pages": _photo(lambda: native(pages(3, grey=True)), MULTI_FRAME),
    "packed pages": _photo(lambda: native(pages(2, _LARGE)), MULTI_FRAME),
    "animation": _photo(lambda: native(pages(3), frame_times_ms=(40.0, 100.123456789, 1 / 3)), MULTI_FRAME),
    "photo of oblong pixels": _photo(lambda: clean_picture(jpeg(dpi=(100, 50)))),
    "dermoscopic photo of oblong pixels": _photo(lambda: clean_picture(jpeg(dpi=(100, 50))), DERMOSCOPIC),
    "capture of oblong pixels": _photo(lambda: clean_picture(jpeg(dpi=(100, 50))), CAPTURE),
    "pages of oblong pixels": _photo(lambda: native(pages(3), pixel_aspect=(2, 1)), MULTI_FRAME),
    **{f"ordered {sop_class.name.lower()}": _photo(_jpeg, sop_class, ORDERED) for sop_class in PHOTO_CLASSES},
    "ordered pages": _photo(lambda: native(pages(3)), MULTI_FRAME, ORDERED),
    "ordered video": lambda: video_object(video(), ORDERED, b"a stream"),
    "video": lambda: video_object(video(), facts(photo=PhotoFacts()), b"a stream of some odd length"),
    "video with sound": lambda: video_object(video(audio_channels=2), facts(), b"a stream that sounds"),
}


@cache
def file_of(name: str) -> bytes:
    """The file of one kind."""
    return b"".join(KINDS[name]().parts)
