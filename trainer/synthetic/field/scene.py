"""A scene is everything a photo shows, as values; rendering it is a pure function of scene and size."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from trainer.synthetic.field.backdrop import put_before_backdrop
from trainer.synthetic.field.hair import Hair, any_hair, paint_hair, paint_pen_mark
from trainer.synthetic.field.lesion import Lesion, any_lesion, paint_lesion
from trainer.synthetic.field.light import Light, any_light, shine
from trainer.synthetic.field.sensor import Sensor, any_sensor, expose
from trainer.synthetic.field.skin import Skin, any_skin, paint_skin, relief


@dataclass(frozen=True, slots=True)
class Scene:
    """One photo to be. `field_mm` is the width of skin along the short side of the frame."""

    seed: int
    field_mm: float
    skin: Skin
    lesions: tuple[Lesion, ...]
    hair: Hair
    light: Light
    sensor: Sensor
    pen_mark: bool
    backdrop: bool


def good_scene(seed: int) -> Scene:
    """A usable photo: one lesion of a good size near the middle, sometimes a small neighbour or two."""
    rng = np.random.default_rng([seed, 1])
    field_mm = float(rng.uniform(18, 55))
    main = any_lesion(rng, rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.65), field_mm * rng.uniform(0.16, 0.55))
    neighbours = tuple(
        any_lesion(rng, rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.95), field_mm * rng.uniform(0.02, 0.06))
        for _ in range(int(rng.choice([0, 0, 0, 1, 2])))
    )
    return _scene(rng, seed, field_mm, (*neighbours, main), backdrop_chance=0.12)


def distant_scene(seed: int) -> Scene:
    """A photo from too far away: the same kind of lesion is a dot in a wide field of skin."""
    rng = np.random.default_rng([seed, 2])
    field_mm = float(rng.uniform(140, 420))
    lesion = any_lesion(rng, rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8), field_mm * rng.uniform(0.018, 0.055))
    return _scene(rng, seed, field_mm, (lesion,), backdrop_chance=0.4)


def scattered_scene(seed: int) -> Scene:
    """Many lesions of much the same size and kind, none of them the subject."""
    rng = np.random.default_rng([seed, 3])
    field_mm = float(rng.uniform(60, 200))
    pattern = any_lesion(rng, 0.5, 0.5, field_mm * float(rng.uniform(0.025, 0.075)))
    lesions = tuple(_like(pattern, rng) for _ in range(int(rng.integers(14, 60))))
    return _scene(rng, seed, field_mm, lesions, backdrop_chance=0.15)


def draw(kind: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """Draw a scene of the kind asked for in `size` (width, height). Raises KeyError for another kind."""
    return render(_SCENES[kind](seed), *size)


def render(scene: Scene, width: int, height: int) -> Image.Image:
    """Draw the scene as an RGB picture of `width` x `height` pixels; same scene and size, same pixels."""
    rng = np.random.default_rng([scene.seed, 4])
    px_per_mm = min(width, height) / scene.field_mm
    surface = relief(scene.skin, rng, (width, height), px_per_mm)
    picture = paint_skin(scene.skin, rng, (width, height), px_per_mm, surface)
    for lesion in scene.lesions:
        paint_lesion(picture, lesion, px_per_mm)
    main = scene.lesions[-1]
    if scene.pen_mark:
        radius_px = main.diameter_mm * px_per_mm * float(rng.uniform(0.7, 1.0))
        paint_pen_mark(picture, rng, (main.x, main.y), radius_px)
    paint_hair(picture, scene.hair, rng, px_per_mm)
    shine(picture, scene.light, surface, rng)
    if scene.backdrop:
        put_before_backdrop(picture, rng, (main.x, main.y))
    return expose(picture, scene.sensor, rng)


def _scene(
    rng: np.random.Generator,
    seed: int,
    field_mm: float,
    lesions: tuple[Lesion, ...],
    backdrop_chance: float,
) -> Scene:
    skin = any_skin(rng)
    return Scene(
        seed=seed,
        field_mm=field_mm,
        skin=skin,
        lesions=lesions,
        hair=any_hair(rng),
        light=any_light(rng, skin.tone),
        sensor=any_sensor(rng),
        pen_mark=bool(rng.random() < 0.1),
        backdrop=bool(rng.random() < backdrop_chance),
    )


def _like(pattern: Lesion, rng: np.random.Generator) -> Lesion:
    """Another lesion of the same kind elsewhere."""
    size_mm = pattern.diameter_mm * float(rng.uniform(0.5, 1.5))
    other = any_lesion(rng, rng.uniform(0.02, 0.98), rng.uniform(0.02, 0.98), size_mm)
    return replace(other, pigment=pattern.pigment, border_softness=pattern.border_softness)


_SCENES = {"usable": good_scene, "lesion_too_small": distant_scene, "scattered_lesions": scattered_scene}
