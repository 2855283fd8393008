"""Each fault is seeded, graded, visible, and leaves the photo's size."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from trainer.faults.a.distance import from_further
from trainer.faults.a.focus import defocused
from trainer.faults.a.texture import more_skin
from trainer.faults.registry import FAULTS, spoil
from trainer.synthetic.album import synthetic_photo

CODES = tuple(FAULTS)


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A good photo."""
    return synthetic_photo("usable", 21, (400, 300))


def brightness(photo: Image.Image) -> float:
    return float(np.asarray(photo, dtype=float).mean())


def sharpness(photo: Image.Image) -> float:
    edges = photo.convert("L").filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), 1, 128))
    return float(np.asarray(edges, dtype=float)[2:-2, 2:-2].std())


def change(before: Image.Image, after: Image.Image) -> float:
    return float(np.abs(np.asarray(before, dtype=float) - np.asarray(after, dtype=float)).mean())


def test_an_unknown_fault_is_refused(photo: Image.Image) -> None:
    with pytest.raises(KeyError):
        spoil(photo, "boring", 0.5, 1)


@pytest.mark.parametrize("severity", [-0.1, 1.1, float("nan")])
def test_a_severity_out_of_range_is_refused(photo: Image.Image, severity: float) -> None:
    with pytest.raises(ValueError, match="severity"):
        spoil(photo, "watermark", severity, 1)


def test_a_tiny_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        spoil(Image.new("RGB", (63, 400)), "watermark", 0.5, 1)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("severity", [0.0, 1.0])
def test_a_fault_is_the_same_every_time_and_keeps_the_size(photo: Image.Image, code: str, severity: float) -> None:
    before = photo.tobytes()
    first, again = (spoil(photo, code, severity, 7) for _ in range(2))
    assert first.size == photo.size
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes()
    assert photo.tobytes() == before, "the photo handed in is left alone"


@pytest.mark.parametrize("code", CODES)
def test_another_seed_spoils_differently(photo: Image.Image, code: str) -> None:
    assert spoil(photo, code, 0.6, 1).tobytes() != spoil(photo, code, 0.6, 2).tobytes()


@pytest.mark.parametrize("code", CODES)
def test_a_gross_fault_is_plain_to_see(photo: Image.Image, code: str) -> None:
    assert np.mean([change(photo, spoil(photo, code, 1.0, seed)) for seed in range(3)]) > 2


@pytest.mark.parametrize("shape", [(64, 64), (65, 301), (500, 64)])
@pytest.mark.parametrize("code", CODES)
def test_faults_take_any_shape(code: str, shape: tuple[int, int]) -> None:
    assert spoil(Image.new("RGB", shape, (190, 140, 110)), code, 0.5, 3).size == shape


def test_out_of_focus_takes_sharpness_by_degree(photo: Image.Image) -> None:
    radii = (0.0, 1.0, 3.0, 8.0, 20.0)
    left = [sharpness(defocused(photo, radius)) for radius in radii]
    assert left == sorted(left, reverse=True)
    assert left[-1] < left[0] / 4


def test_exposure_goes_the_way_it_says(photo: Image.Image) -> None:
    usual = brightness(photo)
    dark = [brightness(spoil(photo, "underexposed", severity, 1)) for severity in (0.0, 1.0)]
    light = [brightness(spoil(photo, "overexposed", severity, 1)) for severity in (0.0, 1.0)]
    assert dark[1] < dark[0] < usual < light[0] < light[1]


def test_a_lesion_from_further_away_is_smaller() -> None:
    photo = Image.new("RGB", (200, 200), (210, 160, 130))
    photo.paste((60, 30, 20), (60, 60, 140, 140))
    dark = [
        int((np.asarray(from_further(photo, share, np.random.default_rng(1)).convert("L")) < 90).sum())
        for share in (0.9, 0.5, 0.2)
    ]
    assert dark[0] > dark[1] > dark[2] > 0


def test_more_skin_has_the_colours_of_the_piece() -> None:
    rng = np.random.default_rng(5)
    pixels = np.clip(rng.normal((200, 150, 120), 12, (64, 64, 3)), 0, 255).astype(np.uint8)
    more = np.asarray(more_skin(Image.fromarray(pixels), (300, 200), rng), dtype=float)
    assert more.shape == (200, 300, 3)
    assert np.abs(more.mean((0, 1)) - (200, 150, 120)).max() < 10
    assert 6 < more.std((0, 1)).mean() < 25
