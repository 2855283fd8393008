"""Family a's operations at a degree that leaves a photo usable."""

from dataclasses import replace

import numpy as np
from PIL import Image

from trainer.faults.a.distance import from_further
from trainer.faults.a.eruption.healing import healed
from trainer.faults.a.eruption.paint import any_look, pressed_on
from trainer.faults.a.exposure import relit
from trainer.faults.a.focus import defocused, grainy
from trainer.faults.a.things import freckled, jewellery_beside, paper_beside, redness
from trainer.faults.fault import Fault, between
from trainer.synthetic.colour import to_linear, to_srgb
from trainer.synthetic.field.hair import any_hair, paint_hair, paint_pen_mark
from trainer.synthetic.field.lesion import any_lesion, paint_lesion

_FIELD_MM = 40.0  # about what the short side of a close-up shows


def a_little_further(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The photo at 0.95 to 0.65 of the sides within more skin: the lesion stays large, the seam is there."""
    return from_further(photo, between(0.95, 0.65, severity), rng)


def a_few_more_spots(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One to three small spots beside the subject, as most skin has."""
    picture = to_linear(np.asarray(photo, dtype=np.float32))
    for _ in range(1 + round(2 * severity)):
        turn, away = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.36, 0.47))
        x, y = 0.5 + away * np.cos(turn), 0.5 + away * np.sin(turn)
        spot = any_lesion(rng, float(x), float(y), float(rng.uniform(0.012, 0.035)))
        paint_lesion(picture, replace(spot, strength=spot.strength * 0.8), min(photo.size))
    return Image.fromarray(to_srgb(picture))


def a_breath_of_blur(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Softer by 0.03 to 0.12 % of the short side: a third of the mildest fault at most."""
    return grainy(defocused(photo, between(0.0003, 0.0012, severity) * min(photo.size)), rng)


def ink_and_hair(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A surgeon's pen round the lesion, or hairs across it: things in the scene, not over the picture."""
    picture = to_linear(np.asarray(photo, dtype=np.float32))
    if rng.random() < 0.5:
        paint_pen_mark(picture, rng, (0.5, 0.5), min(photo.size) * float(rng.uniform(0.25, 0.45)))
    else:
        hair = replace(any_hair(rng), count=round(between(4, 45, severity)))
        paint_hair(picture, hair, rng, min(photo.size) / _FIELD_MM)
    return Image.fromarray(to_srgb(picture))


def other_light(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Up to 0.4 stops darker or 0.25 lighter, unevenly, as another lamp would."""
    stops = severity * float(rng.uniform(-0.4, 0.25))
    return relit(photo, 2.0**stops, rng)


def one_or_two_of_a_kind(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One or two small lesions such as eruptions are made of, far from the subject: it is the number that counts."""
    turn, away = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.37, 0.46))
    turns = np.array([turn, turn + float(rng.uniform(0.6, 5.6))])[: 1 + round(severity)]
    places = 0.5 + away * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return pressed_on(photo, places, (any_look(rng),), between(0.022, 0.06, severity), rng)


def another_subject(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One drawn lesion, 0.2 to 0.45 of the short side, in place of the photo's own or over it."""
    place = np.array([[float(rng.uniform(0.42, 0.58)), float(rng.uniform(0.42, 0.58))]])
    under = healed(photo) if rng.random() < 0.7 else photo
    return pressed_on(under or photo, place, (any_look(rng),), between(0.28, 0.45, severity), rng)


def reddened_or_freckled(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Redness around the subject, or freckles too pale to be lesions."""
    if rng.random() < 0.5:
        return redness(photo, between(0.03, 0.25, severity), rng)
    return freckled(photo, between(0.02, 0.08, severity), rng)


def something_beside(photo: Image.Image, _severity: float, rng: np.random.Generator) -> Image.Image:
    """A paper scale, a label or jewellery lying in the scene."""
    return paper_beside(photo, rng) if rng.random() < 0.7 else jewellery_beside(photo, rng)


HARMLESS: tuple[Fault, ...] = (
    *(a_little_further, a_few_more_spots, a_breath_of_blur, ink_and_hair, other_light),
    *(one_or_two_of_a_kind, another_subject, reddened_or_freckled, something_beside),
)
