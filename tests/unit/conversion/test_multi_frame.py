import io
from dataclasses import replace

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import parse_basic_offsets
from pydicom.uid import JPEG2000, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless

from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.facts import DeviceFacts, SopClass
from gateway.conversion.photo import choose_sop_class, photo_to_dicom
from gateway.conversion.picture import CleanPicture, LossyStep
from gateway.conversion.stored_pixels import MOST_PLAIN_BYTES, stored_pixels
from tests.dicom_checks import fragments_of
from tests.unit.conversion.object_kinds import (
    CAPTURE,
    MULTI_FRAME,
    PHOTO_CLASSES,
    VL,
    codestream,
    file_of,
    native,
    pages,
)
from tests.unit.conversion.samples import CAMERA, facts, grey_scene, jpeg


def parsed(name: str) -> Dataset:
    return dcmread(io.BytesIO(file_of(name)))


@pytest.mark.parametrize("sop_class", [each for each in SopClass if each is not MULTI_FRAME])
def test_several_frames_fit_no_other_class(sop_class: SopClass) -> None:
    with pytest.raises(InvalidFactsError, match="sop_class"):
        photo_to_dicom(native(pages(2)), facts(device=CAMERA), sop_class)


def test_a_photo_is_no_video() -> None:
    with pytest.raises(InvalidFactsError, match="sop_class"):
        photo_to_dicom(clean_picture(jpeg()), facts(), SopClass.VIDEO_PHOTOGRAPHIC)


def test_an_animation_needs_a_time_for_each_frame() -> None:
    with pytest.raises(InvalidFactsError, match="frame_times_ms"):
        photo_to_dicom(native(pages(3), frame_times_ms=(1.0,)), facts(), MULTI_FRAME)


def test_several_frames_choose_their_class_whatever_was_said() -> None:
    for kind in ("clinical", "dermoscopic"):
        assert choose_sop_class(kind, DeviceFacts(), ExifFacts(), frames=2, secondary_capture=True) is MULTI_FRAME


def test_pages_are_numbered() -> None:
    read = parsed("pages")
    assert (read.NumberOfFrames, list(read.PageNumberVector)) == (3, [1, 2, 3])
    assert "FrameTimeVector" not in read


def test_an_animation_says_when_each_frame_follows_the_one_before() -> None:
    read = parsed("animation")
    assert list(map(str, read.FrameTimeVector)) == ["0", "40", "100.1234568"]
    assert read.CineRate == 21
    assert "PageNumberVector" not in read


@pytest.mark.parametrize("picture", [native(pages(1)), clean_picture(jpeg())], ids=["samples", "JPEG"])
def test_one_frame_is_no_multi_frame_object(picture: CleanPicture) -> None:
    with pytest.raises(InvalidFactsError, match="sop_class"):
        photo_to_dicom(picture, facts(), MULTI_FRAME)


@pytest.mark.parametrize(("said", "written"), [(None, "YES"), (True, "YES"), (False, "NO")])
def test_text_that_nobody_looked_for_may_be_there(said: bool | None, written: str) -> None:
    made = photo_to_dicom(native(pages(2)), facts(burned_in_annotation=said), MULTI_FRAME)
    assert made.header.BurnedInAnnotation == written


def test_grey_is_made_colour_where_the_class_knows_nothing_else() -> None:
    read = parsed("grey pages")
    assert (read.SamplesPerPixel, read.PhotometricInterpretation, read.PlanarConfiguration) == (3, "RGB", 0)
    pixels = read.pixel_array
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 0] == pixels[..., 2]).all()
    assert read.LossyImageCompression == "00"


@pytest.mark.parametrize("sop_class", PHOTO_CLASSES)
def test_the_form_of_the_pixels_follows_what_the_picture_has(sop_class: SopClass) -> None:
    forms = {
        JPEGBaseline8Bit: clean_picture(jpeg()),
        ExplicitVRLittleEndian: native(pages(1)),
        JPEGLSLossless: native(pages(1, 50)),
        JPEG2000Lossless: codestream(),
        JPEG2000: codestream(irreversible=True),
    }
    for syntax, picture in forms.items():
        assert stored_pixels(picture, sop_class).data.transfer_syntax_uid == syntax


def test_samples_are_packed_from_the_first_byte_beyond_eight_mebibytes() -> None:
    edge = native([np.zeros((2**11, 2**12), np.uint8)])
    assert edge.native is not None
    assert len(edge.native) == MOST_PLAIN_BYTES
    assert stored_pixels(edge, CAPTURE).data.transfer_syntax_uid == ExplicitVRLittleEndian
    beyond = native([np.zeros((2**11 + 1, 2**12), np.uint8)])
    assert stored_pixels(beyond, CAPTURE).data.transfer_syntax_uid == JPEGLSLossless


def test_neither_plain_samples_nor_a_codestream_are_copied() -> None:
    for picture in (native(pages(1)), codestream()):
        value = picture.codestream or picture.native
        assert any(part is value for part in photo_to_dicom(picture, facts(), VL).parts)


def test_the_offset_table_leads_to_each_frame() -> None:
    read = parsed("packed pages")
    first, second = fragments_of(read)
    assert parse_basic_offsets(read.PixelData) == [0, 8 + len(first)]
    assert (len(first) % 2, len(second) % 2) == (0, 0)


def test_a_method_without_a_term_leaves_the_list_of_methods_out_but_not_the_ratios() -> None:
    steps = (LossyStep(12.5, ""), LossyStep(4.0))
    made = photo_to_dicom(replace(clean_picture(jpeg()), lossy=steps, derivation="Decoded from WebP"), facts(), VL)
    assert list(made.header.LossyImageCompressionRatio) == [12.5, 4]
    assert made.header.LossyImageCompression == "01"
    assert "LossyImageCompressionMethod" not in made.header


def test_grey_samples_stay_one_sample_elsewhere() -> None:
    header = photo_to_dicom(native([grey_scene()]), facts(), VL).header
    assert (header.SamplesPerPixel, header.PhotometricInterpretation) == (1, "MONOCHROME2")
