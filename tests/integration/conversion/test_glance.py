"""A glance at a file tells what its conversion will find; what it cannot read it refuses."""

import pytest

from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import PictureError
from gateway.conversion.glance import glance
from tests.integration.conversion.kinds import KINDS, SPECIAL
from tests.unit.conversion.samples import exif, jpeg, scene

FILES = {
    **{name: kind.write(scene(64, 48), 6 if kind.can_turn else 1, None) for name, kind in KINDS.items()},
    **{name: make() for name, make in SPECIAL.items()},
    "JPEG of a phone": jpeg(exif=exif(secrets=True)),
}


@pytest.mark.parametrize("data", [b"", b"no picture at all", FILES["TIFF"][:9], FILES["HEIC"][:40], FILES["PNG"][:20]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        glance(data)


@pytest.mark.parametrize("name", sorted(FILES))
def test_camera_moment_and_frames_are_those_of_the_clean_picture(name: str) -> None:
    seen, picture = glance(FILES[name]), clean_picture(FILES[name])
    wanted = (picture.exif.maker, picture.exif.model, picture.exif.serial, picture.exif.software, picture.exif.taken)
    assert (seen.exif.maker, seen.exif.model, seen.exif.serial, seen.exif.software, seen.exif.taken) == wanted
    assert seen.frames == picture.frames
