"""Every kind of picture x turned, of odd size, with a profile, transparent, cut short, with bytes behind it."""

import io
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageOps
from pydicom import dcmread

from gateway.conversion import stored_pixels
from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import PictureError, TooManyPixelsError, UnsupportedCodingError
from gateway.conversion.facts import SopClass
from gateway.conversion.jpeg_layout import read_layout
from gateway.conversion.photo import photo_to_dicom
from gateway.conversion.picture import CleanPicture
from gateway.conversion.png_layout import SIGNATURE, chunk, read_png_layout
from inference import errors
from inference.orientation import turn
from inference.picture import decode_picture
from tests.integration.conversion.kinds import KINDS, ODD, SPECIAL, heic, saved
from tests.peers import dciodvfy_errors, require
from tests.unit.conversion.samples import (
    SECRETS,
    Pixels,
    decoded,
    display_profile,
    exif,
    facts,
    furthest,
    jpeg,
    png,
    scene,
    segment,
    spoilt,
)

ALL = {
    **{name: kind.write(scene(*ODD), 1, None) for name, kind in KINDS.items()},
    **{n: m() for n, m in SPECIAL.items()},
}
SPECIAL_GREY = Image.fromarray(scene(*ODD)).convert("L").convert("RGB")
TURNED = [name for name, kind in KINDS.items() if kind.can_turn]


def frames(picture: CleanPicture) -> Pixels:
    """All frames of the clean picture: (frames, rows, columns[, 3])."""
    if picture.native is None:
        return decoded(picture.stream)[np.newaxis]
    shape = (picture.frames, picture.rows, picture.columns, *((3,) if picture.samples == 3 else ()))
    return np.frombuffer(picture.native, np.uint8).reshape(shape)


def seen(data: bytes) -> Pixels:
    """The upright picture as the models get it."""
    picture = decode_picture(data, max_pixels=10**7, min_side=1)
    return np.asarray(turn(picture.image, picture.orientation))


def by_pillow(data: bytes) -> list[Pixels]:
    """Every frame as Pillow and pillow-heif show it, upright, RGB."""
    if data[4:8] == b"ftyp" and data[8:10] == b"he":
        return [np.asarray(pillow_heif.open_heif(data).to_pillow().convert("RGB"))]
    found = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(np.asarray(ImageOps.exif_transpose(image).convert("RGB")))
    return found


def stored(picture: CleanPicture, folder: Path) -> Path:
    file = folder / "picture.dcm"
    sop_class = SopClass.MULTI_FRAME_TRUE_COLOR_SC if picture.frames > 1 else SopClass.VL_PHOTOGRAPHIC
    file.write_bytes(b"".join(photo_to_dicom(picture, facts(), sop_class).parts))
    return file


def rgb(pixels: Pixels, *, grey: bool) -> Pixels:
    return np.stack([pixels] * 3, axis=-1) if grey else pixels


@pytest.mark.parametrize("name", KINDS)
def test_the_picture_is_the_one_that_was_written(name: str) -> None:
    picture = clean_picture(ALL[name])
    assert (picture.rows, picture.columns, picture.samples, picture.frames) == (*ODD, 3, 1)
    assert furthest(frames(picture)[0], scene(*ODD)) <= KINDS[name].tolerance
    assert bool(picture.lossy) == (KINDS[name].tolerance > 0)
    assert picture.media_type == ("image/jpeg" if picture.lossy else "image/png")
    assert furthest(decoded(picture.stream), frames(picture)[0]) <= (8 if picture.lossy else 0)


@pytest.mark.parametrize("name", [name for name in SPECIAL if name not in {"CMYK JPEG", "16 bit PNG", "16 bit TIFF"}])
def test_other_samples_and_further_frames_are_as_pillow_shows_them(name: str) -> None:
    picture = clean_picture(ALL[name])
    theirs = by_pillow(ALL[name])
    if name == "animated PNG":
        theirs = theirs[:1]
    if name == "16 bit JPEG 2000":
        theirs = [np.asarray(SPECIAL_GREY)]
    assert picture.frames == len(theirs)
    for ours, other in zip(frames(picture), theirs, strict=True):
        assert furthest(rgb(ours, grey=picture.samples == 1), other) <= (8 if "RGB JPEG" in name else 1)
    if "animated" in name and picture.frames > 1:
        assert picture.frame_times_ms == (80, 120)


