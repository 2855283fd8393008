"""What becomes of a video: a table over what is known of it."""

import time
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from gateway.conversion.errors import TooManyPixelsError, UnsupportedCodingError
from gateway.conversion.video.errors import VideoTooLongError
from gateway.conversion.video.levels import LEVEL_4_1
from gateway.conversion.video.planning import Keep, Transcode, plan
from gateway.conversion.video.probed import Probed, VideoLimits

LIMITS = VideoLimits()
PHONE = Probed(
    codec="h264", profile=100, level=40, columns=1920, rows=1080, frames=300, rate=Fraction(30), video_bytes=20_000_000
)
HEVC = replace(PHONE, codec="hevc", profile=1, level=120)


def planned(video: Probed, *, keep_hevc: bool = True) -> Keep | Transcode:
    return plan(video, LIMITS, keep_hevc=keep_hevc)


@pytest.mark.parametrize(
    ("facts", "syntax"),
    [
        ({}, "1.2.840.10008.1.2.4.102"),
        ({"profile": 77}, "1.2.840.10008.1.2.4.102"),
        ({"profile": 66, "constrained": True}, "1.2.840.10008.1.2.4.102"),
        ({"rate": Fraction(30000, 1001), "jitter": 0.4}, "1.2.840.10008.1.2.4.102"),
        ({"level": 42, "rate": Fraction(60)}, "1.2.840.10008.1.2.4.104"),
        ({"codec": "hevc", "profile": 1, "level": 153, "columns": 3840, "rows": 2160}, "1.2.840.10008.1.2.4.107"),
        ({"codec": "hevc", "profile": 2, "level": 120}, "1.2.840.10008.1.2.4.108"),
    ],
)
def test_a_stream_that_its_syntax_allows_is_kept(facts: dict[str, Any], syntax: str) -> None:
    assert planned(replace(PHONE, **facts)) == Keep(syntax)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"transfer": 18}, "HDR"),
        ({"transfer": 16}, "HDR"),
        ({"wide_gamut": True}, "sRGB"),
        ({"bits": 10}, "8 bits"),
        ({"chroma_420": False}, "4:2:0"),
        ({"full_range": True}, "full range"),
        ({"turn": 90}, "turns it"),
        ({"mirrored": True}, "turns it"),
        ({"jitter": 0.5}, "frame rate varies"),
        ({"hidden": 3}, "edit list"),
        ({"in_order": False}, "key frame"),
        ({"plain_parameters": False}, "parameters change"),
        ({"interlaced": True}, "interlaced"),
        ({"pixel_aspect": Fraction(4, 3)}, "square"),
        ({"profile": 110}, "profile, level"),
        ({"profile": 66, "constrained": False}, "profile, level"),
        ({"level": 51}, "profile, level"),
        ({"columns": 3840, "rows": 2160, "level": 51}, "profile, level"),
        ({"level": 41, "rate": Fraction(60)}, None),
        ({"video_bytes": 90_000_000}, "profile, level"),
        ({"codec": "hevc", "profile": 1, "level": 156}, "profile, level"),
    ],
)
def test_any_other_is_coded_anew_and_says_why(facts: dict[str, Any], reason: str | None) -> None:
    made = planned(replace(PHONE, **facts))
    if reason is None:
        assert made == Keep("1.2.840.10008.1.2.4.104")
        return
    assert isinstance(made, Transcode)
    assert reason in " ".join(made.reasons)
    assert made.transfer_syntax_uid == "1.2.840.10008.1.2.4.102"
    assert LEVEL_4_1.holds(made.columns, made.rows, made.rate)


def test_hevc_is_coded_anew_where_destinations_do_not_take_it() -> None:
    made = planned(HEVC, keep_hevc=False)
    assert isinstance(made, Transcode)
    assert made.reasons == ("HEVC is not taken by the destinations",)


@pytest.mark.parametrize(
    ("facts", "size", "rate"),
    [
        ({"columns": 3840, "rows": 2160}, (1920, 1080), 30),
        ({"turn": 90}, (1080, 1920), 30),
        ({"rate": Fraction(240), "level": 52, "columns": 1280, "rows": 720}, (1280, 720), 60),
        ({"rate": Fraction(120), "frames": 1200, "turn": 180}, (1920, 1080), 30),
        ({"rate": Fraction(2996, 100), "jitter": 3.0}, (1920, 1080), Fraction(30000, 1001)),
        ({"rate": Fraction(7, 2), "jitter": 3.0}, (1920, 1080), Fraction(7, 2)),
        ({"columns": 720, "rows": 576, "pixel_aspect": Fraction(16, 15)}, (768, 576), 30),
        ({"columns": 321, "rows": 241, "turn": 270}, (240, 320), 30),
    ],
)
def test_what_is_coded_anew_has_a_size_and_rate_of_level_4_1(
    facts: dict[str, Any], size: tuple[int, int], rate: int | Fraction
) -> None:
    made = planned(replace(PHONE, **facts))
    assert isinstance(made, Transcode)
    assert ((made.columns, made.rows), made.rate) == (size, rate)


@pytest.mark.parametrize("aspect", [Fraction(2**31 - 1), Fraction(1, 2**31 - 1), Fraction(10001, 1000)])
def test_pixels_of_a_shape_that_nothing_films_with_are_refused_at_once(aspect: Fraction) -> None:
    begun = time.process_time()
    with pytest.raises(UnsupportedCodingError, match="shape"):
        planned(replace(PHONE, pixel_aspect=aspect))
    for shape in (Fraction(10), Fraction(1, 10)):
        made = planned(replace(PHONE, columns=4096, rows=2304, pixel_aspect=shape))
        assert isinstance(made, Transcode)
        assert LEVEL_4_1.holds(made.columns, made.rows, made.rate)
    assert time.process_time() - begun < 0.1


def test_what_is_too_long_or_too_large_is_refused() -> None:
    with pytest.raises(VideoTooLongError, match="121 seconds"):
        planned(replace(PHONE, frames=3630))
    with pytest.raises(VideoTooLongError, match="frames a second"):
        planned(replace(PHONE, rate=Fraction(960)))
    with pytest.raises(TooManyPixelsError):
        planned(replace(PHONE, columns=7680, rows=4320))
