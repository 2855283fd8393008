"""TIFF pages: which samples are taken, how each page lies, and what a hostile directory costs."""

import io
import struct
import time
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from inference.errors import PictureError, UnsupportedPicture
from inference.formats.decoding import decoded_frames, layout_of
from inference.formats.layout import Layout
from tests.unit.inference.pictures import gradient
from tests.unit.inference.tiffs import page, written

WIDTH, HEIGHT = 64, 48
RGB = np.asarray(gradient(WIDTH, HEIGHT))
SECONDS = 1.0


def walked(data: bytes) -> Layout:
    return layout_of("tiff", data)


def appended(*pages: tuple[Image.Image, dict[str, Any]]) -> bytes:
    """Pages of their own options each."""
    target = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(target, True) as writer:
        for image, options in pages:
            image.save(writer, "TIFF", **options)
            writer.newFrame()
    return target.getvalue()


def planar(coding: int, depth: int) -> bytes:
    """The colours one behind the other."""
    kind, scale = ("<u2", 257) if depth == 16 else ("u1", 1)
    planes = [(RGB[..., band].astype(kind) * scale).astype(kind).tobytes() for band in range(3)]
    planes = [zlib.compress(plane) if coding == 8 else plane for plane in planes]
    starts = [8, 8 + len(planes[0]), 8 + len(planes[0] + planes[1])]
    sizes = [len(plane) for plane in planes]
    fields = page((WIDTH, HEIGHT), 2, [depth] * 3, 1, t259=[coding], t273=starts, t279=sizes, t284=[2])
    return written([fields], b"".join(planes))


@pytest.mark.parametrize(("coding", "depth"), [(1, 8), (8, 8), (8, 16)])
def test_colours_that_stand_each_by_itself_are_put_together(coding: int, depth: int) -> None:
    frame = next(decoded_frames(walked(planar(coding, depth))))
    assert (np.asarray(frame.image) == RGB).all()


def test_uncoded_colours_of_sixteen_bits_each_by_itself_are_refused() -> None:
    """Their decoder makes something else of them, without a word."""
    with pytest.raises(UnsupportedPicture, match="each colour by itself"):
        walked(planar(1, 16))


@pytest.mark.parametrize(
    ("photometric", "depths", "further", "order"),
    [
        (2, [2, 2, 2], (), "<"),
        (2, [4, 4, 4], (), "<"),
        (2, [8, 16, 8], (), "<"),
        (1, [10], (), "<"),
        (1, [12], (), ">"),
        (1, [16, 16], (2,), "<"),
        (1, [8, 8], (), "<"),
        (2, [8, 8], (), "<"),
        (6, [16, 16, 16], (), "<"),
        (2, [8, 8, 8, 8, 8], (0, 2), "<"),
    ],
)
def test_samples_that_the_decoder_does_not_have_are_no_damage(
    photometric: int, depths: list[int], further: tuple[int, ...], order: str
) -> None:
    pixels = bytes(WIDTH * HEIGHT * 2 * len(depths))
    more = {"t338": further} if further else {}
    with pytest.raises(UnsupportedPicture):
        walked(written([page((WIDTH, HEIGHT), photometric, depths, len(pixels), **more)], pixels, order=order))