@pytest.mark.parametrize("name", ["16 bit PNG", "16 bit TIFF", "16 bit JPEG 2000"])
def test_sixteen_bits_keep_the_upper_eight_and_say_so(name: str) -> None:
    picture = clean_picture(ALL[name])
    assert furthest(frames(picture)[0], np.asarray(SPECIAL_GREY.convert("L"))) == 0
    assert (picture.derived, picture.derivation) == (True, "16 bits per sample reduced to 8")


@pytest.mark.parametrize("name", ALL)
def test_the_models_see_the_picture_that_is_stored(name: str) -> None:
    picture = clean_picture(ALL[name])
    ours = rgb(frames(picture)[0], grey=picture.samples == 1)
    assert furthest(ours, seen(ALL[name])) <= (8 if "JPEG" in name and "20" not in name else 0)


@pytest.mark.peer
@pytest.mark.parametrize("name", ALL)
def test_the_object_is_valid_and_decodes_to_the_picture(name: str, tmp_path: Path) -> None:
    picture = clean_picture(ALL[name])
    file = stored(picture, tmp_path)
    ours = frames(picture)
    grey = picture.samples == 1 and picture.frames > 1
    assert dciodvfy_errors(file) == []
    assert furthest(np.squeeze(rgb(ours, grey=grey)), dcmread(file).pixel_array) <= (1 if picture.lossy else 0)


@pytest.mark.peer
@pytest.mark.parametrize("name", ["PNG", "HEIC", "grey PNG", "animated GIF", "TIFF of three pages"])
def test_large_pictures_are_packed_so_that_dcmtk_unpacks_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_pixels, "MOST_PLAIN_BYTES", 0)
    picture = clean_picture(ALL[name])
    file, plain = stored(picture, tmp_path), tmp_path / "plain.dcm"
    assert dcmread(file).file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.80"
    subprocess.run([require("dcmdjpls"), file, plain], check=True, capture_output=True, timeout=60)
    assert furthest(dcmread(plain).pixel_array, np.squeeze(frames(picture))) == 0


@pytest.mark.parametrize("name", TURNED)
@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_picture_becomes_upright(name: str, orientation: int) -> None:
    data = KINDS[name].write(scene(96, 144), orientation, None)
    picture = clean_picture(data)
    assert picture.exif.orientation in {1, orientation}
    within = 3 if name.startswith("JPEG") else 0
    assert furthest(frames(picture)[0], by_pillow(data)[0] if name != "AVIF" else seen(data)) <= within
    assert furthest(seen(data), frames(picture)[0]) <= within
    expected = np.asarray(turn(Image.fromarray(scene(96, 144)), orientation))
    assert furthest(frames(picture)[0], expected) <= KINDS[name].tolerance


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.can_hold_icc])
def test_a_display_p3_profile_stays_with_the_samples(name: str) -> None:
    picture = clean_picture(KINDS[name].write(scene(96, 144), 1, display_profile("P3")))
    assert picture.color.icc_profile is not None
    assert picture.color.icc_profile[12:16] == b"scnr"
    assert picture.color.space is None
    assert clean_picture(picture.stream).color == picture.color
    assert furthest(frames(picture)[0], scene(96, 144)) <= KINDS[name].tolerance


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF", "HEIC", "JPEG2000"])
def test_what_is_transparent_lies_over_white(kind: str) -> None:
    image = Image.new("RGBA", (64, 48), (200, 30, 30, 255))
    image.paste((0, 0, 0, 0), (32, 0, 64, 48))
    said: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True, "exact": True}, "AVIF": {"quality": 100}}
    data = heic(image, quality=-1) if kind == "HEIC" else saved(image, kind, **said.get(kind, {}))
    pixels = frames(clean_picture(data))[0]
    assert furthest(pixels[:, 40:], np.full((48, 24, 3), 255, np.uint8)) <= 3
    assert furthest(pixels[:, :24], np.full((48, 24, 3), (200, 30, 30), np.uint8)) <= 6
    assert furthest(seen(data), pixels) == 0
    assert clean_picture(data).derived


