"""The worst mistakes as thumbnails, for people who may see the photos: only in a local report, never in a card."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from trainer.evaluation.report import words
from trainer.evaluation.report.markup import Html, both, element, escaped, joined
from trainer.evaluation.said import Said
from trainer.evaluation.scored import Scored

MOST = 24
_SIDE = 180
_MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """One photo as a small JPEG, and what is said of it."""

    jpeg: bytes
    name: str
    truth: str
    named: str
    confidence: float
    given_to_truth: float


def worst(scored: Scored, most: int = MOST) -> list[int]:
    """Places of the photos named wrong, those with the least probability given to the truth first."""
    given = scored.probabilities[np.arange(len(scored)), scored.truth]
    order = np.argsort(given, kind="stable")
    return [place for place in order.tolist() if not scored.right[place]][:most]


def thumbnail(scored: Scored, place: int, photo: Image.Image) -> Thumbnail:
    """The thumbnail of one photo (RGB, upright)."""
    small = photo.copy()
    small.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    small.convert("RGB").save(file, "JPEG", quality=80)
    return Thumbnail(
        file.getvalue(),
        scored.names[place],
        scored.labels[int(scored.truth[place])],
        scored.labels[int(scored.named[place])],
        float(scored.confidence[place]),
        float(scored.probabilities[place, scored.truth[place]]),
    )


def gallery(thumbnails: Sequence[Thumbnail]) -> Html:
    """All of them side by side."""
    return element("div", *(_figure(one) for one in thumbnails), kind="gallery")


def _figure(one: Thumbnail) -> Html:
    picture = Html(f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(one.jpeg).decode()}">')
    is_label = joined((both(Said("is ", "실제: ")), element("strong", both(words.label(one.truth)))))
    taken = joined((both(Said("taken for ", "판정: ")), element("strong", both(words.label(one.named)))))
    sure = escaped(f"{one.confidence:.2f} / {one.given_to_truth:.2f}")
    name = element("small", escaped(one.name[-_MAX_NAME:]))
    lines = [element("span", line, kind="line") for line in (is_label, joined((taken, Html(" "), sure)), name)]
    return element("figure", picture, element("figcaption", *lines))
