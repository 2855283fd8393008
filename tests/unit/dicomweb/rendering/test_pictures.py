"""Colours, words on pictures, files, and what is kept of them."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from dicomweb.rendering.annotations import writing, written
from dicomweb.rendering.cache import MemoryCache
from dicomweb.rendering.coloring import colored, usable_profile
from dicomweb.rendering.encoding import animated, encoded
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.fonts import STAND_IN, drawable
from dicomweb.rendering.parameters import Annotation, ColorProfile
from dicomweb.rendering.profiles import profile_of

NAMED = [ColorProfile.SRGB, ColorProfile.ADOBE_RGB, ColorProfile.ROMM_RGB, ColorProfile.DISPLAY_P3]
SKIN = Image.new("RGB", (8, 8), (205, 150, 120))
MEMBERS = {
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Hong^Gildong", "Phonetic": "홍^길동"}]},
    "00100020": {"vr": "LO", "Value": ["P-1"]},
    "00080060": {"vr": "CS", "Value": ["XC"]},
}


@pytest.mark.parametrize("space", NAMED)
def test_a_named_space_is_one_that_littlecms_reads(space: ColorProfile) -> None:
    assert usable_profile(profile_of(space)) is not None


def test_srgb_made_here_is_the_srgb_of_littlecms() -> None:
    theirs = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made, _ = colored(SKIN, theirs, ColorProfile.SRGB)
    assert np.abs(np.asarray(made).astype(int) - np.asarray(SKIN)).max() <= 1


@pytest.mark.parametrize("space", NAMED[1:])
def test_a_colour_goes_to_another_space_and_comes_back(space: ColorProfile) -> None:
    there, profile = colored(SKIN, None, space)
    assert profile == profile_of(space)
    assert np.asarray(there).tolist() != np.asarray(SKIN).tolist()
    back, _ = colored(there, profile, ColorProfile.SRGB)
    assert np.abs(np.asarray(back).astype(int) - np.asarray(SKIN)).max() <= 2


def test_display_p3_of_a_known_colour_is_the_known_one() -> None:
    """sRGB red is (234, 51, 35) in Display P3, as every browser shows it."""
    made, _ = colored(Image.new("RGB", (4, 4), (255, 0, 0)), None, ColorProfile.DISPLAY_P3)
    assert np.abs(np.asarray(made)[0, 0].astype(int) - (234, 51, 35)).max() <= 2


def test_profiles_stay_go_and_come_as_asked() -> None:
    own = profile_of(ColorProfile.DISPLAY_P3)
    assert colored(SKIN, own, None)[1] == own
    assert colored(SKIN, own, ColorProfile.OWN)[1] == own
    assert colored(SKIN, None, ColorProfile.OWN)[1] == profile_of(ColorProfile.SRGB)
    assert colored(SKIN, own, ColorProfile.NONE) == (SKIN, None)
    grey = Image.new("L", (4, 4))
    assert colored(grey, own, None) == (grey, None)
    assert colored(grey, None, ColorProfile.SRGB)[0].mode == "RGB"


@pytest.mark.parametrize("profile", [b"", b"x" * 200, profile_of(ColorProfile.SRGB)[:150], b"\0" * (5 << 20)])
def test_what_is_no_profile_is_left_aside(profile: bytes) -> None:
    assert colored(SKIN, profile, None) == (SKIN, None)


def test_annotations_change_the_picture_and_say_what_was_asked_for() -> None:
    assert writing(MEMBERS, {Annotation.TECHNIQUE}).lines == ["XC"]
    lines = writing(MEMBERS, {Annotation.PATIENT}).lines
    assert lines[0].startswith("Hong Gildong")
    assert lines[1] == "P-1"
    large = Image.new("RGB", (400, 300), (90, 90, 90))
    assert np.asarray(written(large, lines)).tolist() != np.asarray(large).tolist()
    assert np.asarray(large).std() == 0  # what was handed in is left as it was
    assert written(Image.new("L", (20, 20)), ["a long line that does not fit"]).size == (20, 20)
    assert written(large, []) is large


def test_letters_that_the_font_lacks_are_question_marks_and_told() -> None:
    latin_only = next(Path(np.__file__).parents[1].glob("matplotlib/mpl-data/fonts/ttf/cmr10.ttf"), None)
    if latin_only is None:
        pytest.skip("no font at hand that lacks Hangul")
    assert drawable("a홍b", str(latin_only)) == f"a{STAND_IN}b"
    assert not writing(MEMBERS, {Annotation.PATIENT}, str(latin_only)).is_whole


def test_controls_are_never_drawn() -> None:
    assert drawable("a\r\nb\0") == f"a{STAND_IN * 2}b{STAND_IN}"


def test_files_are_what_they_are_called() -> None:
    for media_type, name in (("image/jpeg", "JPEG"), ("image/png", "PNG"), ("image/gif", "GIF")):
        assert Image.open(BytesIO(encoded(SKIN, media_type, None, None))).format == name
    noise = Image.effect_noise((64, 64), 80).convert("RGB")
    assert len(encoded(noise, "image/jpeg", 5, None)) < len(encoded(noise, "image/jpeg", 95, None))
    with pytest.raises(NotRenderableError):
        encoded(Image.new("L", (66_000, 1)), "image/jpeg", None, None)


def test_an_animation_has_its_frames_and_their_times() -> None:
    pictures = [Image.new("RGB", (8, 8), (40 * number, 0, 0)) for number in range(1, 4)]
    made = Image.open(BytesIO(animated(pictures, [100, 200, 300])))
    assert getattr(made, "n_frames", 0) == 3
    made.seek(1)
    assert made.info["duration"] == 200


def test_a_cache_forgets_what_nobody_asked_for_and_keeps_its_bound() -> None:
    cache = MemoryCache(800)
    for number in range(8):
        cache.put(str(number), bytes(100))
    assert cache.get("0") is not None
    cache.put("8", bytes(100))
    assert cache.get("0") is not None
    assert cache.get("1") is None
    cache.put("large", bytes(101))
    assert cache.get("large") is None
    cache.put("8", bytes(50))
    assert cache.get("8") == bytes(50)