@pytest.mark.parametrize(
    ("photometric", "depths", "further", "order"),
    [
        *[(1, [depth], (), "<") for depth in (1, 2, 4, 8, 12, 16)],
        *[(0, [depth], (), "<") for depth in (1, 2, 4, 8, 16)],
        *[(2, [depth] * 3, (), order) for depth in (8, 16) for order in "<>"],
        (1, [16], (), ">"),
        (0, [16], (), ">"),
        *[(1, [8, 8], (kind,), "<") for kind in (0, 1, 2)],
        *[(2, [8] * 4, (kind,), ">") for kind in (0, 1, 2)],
        (2, [8] * 4, (), "<"),
        (2, [8] * 6, (1, 0, 0), "<"),
        *[(2, [16] * 4, (kind,), "<") for kind in (0, 1, 2)],
        (5, [8] * 4, (), "<"),
        (5, [16] * 4, (), ">"),
        (5, [8] * 5, (0,), "<"),
        (6, [8] * 3, (), "<"),
    ],
)
def test_every_kind_of_samples_that_passes_is_one_that_the_decoder_has(
    photometric: int, depths: list[int], further: tuple[int, ...], order: str
) -> None:
    pixels = bytes(WIDTH * HEIGHT * sum(depths) // 8)
    more = {"t338": further} if further else {}
    data = written([page((WIDTH, HEIGHT), photometric, depths, len(pixels), **more)], pixels, order=order)
    assert next(decoded_frames(walked(data))).image.size == (WIDTH, HEIGHT)


def test_one_page_of_jpeg_makes_the_whole_file_lossy() -> None:
    image = gradient(WIDTH, HEIGHT)
    assert walked(appended((image, {}), (image, {"compression": "jpeg"}))).lossy
    assert not walked(appended((image, {}), (image, {}))).lossy


def test_pages_that_lie_in_different_ways_are_refused() -> None:
    image = gradient(WIDTH, HEIGHT)
    with pytest.raises(UnsupportedPicture, match="turn"):
        walked(appended((image, {}), (image, {"tiffinfo": {274: 3}})))


def test_how_a_reduced_copy_lies_says_nothing_of_the_picture() -> None:
    copy = (gradient(16, 12), {"tiffinfo": {254: 1, 274: 3}})
    assert walked(appended(copy, (gradient(WIDTH, HEIGHT), {}))).orientation == 1
    assert walked(appended(copy, (gradient(WIDTH, HEIGHT), {"tiffinfo": {274: 6}}))).orientation == 6


@pytest.mark.parametrize(
    ("tags", "size"), [((324, 325), (300, 300)), ((273, 279), (1, 1 << 20)), ((279,), (1, 1)), ((325,), (300, 300))]
)
def test_pages_that_share_an_array_of_a_million_places_are_refused_in_time(
    tags: tuple[int, ...], size: tuple[int, int]
) -> None:
    count = 1 << 20
    body = bytearray(b"II*\0\0\0\0\0" + struct.pack("<I", 1) * count)
    entries = [(256, 4, 1, size[0]), (257, 4, 1, size[1]), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(tag, 4, count, 8) for tag in tags] + [(277, 3, 1, 1), (278, 4, 1, 1), (322, 4, 1, 16), (323, 4, 1, 16)]
    entries = sorted(entry for entry in entries if tags[0] >= 324 or entry[0] < 300)
    for number in range(200):
        link = 4 if number == 0 else len(body) - 4
        struct.pack_into("<I", body, link, len(body))
        body += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries) + bytes(4)
    started = time.process_time()
    with pytest.raises(UnsupportedPicture, match="strips or tiles"):
        walked(bytes(body))
    assert time.process_time() - started < SECONDS


def test_more_tiles_than_the_picture_can_have_are_refused() -> None:
    tiles = {"t322": [16], "t323": [16], "t324": [8] * 13, "t325": [256] * 13}
    fields = {tag: f for tag, f in page((64, 48), 1, [8], 1, **tiles).items() if tag not in {273, 278, 279}}
    with pytest.raises(UnsupportedPicture, match="than its picture can have"):
        walked(written([fields], bytes(4096)))
    fields |= {324: (4, [8] * 12), 325: (4, [256] * 12)}
    assert next(decoded_frames(walked(written([fields], bytes(4096))))).image.size == (64, 48)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_palette_page_without_its_palette_is_refused(number: int) -> None:
    """Pillow sets up every page when it counts them, and fails there in ways of its own."""
    fields = page((WIDTH, HEIGHT), 3, [8], WIDTH * HEIGHT)
    whole = {**fields, 320: (3, [0] * 768)}
    data = written([fields if at == number else whole for at in range(3)], bytes(WIDTH * HEIGHT))
    with pytest.raises(PictureError):
        list(decoded_frames(walked(data)))


def test_fewer_depths_than_samples_are_refused() -> None:
    good, bad = (page((WIDTH, HEIGHT), 2, depths, 3 * WIDTH * HEIGHT, t277=[3]) for depths in ([8] * 3, [8] * 2))
    with pytest.raises(UnsupportedPicture):
        list(decoded_frames(walked(written([good, bad, good], bytes(3 * WIDTH * HEIGHT)))))
