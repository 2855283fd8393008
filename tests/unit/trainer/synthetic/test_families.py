"""Every family draws every scene in every shape, the same each time, and none looks like another."""

import ast
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.synthetic import families
from trainer.synthetic.album import KINDS, synthetic_photo
from trainer.synthetic.families import ANY, FAMILIES, SCENES, draw_scene

SIZE = (256, 192)
SIZES = ((64, 64), (320, 90), (90, 320), (257, 193), (224, 224))
NEW = tuple(family for family in FAMILIES if family != "field")


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(KeyError):
        draw_scene("usable", 1, SIZE, "portrait")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_fault_that_is_no_scene_is_not_drawn_by_a_family(family: str) -> None:
    with pytest.raises(KeyError):
        draw_scene("watermark", 1, SIZE, family)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", SCENES)
def test_the_same_seed_gives_the_same_pixels_and_another_gives_others(kind: str, family: str) -> None:
    first, again, other = (draw_scene(kind, seed, SIZE, family) for seed in (7, 7, 8))
    assert first.size == SIZE
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes() != other.tobytes()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", SIZES)
def test_every_shape_of_frame_is_filled(size: tuple[int, int], family: str) -> None:
    for kind in SCENES:
        photo = draw_scene(kind, 3, size, family)
        assert photo.size == size
        assert np.asarray(photo).std() > 1.5


@pytest.mark.parametrize("family", NEW)
def test_many_scenes_of_each_kind_are_drawn_whatever_the_draws(family: str) -> None:
    """Rare things, a ruler or a chain in a tiny frame, fail as little as common ones."""
    for seed in range(25):
        for kind in SCENES:
            assert draw_scene(kind, 5_000 + seed, (96, 72), family).size == (96, 72)


def test_any_takes_the_families_in_turn() -> None:
    for seed in range(len(FAMILIES)):
        assert (
            draw_scene("usable", seed, SIZE, ANY).tobytes()
            == draw_scene("usable", seed, SIZE, FAMILIES[seed]).tobytes()
        )


@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_can_be_made_of_each_family(kind: str) -> None:
    photos = {synthetic_photo(kind, 4, SIZE, 0.5, family).tobytes() for family in FAMILIES}
    assert len(photos) == len(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_skin_runs_from_light_to_dark(family: str) -> None:
    """Individual typology angle of the frame's middle colours: from very light (55 up) to dark (-30 down)."""
    angles = [_typology_angle(photo) for photo in _small_photos(family)]
    assert max(angles) > 45
    assert min(angles) < -15
    assert sum(angle < 10 for angle in angles) >= 8
    assert sum(angle > 28 for angle in angles) >= 8


@pytest.mark.parametrize("family", FAMILIES)
def test_usable_photos_are_neither_black_nor_white(family: str) -> None:
    means = [photo.mean() for photo in _small_photos(family)]
    assert min(means) > 30
    assert max(means) < 235


def test_a_family_can_be_told_by_its_texture_and_contrast() -> None:
    """The nearest mean spectrum names the family of unseen scenes far more often than chance, a third."""
    spectra = {
        family: np.array([_spectrum(draw_scene("usable", seed, (192, 144), family)) for seed in range(28)])
        for family in FAMILIES
    }
    spread = np.concatenate(list(spectra.values())).std(axis=0)
    means = {family: spectrum[::2].mean(axis=0) for family, spectrum in spectra.items()}
    told = [
        min(means, key=lambda name: float(np.linalg.norm((one - means[name]) / spread))) == family
        for family, spectrum in spectra.items()
        for one in spectrum[1::2]
    ]
    assert np.mean(told) > 0.5


def test_families_share_only_noise_colour_and_props() -> None:
    root = Path(families.__file__).parent
    for family in NEW:
        for path in (root / family).rglob("*.py"):
            for module in _imported(path):
                own = module.startswith((f"trainer.synthetic.{family}.", "trainer.synthetic.props."))
                basic = module in {"trainer.synthetic.noise", "trainer.synthetic.colour"}
                assert own or basic or not module.startswith("trainer"), f"{path.name} imports {module}"


@cache
def _small_photos(family: str) -> list[NDArray[np.uint8]]:
    return [np.asarray(draw_scene("usable", seed, (64, 48), family)) for seed in range(60)]


def _imported(path: Path) -> list[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]


def _typology_angle(pixels: NDArray[np.uint8]) -> float:
    red, green, blue = (np.median(pixels[12:-12, 16:-16].reshape(-1, 3), axis=0) / 255) ** 2.2
    x, y, z = (
        np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        @ np.array([red, green, blue])
        / np.array([0.9505, 1.0, 1.089])
    )
    lightness, yellow = 116 * np.cbrt(y) - 16, 200 * (np.cbrt(y) - np.cbrt(z))
    assert x > 0
    return float(np.degrees(np.arctan2(lightness - 50, max(yellow, 1e-3))))


def _spectrum(photo: object) -> NDArray[np.float64]:
    """Logarithm of the power in eight rings of frequency."""
    grey = np.asarray(photo, dtype=np.float64).mean(axis=2)
    power = np.abs(np.fft.rfft2(grey - grey.mean())) ** 2
    ring = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.rfftfreq(grey.shape[1])[None, :])
    edges = np.geomspace(0.01, 0.5, 9)
    return np.array([np.log(power[(ring >= low) & (ring < high)].mean() + 1e-9) for low, high in pairwise(edges)])
