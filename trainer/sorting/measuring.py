"""Every measure of one photo, and what it was taken from."""

from dataclasses import dataclass, fields

import numpy as np
from PIL import Image

from inference.picture import Picture
from trainer.sorting.exposure import exposure_of
from trainer.sorting.focus import FocusMap, focus_map, focus_of
from trainer.sorting.haze import contrast_of, haze_of
from trainer.sorting.lesion import Lesions, find_lesions
from trainer.sorting.marks import Marks, find_marks
from trainer.sorting.morphology import dilated
from trainer.sorting.skin import colour_spread, skin_mask, tone_angle
from trainer.sorting.views import Mask, View, view_of


@dataclass(frozen=True, slots=True)
class Measures:
    """What the rules look at.

    Shares are 0..1: `lesion_share`, `skin_share`, `blown_share`, `black_share` and `bar_share` of the frame's area,
    `lesion_diameter` of its short side, `lesion_on_border` of its outline. `focus` is that of the whole photo,
    `lesion_focus` that of the lesion and its edge (both as `focus_of`); `haze`, `contrast`, `repeat_score` 0..1;
    `print_score` counts
    glyphs; `colour_spread` in units of CIELAB; `median_luminance` 0..1 linear; `tone_angle` in degrees (ITA).
    """

    lesion_share: float
    lesion_diameter: float
    lesion_count: int
    lesion_on_border: float
    focus: float
    lesion_focus: float
    haze: float
    contrast: float
    print_score: float
    bar_share: float
    repeat_score: float
    blown_share: float
    black_share: float
    blown_red: float
    blown_green: float
    blown_blue: float
    median_luminance: float
    skin_share: float
    colour_spread: float
    tone_angle: float


MEASURES = tuple(one.name for one in fields(Measures))


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """The measures and what explains them: the view, the lesions, the skin, the edges' energies, the marks."""

    measures: Measures
    view: View
    lesions: Lesions
    skin: Mask
    energies: FocusMap
    marks: Marks


def examine(picture: Picture) -> Examination:
    """Measure a decoded picture."""
    return examine_view(view_of(picture))


def examine_view(view: View) -> Examination:
    """Measure a photo already made small."""
    lesions = find_lesions(view.coarse_rgb)
    skin = skin_mask(view.coarse_lab)
    energies = focus_map(view.fine_luma)
    marks = find_marks(view.fine_rgb, view.fine_luma)
    exposure = exposure_of(view.coarse_rgb)
    focus = focus_of(energies)
    measures = Measures(
        lesion_share=lesions.share,
        lesion_diameter=lesions.diameter,
        lesion_count=len(lesions.regions),
        lesion_on_border=lesions.on_border,
        focus=focus,
        lesion_focus=_lesion_focus(lesions, energies, focus),
        haze=haze_of(view.coarse_rgb),
        contrast=contrast_of(view.fine_luma),
        print_score=marks.print_score,
        bar_share=marks.bar_share,
        repeat_score=marks.repeat_score,
        blown_share=exposure.blown_share,
        black_share=exposure.black_share,
        blown_red=exposure.blown_by_channel[0],
        blown_green=exposure.blown_by_channel[1],
        blown_blue=exposure.blown_by_channel[2],
        median_luminance=exposure.median_luminance,
        skin_share=float((skin | lesions.main).mean()),
        colour_spread=colour_spread(view.coarse_lab),
        tone_angle=tone_angle(view.coarse_lab, skin & ~lesions.counted),
    )
    return Examination(measures, view, lesions, skin, energies, marks)


def _lesion_focus(lesions: Lesions, energies: FocusMap, whole: float) -> float:
    """Focus of the main lesion and as much around it as an edge needs; that of the whole where there is no lesion."""
    if not lesions.regions:
        return whole
    around = dilated(lesions.main, 4).astype(np.uint8)
    height, width = energies.fine.shape
    return focus_of(energies, np.asarray(Image.fromarray(around).resize((width, height))) > 0)
