"""Videos made clean: what is kept is the source's frames, what is coded anew looks the same, nothing else is left."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from gateway.conversion.errors import DamagedPictureError, PictureError, UnsupportedCodingError
from gateway.conversion.video.errors import VideoTooLongError
from gateway.conversion.video.job import STORED, VideoWishes, WorkedVideo, still_name
from gateway.conversion.video.opening import opened, picture_stream
from gateway.conversion.video.planning import Transcode
from gateway.conversion.video.probed import VideoLimits
from gateway.conversion.video.probing import probe
from gateway.conversion.video.transcoding import transcode
from gateway.conversion.video.working import work
from tests.unit.conversion.video.samples import METADATA, SECRETS, decoded, joined, make_video, scene, trimmed

HIGH_4_1, HEVC_MAIN = "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.107"


def worked(source: Path, wishes: VideoWishes | None = None) -> tuple[WorkedVideo, Path]:
    folder = source.parent / "worked"
    folder.mkdir()
    return work(source, folder, wishes or VideoWishes(stills=3)), folder / STORED


def assert_nothing_else(stored: Path) -> None:
    data = stored.read_bytes()
    assert not [secret for secret in SECRETS if secret in data]
    with av.open(str(stored)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert set(container.metadata) == {"major_brand", "minor_version", "compatible_brands"}


@pytest.mark.parametrize("container", ["mp4", "mov"])
def test_a_stream_that_fits_is_kept_frame_for_frame(container: str, tmp_path: Path) -> None:
    source = make_video(tmp_path / "v", container=container, metadata=METADATA, options={"bf": "2"}, sound=True)
    assert b"SECRET-TITLE" in source.read_bytes()
    made, stored = worked(source)
    assert made.facts.transfer_syntax_uid == HIGH_4_1
    assert (made.facts.frames, made.facts.rows, made.facts.columns) == (12, 240, 320)
    assert (made.facts.derived, made.facts.audio_channels, len(made.facts.lossy)) == (False, 0, 1)
    assert "ound removed" in made.facts.derivation
    assert made.facts.exif.taken is not None
    for before, after in zip(decoded(source), decoded(stored), strict=True):
        assert np.array_equal(before, after)
    assert_nothing_else(stored)


def test_hevc_is_kept_where_that_is_wished(tmp_path: Path) -> None:
    source = make_video(tmp_path / "v", codec="libx265", frames=6, metadata=METADATA)
    assert b"x265" in source.read_bytes()
    made, stored = worked(source, VideoWishes(keep_hevc=True, stills=2))
    assert (made.facts.transfer_syntax_uid, made.facts.lossy[0].method) == (HEVC_MAIN, "ISO_23008_2")
    for before, after in zip(decoded(source), decoded(stored), strict=True):
        assert np.array_equal(before, after)
    assert_nothing_else(stored)


def test_sound_is_kept_where_that_is_wished(tmp_path: Path) -> None:
    made, stored = worked(make_video(tmp_path / "v", sound=True), VideoWishes(keep_sound=True, stills=1))
    assert made.facts.audio_channels == 1
    with av.open(str(stored)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert sum(1 for _ in container.decode(audio=0)) > 10


def test_a_jittering_clock_is_put_on_the_beat(tmp_path: Path) -> None:
    times = [100 * index + 15 * (index % 2) for index in range(12)]
    made, stored = worked(make_video(tmp_path / "v", times=times))
    assert not made.facts.derived
    assert made.facts.frame_time_ms == pytest.approx(1000 / 30)
    assert probe(stored, VideoLimits()).jitter == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("counterclockwise", "quarter_turns"), [(90, 1), (180, 2), (270, 3)])
def test_a_turned_video_is_coded_upright(counterclockwise: int, quarter_turns: int, tmp_path: Path) -> None:
    made, stored = worked(make_video(tmp_path / "v", frames=4, counterclockwise=counterclockwise, metadata=METADATA))
    assert made.facts.derived
    assert "turns it" in made.facts.derivation
    assert [step.method for step in made.facts.lossy] == ["ISO_14496_10", "ISO_14496_10"]
    shown, wanted = decoded(stored), [np.rot90(scene(index), quarter_turns) for index in range(4)]
    assert shown[0].shape == wanted[0].shape == (made.facts.rows, made.facts.columns, 3)
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(shown, wanted, strict=True)) < 8
    assert_nothing_else(stored)


@pytest.mark.parametrize(("first", "frames"), [(0, 30), (0, 6), (20, 40), (15, 20)])
def test_a_video_trimmed_by_its_edit_list_shows_what_is_left(first: int, frames: int, tmp_path: Path) -> None:
    """Phones trim so: the samples stay in the file, and readers leave them out."""
    source = make_video(tmp_path / "v", frames=60, size=(64, 48), options={"g": "10", "bf": "2"})
    made, stored = worked(trimmed(source, first=first, frames=frames), VideoWishes(stills=1))
    assert made.facts.frames == pytest.approx(frames, abs=1)
    shown = decoded(stored)
    assert len(shown) == made.facts.frames
    differences = [np.abs(frame.astype(int) - scene(first + index, 64, 48)).mean() for index, frame in enumerate(shown)]
    assert max(differences) < 12


def test_a_varying_rate_becomes_constant(tmp_path: Path) -> None:
    times = [0, 100, 200, 900, 1000, 1100]
    made, stored = worked(make_video(tmp_path / "v", frames=6, times=times))
    assert made.facts.derived
    assert "varies" in made.facts.derivation
    again = probe(stored, VideoLimits())
    assert again.jitter == pytest.approx(0, abs=1e-6)
    assert again.seconds == pytest.approx(12 / 30, abs=0.1)


def test_ten_bits_become_eight(tmp_path: Path) -> None:
    hlg = {"color_primaries": "bt2020", "color_trc": "arib-std-b67", "colorspace": "bt2020nc"}
    made, stored = worked(make_video(tmp_path / "v", codec="libx265", frames=3, pixels="yuv420p10le", options=hlg))
    assert made.facts.derived
    again = probe(stored, VideoLimits())
    assert (again.codec, again.bits, again.transfer) == ("h264", 8, 1)


@pytest.mark.parametrize("size", [(1280, 720), (320, 240)])
def test_colours_that_a_stream_does_not_say_are_the_same_kept_and_coded_anew(
    size: tuple[int, int], tmp_path: Path
) -> None:
    shown = []
    for turn in (0, 180):
        folder = tmp_path / str(turn)
        folder.mkdir()
        made, stored = worked(make_video(folder / "v", frames=1, size=size, counterclockwise=turn))
        assert made.facts.derived == (turn == 180)
        shown.append(np.rot90(np.asarray(Image.open(stored.parent / still_name(1))), turn // 90).astype(int))
    assert np.abs(shown[0] - shown[1]).mean() < 3
    corner = (slice(10, size[1] // 8), slice(10, size[0] // 8))
    assert np.abs(shown[0][corner].mean((0, 1)) - shown[1][corner].mean((0, 1))).max() < 4


def test_frames_that_are_interlaced_later_are_noticed(tmp_path: Path) -> None:
    plain = make_video(tmp_path / "a", frames=3, size=(64, 64))
    later = make_video(tmp_path / "b", frames=3, size=(64, 64), options={"x264-params": "sps-id=1:tff=1"})
    made, stored = worked(joined(plain, later, tmp_path / "v"))
    assert "it is interlaced" in made.facts.derivation
    assert len(decoded(stored)) == made.facts.frames
    with av.open(str(stored)) as container:
        assert not any(frame.interlaced_frame for frame in container.decode(video=0))


@pytest.mark.parametrize(
    "change",
    [
        {"options": {"x264-params": "sps-id=1", "color_range": "pc"}},
        {"options": {"x264-params": "sps-id=1:transfer=arib-std-b67"}},
        {"size": (128, 64)},
    ],
)
@pytest.mark.parametrize("counterclockwise", [0, 90])
def test_frames_that_change_on_the_way_are_refused(
    change: dict[str, Any], counterclockwise: int, tmp_path: Path
) -> None:
    plain = make_video(tmp_path / "a", frames=3, size=(64, 64), counterclockwise=counterclockwise)
    other = make_video(tmp_path / "b", frames=3, **{"size": (64, 64), "options": {"x264-params": "sps-id=1"}, **change})
    with pytest.raises(UnsupportedCodingError, match="on the way"):
        worked(joined(plain, other, tmp_path / "v"))


def test_a_video_of_which_no_frame_is_left_is_refused(tmp_path: Path) -> None:
    """As are those whose frames are all out of order."""
    source = make_video(tmp_path / "v", frames=2, size=(64, 48))
    with pytest.raises(DamagedPictureError, match="no frame"):
        transcode(source, tmp_path / "made", probe(source, VideoLimits()), Transcode(64, 48, Fraction(1), ()))


def test_stills_are_sharp_frames_of_the_stored_video_in_its_colours(tmp_path: Path) -> None:
    made, stored = worked(make_video(tmp_path / "v", options={"crf": "4"}))
    assert len(made.stills) == 3
    assert sorted(made.stills) == list(made.stills)
    assert all(low < number <= low + 4 for low, number in zip((0, 4, 8), made.stills, strict=True))
    for number in made.stills:
        still = np.asarray(Image.open(io.BytesIO((stored.parent / still_name(number)).read_bytes())))
        assert np.abs(still.astype(int) - scene(number - 1)).mean() < 4


def test_a_video_cut_short_between_two_frames_is_refused(tmp_path: Path) -> None:
    """The index stands first, and every packet that is left is whole."""
    source = make_video(tmp_path / "v", size=(64, 48), faststart=True)
    whole = source.read_bytes()
    with av.open(str(source)) as container:
        begins = [entry.pos for entry in container.streams.video[0].index_entries]
    assert whole.index(b"moov") < begins[0]
    source.write_bytes(whole[: begins[-3]])
    with pytest.raises(DamagedPictureError, match="cut short"):
        probe(source, VideoLimits())


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_decoder_has_no_threads_that_could_wait_for_each_other(codec: str, tmp_path: Path) -> None:
    """Two changed bytes in a HEVC stream had a frame wait for ever for another one."""
    with opened(make_video(tmp_path / "v", codec=codec, frames=2, size=(64, 48))) as container:
        before = set(Path("/proc/self/task").iterdir())
        assert sum(1 for _ in container.decode(picture_stream(container))) == 2
        assert set(Path("/proc/self/task").iterdir()) <= before


def test_damage_and_excess_are_refused(tmp_path: Path) -> None:
    source = make_video(tmp_path / "v", faststart=True)
    whole = source.read_bytes()
    assert whole.index(b"moov") < whole.index(b"mdat") < len(whole) // 2
    for data in (b"", whole[:60], whole[: len(whole) // 2], whole.replace(b"avc1", b"encv")):
        source.write_bytes(data)
        with pytest.raises((DamagedPictureError, UnsupportedCodingError)):
            probe(source, VideoLimits())
    source.write_bytes(whole)
    with pytest.raises(VideoTooLongError):
        probe(source, VideoLimits(seconds=0.1, frames_per_second=10))


def test_another_coding_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedCodingError, match="mpeg4"):
        probe(make_video(tmp_path / "v", codec="mpeg4", frames=2), VideoLimits())


def test_a_single_frame_is_a_video(tmp_path: Path) -> None:
    made, _ = worked(make_video(tmp_path / "v", frames=1, rate=Fraction(25)))
    assert (made.facts.frames, made.stills) == (1, (1,))


def test_every_refusal_is_a_picture_error() -> None:
    assert issubclass(VideoTooLongError, PictureError)
