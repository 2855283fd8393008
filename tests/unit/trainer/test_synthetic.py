"""The generator draws what it was asked for, the same every time, and never imports torch."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from trainer.synthetic.__main__ import main
from trainer.synthetic.album import KINDS, synthetic_photo
from trainer.synthetic.colour import skin_colour
from trainer.synthetic.field.scene import good_scene, render
from trainer.synthetic.noise import lattice, octaves

SIZE = (320, 240)


@pytest.mark.parametrize("size", ["100x100", "9000x9000", "wide", "640"])
def test_a_size_out_of_bounds_is_refused(tmp_path: Path, size: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--out", str(tmp_path), "--count", "1", "--size", size])


@pytest.mark.parametrize("seed", ["-1", "many", str(2**31)])
def test_a_seed_out_of_bounds_is_wrong_usage(tmp_path: Path, seed: str) -> None:
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "--count", "1", f"--seed={seed}", "--size", "240x240"])


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        synthetic_photo("out_of_luck", 1, SIZE)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_pixels(kind: str) -> None:
    first, again = (synthetic_photo(kind, 11, SIZE) for _ in range(2))
    assert first.size == SIZE
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes()


def test_another_seed_gives_another_photo() -> None:
    assert synthetic_photo("usable", 1, SIZE).tobytes() != synthetic_photo("usable", 2, SIZE).tobytes()


def test_a_scene_looks_alike_in_every_size() -> None:
    scene = good_scene(5)
    small, large = (
        np.asarray(render(scene, width, height).resize((16, 12)), dtype=float)
        for width, height in ((320, 240), (640, 480))
    )
    assert np.abs(small.mean((0, 1)) - large.mean((0, 1))).max() < 20


def test_tones_run_from_light_to_dark() -> None:
    brightness = [float(skin_colour(tone, 0, 0).sum()) for tone in np.linspace(0, 1, 12)]
    assert brightness == sorted(brightness, reverse=True)
    assert brightness[0] > 8 * brightness[-1]


def test_good_photos_cover_the_range_of_tones() -> None:
    tones = [good_scene(seed).skin.tone for seed in range(60)]
    assert min(tones) < 0.1
    assert max(tones) > 0.9


@pytest.mark.parametrize("cell_px", [0.5, 3.0, 40.0, 900.0])
def test_noise_has_the_size_asked_for_and_about_unit_deviation(cell_px: float) -> None:
    field = lattice(np.random.default_rng(3), (120, 80), cell_px)
    assert field.shape == (80, 120)
    assert np.isfinite(field).all()
    assert cell_px > 80 or 0.5 < field.std() < 1.6


def test_octaves_have_unit_deviation() -> None:
    assert octaves(np.random.default_rng(3), (120, 80), 60, 2).std() == pytest.approx(1, abs=0.01)


def test_the_command_writes_photos_and_their_labels(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path), "--count", "8", "--seed", "40", "--fault", "all", "--size", "240x240"]) == 0
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["suitability"] for row in rows] == list(KINDS)
    assert all((tmp_path / row["file"]).read_bytes().startswith(b"\xff\xd8") for row in rows)


def test_the_command_draws_the_family_asked_for(tmp_path: Path) -> None:
    for family in ("relief", "any"):
        folder = tmp_path / family
        main(["--out", str(folder), "--count", "1", "--seed", "4", "--family", family, "--size", "240x240"])
    photos = [(tmp_path / family / "000004-usable.jpg").read_bytes() for family in ("relief", "any")]
    assert photos[0] == photos[1]  # the fourth seed's turn


def test_an_unknown_family_is_refused_by_the_command(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--out", str(tmp_path), "--count", "1", "--family", "portrait"])


def test_the_generator_needs_no_torch() -> None:
    check = (
        "import sys, trainer.synthetic.__main__; "
        "sys.exit(bool({'torch', 'matplotlib', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
