"""From a stored frame to a file that people can look at. Blocking, and as costly as decoding is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image

from dicomweb.query import QueryError
from dicomweb.rendering import members as json
from dicomweb.rendering.annotations import Writing, writing, written
from dicomweb.rendering.coloring import colored
from dicomweb.rendering.decoding.job import Coding, Job
from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.rendering.encoding import GIF, animated, encoded
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.frame_pictures import FramePicture, frame_picture
from dicomweb.rendering.kinds import Kind
from dicomweb.rendering.parameters import ColorProfile, Rendering, Viewport
from dicomweb.rendering.placing import Placing, place, placed
from dicomweb.rendering.subjects import Subject

THUMBNAIL: Final = Viewport(256, 256)
_THUMBNAIL_QUALITY: Final = 80
_VIDEO_START_BYTES: Final = 64 * 1024 * 1024
_MAX_ANIMATED_FRAMES: Final = 300
_SHOWN_FOR_MS: Final = 100
_SHORTEST_MS, _LONGEST_MS = 20, 10_000


@dataclass(frozen=True, slots=True)
class RenderingBounds:
    """`max_bytes` of decoded samples, and of what is made of them; `font_path` of annotations."""

    max_bytes: int
    font_path: str | None = None


class Renderer:
    """Makes pictures; safe to use from many threads."""

    def __init__(self, bounds: RenderingBounds, pool: DecoderPool) -> None:
        self._bounds = bounds
        self._pool = pool

    def writing_on(self, subject: Subject, rendering: Rendering) -> Writing:
        """What the annotations asked for will read."""
        if not rendering.annotations:
            return Writing()
        return writing(subject.members, rendering.annotations, self._bounds.font_path)

    def picture_file(self, subject: Subject, rendering: Rendering, media_type: str) -> bytes:
        """The frame as a file of a picture's media type.

        Raises:
            NotRenderableError: it cannot be shown.
            QueryError: the rendering asked for does not fit it.
        """
        image, profile = self._picture(subject, rendering, enlarge=True)
        if media_type == GIF:  # which has no place for a profile
            image, profile = colored(image, profile, ColorProfile.SRGB if profile else ColorProfile.NONE)
        return encoded(image, media_type, rendering.quality, profile)

    def thumbnail_file(self, subject: Subject, viewport: Viewport | None, media_type: str) -> bytes:
        """A small picture in sRGB, without a profile and without a word of its own.

        Raises:
            NotRenderableError: it cannot be shown.
        """
        rendering = Rendering(viewport=viewport or THUMBNAIL)
        image, profile = self._picture(subject, rendering, enlarge=False)
        if profile:
            image, _ = colored(image, profile, ColorProfile.SRGB)
        return encoded(image, media_type, _THUMBNAIL_QUALITY, None)

    def animation_file(self, subject: Subject, rendering: Rendering) -> bytes:
        """All frames as an animated GIF.

        Raises:
            NotRenderableError: they are too many or too large.
        """
        numbers = range(1, len(subject.frames) + 1)
        if len(numbers) > _MAX_ANIMATED_FRAMES:
            raise NotRenderableError(f"more than {_MAX_ANIMATED_FRAMES} frames are not animated")
        self._check(self._placing(subject, rendering, enlarge=True).size, len(numbers))
        pictures = []
        for number in numbers:
            frame = Subject(subject.archive, subject.instance, number)
            image, profile = self._picture(frame, rendering, enlarge=True)
            pictures.append(colored(image, profile, ColorProfile.SRGB)[0] if profile else image)
        return animated(pictures, _times(subject, len(pictures)))

    def _picture(self, subject: Subject, rendering: Rendering, *, enlarge: bool) -> tuple[Image.Image, bytes | None]:
        frame, placing, source = self._decoded(subject, rendering, enlarge=enlarge)
        image = placed(frame.image, placing, source)
        own = subject.profile or frame.profile
        image, profile = colored(image, own, rendering.profile)
        return written(image, self.writing_on(subject, rendering).lines, self._bounds.font_path), profile

    def _decoded(
        self, subject: Subject, rendering: Rendering, *, enlarge: bool
    ) -> tuple[FramePicture, Placing, tuple[int, int]]:
        if subject.kind is Kind.VIDEO:
            return self._of_video(subject, rendering, enlarge=enlarge)
        placing = self._placing(subject, rendering, enlarge=enlarge)
        self._check(placing.size)
        facts = subject.facts
        picture = frame_picture(
            subject.read_frame(self._bounds.max_bytes),
            subject.instance.transfer_syntax_uid,
            facts,
            window=rendering.window,
            reduction=placing.reduction(),
            pool=self._pool,
            max_bytes=self._bounds.max_bytes,
        )
        return picture, placing, (facts.columns, facts.rows)

    def _of_video(
        self, subject: Subject, rendering: Rendering, *, enlarge: bool
    ) -> tuple[FramePicture, Placing, tuple[int, int]]:
        """The first frame, of as much of the video as is read."""
        data = subject.read_start(_VIDEO_START_BYTES)
        image = Image.fromarray(self._pool.decode(Job(Coding.VIDEO, data)))
        placing = place(image.size, rendering.region, rendering.viewport, enlarge=enlarge)
        self._check(placing.size)
        return FramePicture(image), placing, image.size

    def _placing(self, subject: Subject, rendering: Rendering, *, enlarge: bool) -> Placing:
        size = (subject.facts.columns, subject.facts.rows)
        return place(size, rendering.region, rendering.viewport, enlarge=enlarge)

    def _check(self, size: tuple[int, int], count: int = 1) -> None:
        if size[0] * size[1] * 3 * count > self._bounds.max_bytes:
            raise QueryError("the picture asked for is too large")


def plain(rendering: Rendering) -> Rendering:
    """The rendering without what a picture of colours knows nothing of."""
    return replace(rendering, window=None)


def _times(subject: Subject, count: int) -> Sequence[int]:
    """How long each frame is shown, in milliseconds (PS3.3 C.7.6.5)."""
    each = json.numbers(subject.members, "00181065")[:count] or [json.number(subject.members, "00181063") or 0.0]
    times = [round(time) for time in each] + [round(each[-1])] * (count - len(each))
    return [min(max(time, _SHORTEST_MS), _LONGEST_MS) if time > 0 else _SHOWN_FOR_MS for time in times]
