"""Brightness of grey samples, held against the standard's own formulas (PS3.3 C.11)."""

from dataclasses import replace

import numpy as np
import pytest

from dicomweb.archive import JsonObject
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.grey import shown
from dicomweb.rendering.image_facts import ImageFacts, LookUpTable, image_facts
from dicomweb.rendering.parameters import VoiWindow, WindowFunction

DEEP = ImageFacts(
    rows=1,
    columns=5,
    samples=1,
    photometric_interpretation="MONOCHROME2",
    bits_allocated=16,
    bits_stored=12,
    high_bit=11,
)


def levels(values: list[int], facts: ImageFacts = DEEP, window: VoiWindow | None = None) -> list[int]:
    return [int(level) for level in shown(np.array([values], np.int64).astype(np.uint16), facts, window)[0]]


def by_the_standard(value: float, center: float, width: float) -> int:
    """C.11.2.1.2.1, word by word."""
    if value <= center - 0.5 - (width - 1) / 2:
        return 0
    if value > center - 0.5 + (width - 1) / 2:
        return 255
    return round(((value - (center - 0.5)) / (width - 1) + 0.5) * 255)


@pytest.mark.parametrize(("center", "width"), [(2048, 4096), (40, 400), (1000.5, 1), (0, 2), (3000, 100)])
def test_a_linear_window_is_that_of_the_standard(center: float, width: float) -> None:
    values = [0, 39, 1000, 1001, 3020]
    expected = [by_the_standard(value, center, width) for value in values]
    assert levels(values, window=VoiWindow(center, width)) == pytest.approx(expected, abs=1)


def test_the_other_functions_are_those_of_the_standard() -> None:
    exact = levels([0, 50, 100, 150, 200], window=VoiWindow(100, 100, WindowFunction.LINEAR_EXACT))
    assert exact == pytest.approx([0, 0, 127.5, 255, 255], abs=1)
    sigmoid = levels([0, 50, 100, 150, 200], window=VoiWindow(100, 100, WindowFunction.SIGMOID))
    assert sigmoid == pytest.approx([255 / (1 + np.exp(-4 * (x - 100) / 100)) for x in (0, 50, 100, 150, 200)], abs=1)


def test_the_requests_window_goes_before_the_headers() -> None:
    facts = replace(DEEP, window=VoiWindow(2048, 4096))
    assert levels([100, 4000, 0, 0, 0], facts)[0] < 10
    assert levels([100, 4000, 0, 0, 0], facts, VoiWindow(50, 10))[0] == 255


def test_without_a_window_deep_pictures_are_stretched_and_padding_is_not_counted() -> None:
    assert levels([1000, 1500, 2000, 1000, 2000]) == pytest.approx([0, 127.5, 255, 0, 255], abs=1)
    assert levels([1000, 1500, 2000, 0, 0], replace(DEEP, padding=0))[:3] == pytest.approx([0, 127.5, 255], abs=1)


def test_eight_bits_without_a_window_are_shown_as_they_are() -> None:
    facts = replace(DEEP, bits_allocated=8, bits_stored=8, high_bit=7)
    raw = np.arange(256, dtype=np.uint8).reshape(1, 256)
    assert (shown(raw, facts, None) == raw).all()
    inverted = replace(facts, photometric_interpretation="MONOCHROME1")
    assert (shown(raw, inverted, None) == 255 - raw).all()


def test_signs_are_extended_and_bits_outside_of_the_sample_cut_off() -> None:
    signed = replace(DEEP, signed=True, window=VoiWindow(0, 4096))
    assert levels([0x0FFF, 0x0000, 0x0800, 0xF7FF, 0x07FF], signed) == pytest.approx([127, 128, 0, 255, 255], abs=1)
    high = replace(DEEP, bits_stored=8, high_bit=15)
    assert levels([0xFF00, 0x80AB, 0x0000, 0x00FF, 0x01FF], high) == [255, 128, 0, 0, 1]


def test_modality_values_are_what_a_window_speaks_of() -> None:
    hounsfield = replace(DEEP, slope=1.0, intercept=-1024.0, window=VoiWindow(40, 400))
    assert levels([0, 1064, 1264, 4095, 864], hounsfield) == pytest.approx([0, 128, 255, 255, 0], abs=1)


def test_tables_of_the_header_are_looked_up_and_held_at_their_ends() -> None:
    table = LookUpTable(first=10, bits=8, entries=np.array([0, 100, 255], np.uint16))
    assert levels([0, 10, 11, 12, 4000], replace(DEEP, voi=table)) == [0, 0, 100, 255, 255]
    assert levels([0, 10, 11, 12, 4000], replace(DEEP, modality=table, window=VoiWindow(128, 256))) == pytest.approx(
        [0, 0, 100, 255, 255], abs=1
    )


def test_an_inverse_presentation_turns_brightness_round() -> None:
    assert levels([0, 0, 4095, 4095, 0], replace(DEEP, inverse=True, window=VoiWindow(2048, 4096)))[0] == 255


@pytest.mark.parametrize("high_bit", [-1, 16, 40, 10**18])
def test_a_high_bit_outside_a_sample_is_refused(high_bit: int) -> None:
    with pytest.raises(NotRenderableError, match="high bit"):
        levels([0], replace(DEEP, high_bit=high_bit))


def with_table(sequence: str, first: float, entries: list[int]) -> JsonObject:
    table = {"00283002": {"vr": "US", "Value": [4, first, 16]}, "00283006": {"vr": "US", "Value": entries}}
    size = {tag: {"vr": "US", "Value": [4]} for tag in ("00280010", "00280011")}
    return {**size, sequence: {"vr": "SQ", "Value": [table]}}


@pytest.mark.parametrize("sequence", ["00283000", "00283010"])
@pytest.mark.parametrize(("first", "entries"), [(9.9e17, [1, 2]), (-9.9e17, [1, 2]), (65_536, [1, 2]), (0, [])])
def test_tables_that_none_can_be_are_refused(sequence: str, first: float, entries: list[int]) -> None:
    with pytest.raises(NotRenderableError, match="table"):
        image_facts(with_table(sequence, first, entries), lambda _: b"")


def test_a_palette_without_entries_is_refused() -> None:
    members: JsonObject = {"00280004": {"vr": "CS", "Value": ["PALETTE COLOR"]}, **with_table("00283000", 0, [1])}
    for number in "123":
        members[f"0028110{number}"] = {"vr": "US", "Value": [4, 0, 16]}
        members[f"0028120{number}"] = {"vr": "OW", "Value": []}
    with pytest.raises(NotRenderableError):
        image_facts(members, lambda _: b"")


def test_values_far_beyond_a_table_take_its_last_entry() -> None:
    voi = LookUpTable(first=0, bits=8, entries=np.array([0, 255], np.uint16))
    assert levels([0, 1], replace(DEEP, voi=voi, slope=9e17)) == [0, 255]
