"""Measures on drawn pictures of known truth."""

import numpy as np
import pytest
from PIL import Image

from tests.unit.trainer.sorting.drawn import SKIN, blurred, printed, skin, usable, with_discs
from trainer.sorting.measuring import MEASURES, Measures, examine_view
from trainer.sorting.views import view_of_image

FOUR = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]


def measured(photo: Image.Image) -> Measures:
    return examine_view(view_of_image(photo)).measures


@pytest.mark.parametrize("tone", SKIN)
@pytest.mark.parametrize("diameter", [0.15, 0.3, 0.6])
def test_a_discs_diameter_and_share_are_measured_on_every_tone(tone: str, diameter: float) -> None:
    measures = measured(with_discs(skin(tone=tone), [(0.5, 0.5)], diameter, tone))
    assert measures.lesion_diameter == pytest.approx(diameter, abs=0.04)
    assert measures.lesion_share == pytest.approx(np.pi / 4 * diameter**2 * 0.75, rel=0.4)
    assert measures.lesion_count == 1
    assert measures.lesion_on_border == 0


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_separate_discs_are_counted(count: int) -> None:
    assert measured(with_discs(skin(), FOUR[:count], 0.2)).lesion_count == count


def test_plain_skin_has_no_lesion() -> None:
    measures = measured(skin())
    assert (measures.lesion_count, measures.lesion_share, measures.lesion_diameter) == (0, 0, 0)


def test_a_lesion_cut_by_the_frame_lies_on_the_border() -> None:
    assert measured(with_discs(skin(), [(0.5, 0.02)], 0.5)).lesion_on_border > 0.05


def test_more_blur_is_less_focus_all_the_way() -> None:
    values = [measured(blurred(usable(), share)).focus for share in (0, 0.002, 0.004, 0.008, 0.016)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.8
    assert values[3] < 0.5


@pytest.mark.parametrize("share", [0.006, 0.01])
def test_focus_hardly_depends_on_the_photos_size(share: float) -> None:
    large = with_discs(skin(1600, 1200), [(0.5, 0.5)], 0.4)
    soft = blurred(large, share)
    small = soft.resize((400, 300), Image.Resampling.LANCZOS)
    assert measured(small).focus == pytest.approx(measured(soft).focus, abs=0.12)


def test_focus_hardly_depends_on_contrast() -> None:
    soft = blurred(usable(), 0.006)
    pale = Image.blend(soft, Image.new("RGB", soft.size, (200, 170, 150)), 0.3)
    assert measured(pale).focus == pytest.approx(measured(soft).focus, abs=0.12)


def test_a_soft_lesion_within_a_sharp_frame_is_told() -> None:
    photo = usable()
    soft = blurred(photo, 0.012)
    mask = Image.new("L", photo.size, 0)
    mask.paste(255, (90, 40, 310, 260))
    measures = measured(Image.composite(soft, photo, mask))
    assert measures.focus > 0.8
    assert measures.lesion_focus < 0.5


def test_print_is_found_and_plain_skin_has_none() -> None:
    clean, marked = measured(usable()), measured(printed(usable(), "2024-05-17 CLINIC"))
    assert clean.print_score == 0
    assert marked.print_score > 4


def test_bars_along_the_edges_are_measured() -> None:
    photo = usable()
    photo.paste((0, 0, 0), (0, 0, photo.width, 30))
    assert measured(photo).bar_share == pytest.approx(0.1, abs=0.02)
    assert measured(usable()).bar_share == 0


def test_a_mark_repeated_all_over_repeats() -> None:
    photo = usable()
    for top in range(10, 300, 48):
        for left in range(10, 400, 64):
            photo.paste((255, 255, 255), (left, top, left + 14, top + 4))
    assert measured(photo).repeat_score > 0.6 > measured(usable()).repeat_score


def test_exposure_is_measured_in_linear_light() -> None:
    grey = measured(Image.new("RGB", (300, 300), (188, 188, 188)))
    assert grey.median_luminance == pytest.approx(0.5, abs=0.01)
    white, black = (measured(Image.new("RGB", (300, 300), colour)) for colour in ("white", "black"))
    assert (white.blown_share, white.black_share) == (1, 0)
    assert (black.blown_share, black.black_share) == (0, 1)


@pytest.mark.parametrize("tone", SKIN)
def test_skin_of_every_tone_is_skin(tone: str) -> None:
    assert measured(usable(tone)).skin_share > 0.9


@pytest.mark.parametrize("colour", [(40, 90, 200), (30, 150, 40), (250, 250, 250), (0, 0, 0)])
def test_other_colours_are_no_skin(colour: tuple[int, int, int]) -> None:
    assert measured(Image.new("RGB", (300, 300), colour)).skin_share < 0.05


def test_a_veil_is_haze() -> None:
    photo = usable("dark")
    veiled = Image.blend(photo, Image.new("RGB", photo.size, (220, 220, 220)), 0.7)
    assert measured(veiled).haze > measured(photo).haze + 0.2


def test_the_lighter_the_skin_the_larger_its_tone_angle() -> None:
    light, medium, dark = (measured(usable(tone)).tone_angle for tone in SKIN)
    assert light > medium > dark


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    "photo",
    [
        Image.new("RGB", (300, 300), "black"),
        Image.new("RGB", (300, 300), "white"),
        Image.new("RGB", (300, 300), (198, 145, 110)),
        noise(),
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (96, 96), (198, 145, 110)),
        Image.new("RGB", (5000, 97), (198, 145, 110)),
        Image.new("RGB", (4000, 3000), (198, 145, 110)),
    ],
    ids=["black", "white", "one colour", "noise", "one pixel", "tiny", "strip", "huge"],
)
def test_whatever_the_picture_every_measure_is_a_number(photo: Image.Image) -> None:
    measures = measured(photo)
    assert all(np.isfinite(getattr(measures, name)) for name in MEASURES)
