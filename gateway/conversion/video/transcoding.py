"""Frames coded anew: turned upright, in standard colours, of a size and at a constant rate that every decoder knows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from gateway.conversion.errors import DamagedPictureError
from gateway.conversion.video.appearance import Steadiness, means_bt709
from gateway.conversion.video.opening import opened, picture_stream
from gateway.conversion.video.planning import HLG, PQ, Transcode
from gateway.conversion.video.probed import Probed

QUALITY: Final = 17
"""x264's constant rate factor; its authors call 17 or 18 visually lossless or nearly so."""
_ENCODER: Final = {
    "preset": "fast",
    "crf": str(QUALITY),
    "profile": "high",
    "level": "4.1",
    "x264-params": "open-gop=0:vbv-maxrate=62500:vbv-bufsize=78125:log-level=-1",
}
"""Bit rate and buffer are those of the High profile at level 4.1 (Rec. ITU-T H.264 table A-1, A.3.3)."""
_ENCODING_THREADS: Final = 2
_BT709: Final = 1
_LIMITED_RANGE: Final = 1

_Filter = tuple[str, str]
_TURNS: Final[dict[int, tuple[_Filter, ...]]] = {
    0: (),
    90: (("transpose", "clock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "cclock"),),
}


def transcode(source: Path, target: Path, video: Probed, plan: Transcode) -> None:
    """Write the video of `source` to `target` as the plan says, without sound.

    Raises DamagedPictureError, UnsupportedCodingError, InterlacedLater.
    """
    with opened(source) as container, av.open(str(target), "w", format="mp4") as made:
        stream = picture_stream(container)
        coded = made.add_stream("libx264", rate=plan.rate, options=_ENCODER)
        _describe(coded, plan)
        count = 0
        for frame in _worked(container.decode(stream), stream, video, plan):
            made.mux(coded.encode(frame))
            count += 1
        if count == 0:  # all of them out of order: no file has been begun
            raise DamagedPictureError("the video holds no frame in its place")
        made.mux(coded.encode())


def _describe(coded: VideoStream, plan: Transcode) -> None:
    context = coded.codec_context
    context.width, context.height, context.pix_fmt = plan.columns, plan.rows, "yuv420p"
    context.thread_count = _ENCODING_THREADS
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED_RANGE


def filters(video: Probed, plan: Transcode) -> tuple[_Filter, ...]:
    """What the frames go through, one filter of FFmpeg's after the other, each with its arguments."""
    is_hdr = video.transfer in {HLG, PQ}
    unsaid = "bt709" if means_bt709(video.rows) else "bt601"
    meant = "" if video.says_matrix else f":in_color_matrix={unsaid}"
    mapped = ":out_primaries=bt709:out_transfer=bt709:intent=perceptual" if is_hdr or video.wide_gamut else ""
    return (
        *((("yadif", ""),) if video.interlaced else ()),
        ("fps", f"fps={plan.rate.numerator}/{plan.rate.denominator}"),
        *((("hflip", ""),) if video.mirrored else ()),
        *_TURNS[video.turn],
        ("scale", f"{plan.columns}:{plan.rows}:flags=lanczos:out_color_matrix=bt709:out_range=tv{meant}{mapped}"),
        ("setsar", "1"),
        ("format", "yuv420p"),
    )


def _worked(frames: Iterator[VideoFrame], stream: VideoStream, video: Probed, plan: Transcode) -> Iterator[VideoFrame]:
    """The frames as they are to be coded."""
    graph: Graph | None = None
    steadiness = Steadiness(interlaced=video.interlaced)
    for frame in frames:
        steadiness.check(frame)
        graph = graph or _graph(frame, stream, filters(video, plan))
        graph.vpush(frame)
        yield from _pulled(graph)
    if graph is None:
        raise DamagedPictureError("the video holds no frame")
    graph.vpush(None)
    yield from _pulled(graph)


def _graph(first: VideoFrame, stream: VideoStream, chain: tuple[_Filter, ...]) -> Graph:
    graph = Graph()
    assert stream.time_base is not None
    nodes: list[FilterContext] = [
        graph.add_buffer(width=first.width, height=first.height, format=first.format, time_base=stream.time_base)
    ]
    nodes += [graph.add(name, arguments) if arguments else graph.add(name) for name, arguments in chain]
    graph.link_nodes(*nodes, graph.add("buffersink")).configure()
    return graph


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            frame = graph.vpull()
        except (av.BlockingIOError, av.EOFError):  # it wants another frame, or has had its last one
            return
        frame.pict_type = 0  # the encoder chooses its own key frames
        yield frame
