import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from gateway.conversion.icc import (
    color_space_of,
    dicom_profile,
    kept_profile,
    profile_of_primaries,
    srgb_profile,
    whole_profile,
)
from tests.unit.conversion.samples import display_profile, furthest, scene, table_profile


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
        changed(display_profile(), 8, b"\x05"),
        table_profile(3),
        table_profile(4),
    ],
)
def test_a_profile_that_dicom_would_not_take_is_left_out(profile: bytes | None) -> None:
    assert dicom_profile(profile) is None


def test_what_lies_behind_a_profile_is_not_kept() -> None:
    profile = display_profile()
    assert whole_profile(profile + b"Hong Gildong") == profile
    assert whole_profile(b"Hong Gildong" * 50) is None


def as_srgb(profile: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """What a colour engine makes of the scene as such a profile's."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    image = ImageCms.profileToProfile(Image.fromarray(scene()), source, ImageCms.createProfile("sRGB"))
    assert image is not None
    return np.asarray(image)


def with_elements(profile: bytes, elements: dict[bytes, bytes]) -> bytes:
    """The profile with further elements, and those of the same name replaced."""
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * index) for index in range(count)]
    found = {name: profile[at : at + size] for name, at, size in entries} | elements
    position, table, body = 132 + 12 * len(found), b"", b""
    for name, element in found.items():
        table += struct.pack(">4sII", name, position + len(body), len(element))
        body += element + bytes(-len(element) % 4)
    front = struct.pack(">I", position + len(body)) + profile[4:128]
    return front + struct.pack(">I", len(found)) + table + body


@pytest.mark.parametrize("name", ["sRGB", "P3"])
def test_the_colours_of_a_display_profile_stay_and_its_class_changes(name: str) -> None:
    profile = display_profile(name)
    ours = dicom_profile(profile)
    assert ours is not None
    assert ours[12:16] == b"scnr"
    assert furthest(as_srgb(ours), as_srgb(profile)) == 0
    kept = kept_profile(profile)
    assert kept is not None
    assert kept[12:16] == b"mntr"
    assert furthest(as_srgb(kept), as_srgb(profile)) == 0


def test_nothing_is_kept_of_a_profile_that_colours_do_not_need() -> None:
    """Displays' profiles tell their serial number, and what their owners call them."""
    secret = b"OWNER-SECRET-SERIAL-1234"
    gamma = struct.pack(">4s4xIH", b"curv", 1, 0x0233) + secret
    profile = with_elements(
        display_profile(),
        {
            b"mmod": b"mmod" + bytes(4) + secret,
            b"desc": b"text" + bytes(4) + secret,
            b"cprt": b"text" + bytes(4) + secret,
            b"wtpt": struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061) + secret,
            **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma),
        },
    )
    profile = changed(changed(profile, 4, b"SCRT"), 48, b"SECRSECR")
    profile = changed(changed(profile, 80, b"SCRT"), 100, b"SECRET")
    for ours in (kept_profile(profile), dicom_profile(profile)):
        assert ours is not None
        assert not [word for word in (secret, b"SECR", b"SCRT", b"mmod") if word in ours]
        assert furthest(as_srgb(ours), as_srgb(profile)) == 0


def test_a_table_is_kept_without_what_lies_behind_it() -> None:
    profile = table_profile(3, padding=100)
    (at, size) = next(
        struct.unpack_from(">4xII", profile, 132 + 12 * index)
        for index in range(5)
        if profile[132 + 12 * index :][:4] == b"A2B0"
    )
    table = profile[at : at + size]
    ours = kept_profile(with_elements(profile, {b"A2B0": table + b"OWNER-SECRET"}))
    assert ours is not None
    assert b"SECRET" not in ours
    assert table in ours
    assert furthest(as_srgb(ours), as_srgb(profile)) == 0


@pytest.mark.parametrize(
    "profile",
    [display_profile(), display_profile("P3"), srgb_profile(), profile_of_primaries(9), table_profile(3)],
)
def test_what_is_kept_is_kept_as_it_is_the_next_time(profile: bytes) -> None:
    ours = kept_profile(profile)
    assert kept_profile(ours) == ours
    assert dicom_profile(dicom_profile(profile)) == dicom_profile(profile)


@pytest.mark.parametrize("profile", [srgb_profile(), profile_of_primaries(9), profile_of_primaries(12)])
def test_our_own_input_profiles_are_taken_as_they_are(profile: bytes) -> None:
    assert dicom_profile(profile) == profile


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
