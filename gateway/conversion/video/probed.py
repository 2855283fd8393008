"""What was found out about a video before anything is done with it: plain values for the rules of `planning`."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from gateway.conversion.exif_facts import ExifFacts

Codec = Literal["h264", "hevc"]


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What a video may cost. `frame_pixels` is for one frame, `seconds` for how long it plays."""

    seconds: float = 120
    frame_pixels: int = 4096 * 2304
    frames_per_second: float = 250
    streams: int = 16

    @property
    def frames(self) -> int:
        """The most frames that a video within the limits can have."""
        return int(self.seconds * self.frames_per_second) + 1


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound track: its coding by FFmpeg's name, and how many channels it has."""

    codec: str
    channels: int


@dataclass(frozen=True, slots=True)
class Probed:
    """A video as its container and its first frame describe it, and as its packets really are timed.

    `profile` and `level` are profile_idc and level_idc of the decoder configuration record, with
    `constrained` for a Baseline stream that Main decoders read too; a level of 41 is H.264's 4.1, one of 153 HEVC's
    5.1. `columns` and `rows` are as coded, not turned. `turn` is the number of degrees, clockwise, by which the
    container wants it turned (0, 90, 180, 270), `mirrored` that it is to be flipped left to right before.
    `frames` are the packets that are shown; `hidden` is how many an edit list hides; `start` is when the first is
    shown, in seconds. `jitter` is by how much the worst frame is off a constant `rate`, as a fraction of the time of
    one. `video_bytes` is the stream's length. `in_order` says that the first packet is a key frame,
    `plain_parameters` that no packet brings other sequence parameters. `transfer` is the number of the transfer
    characteristics (ISO/IEC 23091-2), 2 for unknown; `says_matrix` tells whether it says how luma and chroma make
    colours; `wide_gamut` says that its primaries reach beyond sRGB's. Colours, and whether it is `interlaced`, are
    those of the first frame.
    """

    codec: Codec
    profile: int
    level: int
    columns: int
    rows: int
    frames: int
    rate: Fraction
    video_bytes: int
    bits: int = 8
    chroma_420: bool = True
    constrained: bool = True
    start: Fraction = Fraction(0)
    jitter: float = 0.0
    turn: int = 0
    mirrored: bool = False
    hidden: int = 0
    in_order: bool = True
    plain_parameters: bool = True
    interlaced: bool = False
    full_range: bool = False
    says_matrix: bool = True
    transfer: int = 2
    wide_gamut: bool = False
    pixel_aspect: Fraction = Fraction(1)
    sound: Sound | None = None
    exif: ExifFacts = field(default_factory=ExifFacts)

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return float(self.frames / self.rate)

    @property
    def bits_per_second(self) -> float:
        """The mean bit rate."""
        return 8 * self.video_bytes / self.seconds
