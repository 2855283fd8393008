"""The bytes of a stream: what goes on of its NAL units, messages and configuration; and its times."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversion.errors import DamagedPictureError, UnsupportedCodingError
from gateway.conversion.video.configuration import Configuration, read_configuration
from gateway.conversion.video.sei import clean_sei, escaped, unescaped
from gateway.conversion.video.sniffing import is_video
from gateway.conversion.video.timing import rate_of
from gateway.conversion.video.units import changes_parameters, clean_packet

SPS, PPS = b"\x67\x64\x00\x28set", b"\x68pps"
AVCC = b"\x01\x64\x00\x28\xff\xe1\x00\x07" + SPS + b"\x01\x00\x04" + PPS + b"\xfd\xf8\xf8\x00"
SLICE = b"\x65picture"


def packet(*units: bytes) -> bytes:
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def configuration() -> Configuration:
    return read_configuration("h264", AVCC)


def test_only_what_makes_the_picture_goes_on() -> None:
    user_data, second_view, filler = b"\x06\x05\x03own\x80", b"\x74view", b"\x0c\xff"
    auxiliary = b"\x6d\x00", b"\x73picture"
    units = (b"\x09\x10", user_data, SLICE, second_view, *auxiliary, filler)
    assert clean_packet(packet(*units), configuration()) == packet(b"\x09\x10", SLICE)


def test_of_messages_together_the_useful_one_stays() -> None:
    assert clean_sei(b"\x06\x05\x03own\x06\x01\xc4\x80", 1) == b"\x06\x06\x01\xc4\x80"
    assert clean_sei(b"\x06\x05\xff\x03own", 1) == b""


@pytest.mark.parametrize("damaged", [b"\x00\x00", packet(SLICE)[:-1], packet(b"\x06\x05\x00\x80"), packet(b"\x73x")])
def test_a_packet_without_a_whole_picture_is_refused(damaged: bytes) -> None:
    with pytest.raises(DamagedPictureError):
        clean_packet(damaged, configuration())


def test_the_configuration_is_written_anew_with_parameter_sets_alone() -> None:
    read = configuration()
    assert (read.profile, read.level, read.constrained, read.length_size) == (100, 40, False, 4)
    assert read.record == AVCC
    assert read_configuration("h264", AVCC + b"SECRET").record == AVCC


def test_hevc_messages_do_not_stay_in_the_configuration() -> None:
    head = b"\x01\x01" + bytes(10) + b"\x78" + bytes(8) + b"\x0f"
    vps, sei = b"\xa0\x00\x01\x00\x04vpsx", b"\x27\x00\x01\x00\x06SECRET"
    read = read_configuration("hevc", head + b"\x02" + vps + sei)
    assert read.record == head + b"\x01" + vps
    assert (read.profile, read.level, read.length_size) == (1, 120, 4)


@given(st.binary(max_size=60), st.sampled_from(["h264", "hevc"]))
def test_no_configuration_brings_the_reader_down(data: bytes, codec: str) -> None:
    with contextlib.suppress(DamagedPictureError, UnsupportedCodingError):
        read_configuration("h264" if codec == "h264" else "hevc", b"\x01" + data)


def test_another_sequence_parameter_set_is_noticed() -> None:
    assert not changes_parameters(packet(SPS, SLICE), configuration())
    assert changes_parameters(packet(SPS + b"x", SLICE), configuration())


@given(st.binary(max_size=40))
def test_emulation_prevention_is_undone_and_done_again(data: bytes) -> None:
    assert unescaped(escaped(data)) == data
    assert not any(start in escaped(data) for start in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))


@pytest.mark.parametrize(
    ("times", "base", "rate", "steady"),
    [
        ([0, 1001, 2002, 3003], Fraction(1, 30000), Fraction(30000, 1001), True),
        ([0, 20, 41, 60, 80, 99], Fraction(1, 600), Fraction(30), True),
        ([0, 40, 80, 400, 440], Fraction(1, 1000), None, False),
        ([0], Fraction(1, 25), Fraction(25), True),
        ([7, 7, 7], Fraction(1, 25), None, False),
    ],
)
def test_times_have_a_rate_and_a_distance_from_it(
    times: list[int], base: Fraction, rate: Fraction | None, steady: bool
) -> None:
    found, jitter = rate_of(times, base, 1)
    assert rate in {None, found}
    assert (jitter < 0.5) == steady


@pytest.mark.parametrize("brand", [b"isom", b"qt  ", b"mp42", b"3gp5", b"M4V ", b"avc1"])
def test_videos_are_told_by_their_first_bytes(brand: bytes) -> None:
    assert is_video(b"\0\0\0\x20ftyp" + brand)
    assert is_video(b"\0\0\0\x08wide\0\0\0\0")


@pytest.mark.parametrize("head", [b"", b"\xff\xd8\xff\xe0\0\0JFIF\0\0", b"\0\0\0\x20ftyp", b"\0\0\0\x20ftypheic"])
def test_pictures_are_no_videos(head: bytes) -> None:
    assert not is_video(head)
    assert not is_video(b"\0\0\0\x20ftypavif")