@pytest.mark.parametrize("name", ALL)
def test_a_file_cut_short_is_refused_by_the_archive_and_by_the_models(name: str) -> None:
    data = ALL[name]
    for part in (0.05, 0.4, 0.9):
        with pytest.raises(PictureError):
            clean_picture(data[: int(len(data) * part)])
        with pytest.raises(errors.PictureError):
            seen(data[: int(len(data) * part)])


@pytest.mark.parametrize("name", ALL)
def test_bytes_behind_a_picture_change_nothing_and_are_gone(name: str) -> None:
    tail = b"\0TAIL-SECRET" + jpeg(scene(16, 16), comment=b"TAIL-SECRET")
    with_tail, without = clean_picture(ALL[name] + tail), clean_picture(ALL[name])
    assert with_tail.stream == without.stream
    assert with_tail.native == without.native
    assert with_tail.codestream == without.codestream


GPS, OWNER, NOTE, ARTIST, TEXT, THUMB, TAIL = SECRETS
IN_EXIF = {GPS, OWNER, NOTE, ARTIST, TEXT, THUMB}


def _profile() -> bytes:
    """A display's, with what such profiles hold beside colours."""
    profile = display_profile("P3")
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * index) for index in range(count)]
    table = b"".join(struct.pack(">4sII", name, at + 12, size) for name, at, size in entries)
    body = table + struct.pack(">4sII", b"mmod", len(profile) + 12, len(OWNER)) + profile[132 + 12 * count :] + OWNER
    return struct.pack(">I", len(profile) + 12 + len(OWNER)) + profile[4:128] + struct.pack(">I", count + 1) + body


def _between_scans(data: bytes) -> bytes:
    """The progressive JPEG with segments before its second scan, and tables behind its last."""
    second = [s for s in read_layout(data).segments if s.marker == 0xDA][1].start
    late = segment(0xE1, b"Exif\0\0" + GPS) + segment(0xE2, b"MPF\0" + NOTE) + segment(0xFE, TEXT)
    table = segment(0xDB, b"\x03" + OWNER.ljust(64, b"."))
    return data[:second] + late + data[second:-2] + table + data[-2:]


def _png_with_more(data: bytes) -> bytes:
    """The PNG with text of every kind, none of it made unreadable, and bytes behind its coded picture."""
    texts = (
        chunk(b"tEXt", b"Author\0" + ARTIST),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(TEXT, 0)),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + OWNER),
        chunk(b"PLTE", THUMB.ljust(15, b".")),
    )
    return data[:33] + b"".join(texts) + data[33:-12] + chunk(b"IDAT", NOTE) + chunk(b"IEND", GPS)


def _planted() -> dict[str, tuple[set[bytes], bytes]]:
    """Each kind with the secrets that must be found in it before."""
    image, second = Image.fromarray(scene(96, 144)), Image.fromarray(scene(40, 60))
    words: dict[str, Any] = {"exif": exif(6, secrets=True), "xmp": b"<x>OWNER-SECRET</x>"}
    described = {"description": TEXT.decode(), "artist": ARTIST.decode()}
    pages = [image.rotate(180), image]
    return {
        "JPEG": (IN_EXIF | {TAIL}, spoilt(jpeg(exif=exif(1, secrets=True)))),
        "JPEG, turned": (IN_EXIF | {TAIL}, spoilt(jpeg(exif=exif(6, secrets=True)))),
        "JPEG between scans": ({GPS, NOTE, TEXT, OWNER}, _between_scans(jpeg(progressive=True))),
        "JPEG, profile": ({OWNER}, jpeg(icc_profile=_profile())),
        "PNG": (IN_EXIF, png(scene(96, 144), exif=exif(6, secrets=True))),
        "PNG, chunks": ({ARTIST, TEXT, OWNER, THUMB, NOTE, GPS}, _png_with_more(png(scene(96, 144)))),
        "HEIC": (IN_EXIF, heic(image, more=(second,), **words)),
        "HEIC, profile": ({OWNER}, heic(image, icc_profile=_profile())),
        "AVIF": (IN_EXIF - {THUMB}, saved(image, "AVIF", speed=10, **words)),
        "WebP": (IN_EXIF, saved(image, "WEBP", **words)),
        "WebP, profile": ({OWNER}, saved(image, "WEBP", lossless=True, icc_profile=_profile())),
        "TIFF": (IN_EXIF - {THUMB}, saved(image, "TIFF", exif=exif(6, secrets=True), **described)),
        "TIFF, profile": ({OWNER}, saved(image, "TIFF", icc_profile=_profile())),
        "TIFF of pages": (
            {TEXT, ARTIST, OWNER, NOTE},
            saved(
                image, "TIFF", save_all=True, append_images=pages,
                tiffinfo={700: b"<x>OWNER-SECRET</x>", 33723: NOTE, 270: TEXT.decode(), 315: ARTIST.decode()},
            ),
        ),
        "GIF": ({TEXT}, saved(image, "GIF", comment=TEXT)),
        "JPEG 2000": ({TEXT}, saved(image, "JPEG2000", comment=TEXT.decode(), mct=1, no_jp2=True)),
    }  # fmt: skip


