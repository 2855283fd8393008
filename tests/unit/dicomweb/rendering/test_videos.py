"""The first picture of a video: each form that DICOM has is read, and no text that sends FFmpeg elsewhere."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dicomweb.rendering.decoding.demuxers import demuxer_of
from dicomweb.rendering.decoding.errors import UndecodableError
from dicomweb.rendering.decoding.foreign import decoded
from dicomweb.rendering.decoding.job import Coding, Job

av: Any = pytest.importorskip("av")


def video(container_format: str, codec: str) -> bytes:
    buffer = BytesIO()
    with av.open(buffer, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((96, 128, 3), 90, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("container_format", "codec", "demuxer"),
    [
        ("mp4", "libx264", "mov"),
        ("mpegts", "libx264", "mpegts"),
        ("h264", "libx264", "h264"),
        ("hevc", "libx265", "hevc"),
        ("mpeg2video", "mpeg2video", "mpegvideo"),
        ("vob", "mpeg2video", "mpeg"),
    ],
)
def test_each_form_is_read_by_its_own_reader(container_format: str, codec: str, demuxer: str) -> None:
    data = video(container_format, codec)
    assert demuxer_of(data) == demuxer
    picture = decoded(Job(Coding.VIDEO, data))
    assert picture.shape == (96, 128, 3)
    assert abs(int(picture[50, 60, 1]) - 90) < 8


LISTS = [
    b"ffconcat version 1.0\nfile %s\n",
    b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n",
    b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=%s\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 33\n",
    b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>%s</BaseURL></MPD>',
    b"%s",
    b"",
]


@pytest.mark.parametrize("text", LISTS)
def test_what_names_other_files_or_hosts_is_not_opened(text: bytes, tmp_path: Path) -> None:
    other = tmp_path / "real.mp4"
    other.write_bytes(video("mp4", "libx264"))
    with pytest.raises(UndecodableError, match="like no video"):
        decoded(Job(Coding.VIDEO, text.replace(b"%s", str(other).encode())))


@pytest.mark.parametrize("start", [b"\0\0\0\x18ftyp", b"\0\0\1\xba", b"\0\0\0\1\x67"])
def test_a_list_behind_the_start_of_a_video_is_none_either(start: bytes, tmp_path: Path) -> None:
    other = tmp_path / "real.mp4"
    other.write_bytes(video("mp4", "libx264"))
    with pytest.raises((av.FFmpegError, IndexError, UndecodableError)):
        decoded(Job(Coding.VIDEO, start + b"\nffconcat version 1.0\nfile " + str(other).encode() + b"\n"))
