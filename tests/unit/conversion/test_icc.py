import hashlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from gateway.conversion.icc import color_space_of, dicom_profile, srgb_profile, whole_profile
from tests.unit.conversion.samples import display_profile, furthest, scene


def changed(profile: bytes, at: int, value: bytes) -> bytes:
    return profile[:at] + value + profile[at + len(value) :]


@pytest.mark.parametrize(
    "profile",
    [
        None,
        b"",
        b"x" * 200,
        display_profile()[:-1],
        changed(display_profile(), 16, b"CMYK"),
        changed(display_profile(), 16, b"GRAY"),
        changed(display_profile(), 12, b"prtr"),
        changed(display_profile(), 36, b"xxxx"),
        changed(display_profile(), 132, b"XXXX" * 60),
    ],
)
def test_a_profile_that_dicom_would_not_take_is_left_out(profile: bytes | None) -> None:
    assert dicom_profile(profile) is None


def test_what_lies_behind_a_profile_is_not_kept() -> None:
    profile = display_profile()
    assert whole_profile(profile + b"Hong Gildong") == profile
    assert whole_profile(b"Hong Gildong" * 50) is None


@pytest.mark.parametrize("name", ["sRGB", "P3"])
def test_only_the_class_of_a_display_profile_changes(name: str) -> None:
    profile = display_profile(name)
    ours = dicom_profile(profile)
    assert ours == changed(profile, 12, b"scnr")


def test_a_version_four_profile_gets_its_new_identifier() -> None:
    profile = changed(display_profile(), 84, bytes(range(16)))
    ours = dicom_profile(profile)
    assert ours is not None
    bare = changed(changed(changed(ours, 44, bytes(4)), 64, bytes(4)), 84, bytes(16))
    assert ours[84:100] == hashlib.md5(bare, usedforsecurity=False).digest()


def test_an_input_profile_is_taken_as_it_is() -> None:
    assert dicom_profile(srgb_profile()) == srgb_profile()


def test_well_known_spaces_are_told_by_their_primaries() -> None:
    assert color_space_of(srgb_profile()) == "SRGB"
    assert color_space_of(display_profile()) == "SRGB"
    assert color_space_of(display_profile("P3")) is None


def test_our_srgb_profile_means_what_a_colour_engine_means_by_srgb() -> None:
    ours = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    image = Image.fromarray(scene())
    managed = ImageCms.profileToProfile(image, ours, ImageCms.createProfile("sRGB"))
    assert managed is not None
    assert furthest(np.asarray(managed), scene()) <= 1


@given(st.binary(max_size=300), st.integers(128, 500), st.binary(min_size=1, max_size=8))
def test_any_profile_is_taken_or_left_out(tail: bytes, at: int, value: bytes) -> None:
    for profile in (changed(display_profile(), at, value), display_profile()[:128] + tail):
        usable = dicom_profile(profile)
        if usable is not None:
            color_space_of(usable)