@pytest.mark.parametrize("name", _planted())
def test_nothing_that_identifies_is_left_in_any_byte(name: str, tmp_path: Path) -> None:
    secrets, data = _planted()[name]
    assert {secret for secret in SECRETS if secret in data} >= secrets
    picture = clean_picture(data + TAIL)
    written = [stored(picture, tmp_path).read_bytes(), picture.stream, picture.native or b"", picture.codestream or b""]
    inflated = [zlib.decompress(part) for part in _profiles_of_png(picture.stream)]
    assert not [secret for secret in SECRETS for part in (*written, *inflated) if secret in part]
    assert all(part.count(b"\xff\xd8\xff") <= 1 for part in written)


def _profiles_of_png(stream: bytes) -> list[bytes]:
    """The compressed profiles in a PNG, which hide what is searched for."""
    if not stream.startswith(SIGNATURE):
        return []
    contents = [stream[c.start + 8 : c.end - 4] for c in read_png_layout(stream).chunks if c.type == b"iCCP"]
    return [content.partition(b"\0")[2][1:] for content in contents]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "HEIC", "AVIF", "WebP", "TIFF"])
def test_what_exif_says_of_the_camera_is_read_from_every_format_that_has_it(name: str) -> None:
    read = clean_picture(_planted()[name][1]).exif
    assert (read.maker, read.model) == ("Maker", "Model")
    assert read.taken is not None
    assert read.subject_area == () or max(read.subject_area[:2]) < 144


def test_a_codestream_goes_into_the_object_as_it_came_without_its_comment() -> None:
    data = saved(Image.fromarray(scene(*ODD)), "JPEG2000", comment="TEXT-SECRET", mct=1, no_jp2=True)
    picture = clean_picture(data)
    assert picture.codestream is not None
    comment = data.index(b"\xff\x64")
    length = 2 + int.from_bytes(data[comment + 2 : comment + 4])
    assert picture.codestream == data[:comment] + data[comment + length :]
    assert picture.photometric_interpretation == "YBR_RCT"


def test_a_reversible_codestream_that_was_cut_to_a_rate_counts_as_lossy() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (128, 128, 3), np.uint8)
    cut = saved(Image.fromarray(noise), "JPEG2000", mct=1, quality_mode="rates", quality_layers=[8])
    assert clean_picture(cut).lossy
    for pixels in (noise, np.stack([noise[..., 0]] * 3, axis=-1)):
        assert not clean_picture(saved(Image.fromarray(pixels), "JPEG2000", mct=1)).lossy


def test_all_frames_count_against_the_pixels_allowed() -> None:
    data = ALL["TIFF of three pages"]
    with pytest.raises(TooManyPixelsError, match="3 frames"):
        clean_picture(data, max_pixels=3 * ODD[0] * ODD[1] - 1)
    assert decode_picture(data, max_pixels=ODD[0] * ODD[1], min_side=1).width == ODD[1]


def test_pages_of_different_sizes_are_refused() -> None:
    pages = saved(Image.fromarray(scene(*ODD)), "TIFF", save_all=True, append_images=[Image.fromarray(scene(50, 60))])
    with pytest.raises(UnsupportedCodingError, match="pages"):
        clean_picture(pages)
