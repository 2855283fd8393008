"""What is written, judged by others: dciodvfy, DCMTK's decoder, pydicom's decoder."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from gateway.conversion.body_sites import body_sites
from gateway.conversion.clean import clean_picture
from gateway.conversion.facts import PhotoFacts, SopClass
from gateway.conversion.photo import choose_sop_class, photo_to_dicom
from tests.peers import dciodvfy_errors, require, shared_data
from tests.unit.conversion.object_kinds import PHOTO_CLASSES
from tests.unit.conversion.samples import (
    CAMERA,
    SECRETS,
    cmyk_jpeg,
    coded_jpeg,
    decoded,
    display_profile,
    exif,
    facts,
    furthest,
    grey_scene,
    jpeg,
    png,
    scene,
    spoilt,
)

ODD = (97, 143)


def _image(mode: str) -> Image.Image:
    return Image.fromarray(scene()).convert(mode)


PICTURES: dict[str, Callable[[], bytes]] = {
    "4:2:0": lambda: jpeg(subsampling="4:2:0"),
    "4:2:2": lambda: jpeg(subsampling="4:2:2"),
    "4:4:4": lambda: jpeg(subsampling="4:4:4"),
    "grey": lambda: jpeg(grey_scene()),
    "progressive": lambda: jpeg(progressive=True),
    "progressive grey": lambda: jpeg(grey_scene(), progressive=True),
    "arithmetic": lambda: coded_jpeg(arithmetic=True),
    "restart markers": lambda: jpeg(restart_marker_blocks=3),
    "RGB": lambda: jpeg(keep_rgb=True),
    "CMYK": cmyk_jpeg,
    "odd size": lambda: jpeg(scene(*ODD)),
    "one pixel": lambda: jpeg(scene(1, 1)),
    "P3 profile": lambda: jpeg(icc_profile=display_profile("P3")),
    "sRGB profile": lambda: jpeg(icc_profile=display_profile(), exif=exif()),
    "spoilt": lambda: spoilt(jpeg(exif=exif(1, secrets=True))),
    **{f"orientation {value}": partial(jpeg, exif=exif(value)) for value in range(1, 9)},
    **{f"odd orientation {value}": partial(jpeg, scene(*ODD), exif=exif(value)) for value in (3, 5, 6, 8)},
    "PNG RGB": lambda: png(_image("RGB")),
    "PNG RGBA": lambda: png(_image("RGBA")),
    "PNG palette": lambda: png(_image("P")),
    "PNG grey": lambda: png(_image("L")),
    "PNG 16 bit": lambda: png(Image.fromarray((grey_scene(*ODD).astype(np.uint16) << 8) + 7)),
    "PNG turned": lambda: png(scene(*ODD), exif=exif(8), icc_profile=display_profile()),
}
CODED_ANEW = {"RGB", "CMYK", "odd orientation 3", "odd orientation 6", "odd orientation 8"}


def _write(data: bytes, folder: Path, sop_class: SopClass = SopClass.VL_PHOTOGRAPHIC) -> Path:
    said = facts(device=CAMERA) if sop_class is SopClass.DERMOSCOPIC else facts()
    file = folder / "photo.dcm"
    file.write_bytes(b"".join(photo_to_dicom(clean_picture(data), said, sop_class).parts))
    return file


@pytest.mark.peer
@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("sop_class", PHOTO_CLASSES, ids=lambda sop_class: sop_class.name.lower())
def test_the_validator_finds_no_error(name: str, sop_class: SopClass, tmp_path: Path) -> None:
    assert dciodvfy_errors(_write(PICTURES[name](), tmp_path, sop_class)) == []


@pytest.mark.peer
@pytest.mark.parametrize("name", PICTURES)
def test_dcmtk_and_pydicom_see_the_picture_that_pillow_sees(name: str, tmp_path: Path) -> None:
    data = PICTURES[name]()
    file = _write(data, tmp_path)
    plain = tmp_path / "plain.dcm"
    subprocess.run([require("dcmdjpeg"), file, plain], check=True, capture_output=True, timeout=60)
    stored = decoded(clean_picture(data).stream)
    assert furthest(dcmread(plain).pixel_array, stored) <= 1
    assert furthest(dcmread(file).pixel_array, stored) <= 1
    if "16 bit" not in name:
        assert furthest(stored, decoded(data, upright=True)) <= (12 if name in CODED_ANEW else 3)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("sop_class", PHOTO_CLASSES, ids=lambda sop_class: sop_class.name.lower())
def test_nothing_planted_is_in_any_byte_written(name: str, sop_class: SopClass, tmp_path: Path) -> None:
    written = _write(PICTURES[name](), tmp_path, sop_class).read_bytes()
    assert not [secret for secret in SECRETS if secret in written]
    if not name.startswith("PNG"):
        assert written.count(b"\xff\xd8\xff") == 1
        assert b"Exif\x00" not in written


@pytest.mark.peer
def test_the_validator_finds_no_error_at_any_body_site(tmp_path: Path) -> None:
    """One site in ten, each with another laterality."""
    picture = clean_picture(jpeg())
    for number, slug in enumerate(list(body_sites())[::10]):
        said = facts(photo=PhotoFacts(body_site=slug, laterality=("R", "L", "B", "U")[number % 4]))
        file = tmp_path / f"{slug}.dcm"
        file.write_bytes(b"".join(photo_to_dicom(picture, said, SopClass.VL_PHOTOGRAPHIC).parts))
        assert dciodvfy_errors(file) == []


@pytest.mark.peer
def test_the_validator_finds_no_error_where_next_to_nothing_is_known(tmp_path: Path) -> None:
    bare = facts()
    said = replace(
        bare,
        patient=replace(bare.patient, name="", birth_date=None, sex=None, age=""),
        photo=PhotoFacts(),
        operator="",
    )
    file = tmp_path / "bare.dcm"
    file.write_bytes(b"".join(photo_to_dicom(clean_picture(jpeg()), said, SopClass.VL_PHOTOGRAPHIC).parts))
    assert dciodvfy_errors(file) == []


@pytest.mark.peer
def test_the_validator_finds_no_error_in_a_dermoscopic_photo_with_everything(tmp_path: Path) -> None:
    photo = PhotoFacts(
        kind="dermoscopic", body_site="back", laterality="R", polarized=True, contact=True, immersion="ALCOHOL",
        magnification=10, tracking_uid="2.25.1", tracking_id="L1",
    )  # fmt: skip
    picture = clean_picture(jpeg(exif=exif()))
    said = facts(device=CAMERA, photo=photo, burned_in_annotation=False, recognizable_features=False)
    sop_class = choose_sop_class(photo.kind, said.device, picture.exif)
    file = tmp_path / "dermoscopic.dcm"
    file.write_bytes(b"".join(photo_to_dicom(picture, said, sop_class).parts))
    assert sop_class is SopClass.DERMOSCOPIC
    assert dciodvfy_errors(file) == []


@pytest.mark.peer
@pytest.mark.parametrize("name", ["dscn0010.jpg", "landscape_3.jpg", "landscape_6.jpg", "portrait_8.jpg"])
def test_photos_of_real_cameras_pass(name: str, tmp_path: Path) -> None:
    data = shared_data("data", "skin-real", "exif", name).read_bytes()
    file = _write(data, tmp_path)
    assert dciodvfy_errors(file) == []
    ours, theirs = dcmread(file).pixel_array, decoded(data, upright=True)
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(int) - theirs).mean() < 1.5
