"""Pictures that are not skin: chosen from unpacked packages, listed, excluded, cut; no network."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from trainer.faults.primitives import photo_of
from trainer.negatives import packages
from trainer.negatives.__main__ import main
from trainer.negatives.choosing import is_photograph, read_photograph
from trainer.negatives.cutting import cut
from trainer.negatives.errors import NoNegatives
from trainer.negatives.exclusion import read_excluded
from trainer.negatives.licences import UNKNOWN, licence_of, read_licences
from trainer.negatives.listing import LIST_NAME, checked_path, read_list
from trainer.synthetic.noise import octaves

COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2010 The painters
License: GPL-2+

Files: nature/Hills.jpg
Copyright: 2012 A. Walker
 2013 B. Rider
License: CC-BY-4.0
 and more words

Files: debian/*
Copyright: 2020 A packager
License: Expat
"""


def landscape(seed: int, size: tuple[int, int] = (600, 450)) -> Image.Image:
    """Something with a photograph's wealth of colours and grain."""
    rng = np.random.default_rng(seed)
    layers = [octaves(rng, size, 200, 1.3, 0.8) for _ in range(3)]
    return photo_of(np.stack(layers, axis=-1) * 45 + 120)


def drawing() -> Image.Image:
    """Flat shapes."""
    view = Image.new("RGB", (800, 600), (20, 90, 120))
    ImageDraw.Draw(view).ellipse((100, 100, 500, 500), (250, 200, 90))
    return view


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two packages as dpkg leaves them: three photographs, one of them twice, a drawing, and things that are none."""
    tmp_path = tmp_path_factory.mktemp("negatives")
    root = tmp_path / "unpacked"
    mate = root / "mate-backgrounds" / "usr" / "share"
    pictures = mate / "backgrounds" / "mate" / "nature"
    pictures.mkdir(parents=True)
    (mate / "doc" / "mate-backgrounds").mkdir(parents=True)
    (mate / "doc" / "mate-backgrounds" / "copyright").write_text(COPYRIGHT)
    landscape(1).save(pictures / "Hills.jpg", quality=95)
    landscape(1).resize((640, 480)).save(pictures / "Hills_small.png")
    drawing().save(pictures / "Shapes.png")
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (pictures / "notes.txt").write_text("no picture")
    (pictures / "outside.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    landscape(9).save(tmp_path / "elsewhere.jpg")
    lomiri = root / "lomiri-wallpapers-16.04" / "usr" / "share" / "backgrounds"
    lomiri.mkdir(parents=True)
    landscape(2, (1700, 500)).save(lomiri / "Sea.webp", method=0)
    return root


@pytest.fixture
def folder(tmp_path: Path, made: Path) -> Path:
    """A collected folder of one's own."""
    return Path(shutil.copytree(made, tmp_path / "out"))


@pytest.fixture(scope="module")
def made(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is collected from the packages."""
    out = tmp_path_factory.mktemp("made")
    assert collected(unpacked, out) == 0
    return out


def collected(unpacked: Path, out: Path, *more: str) -> int:
    return main(["--out", str(out), "--unpacked", str(unpacked), *more])


def test_without_apt_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoNegatives, match="apt-get is not here"):
        packages.fetch("gnome-backgrounds", tmp_path)


def test_a_failing_apt_is_told_with_its_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho no such package >&2\nexit 100\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    with pytest.raises(NoNegatives, match="no such package"):
        packages.fetch("gnome-backgrounds", tmp_path)


def test_a_folder_without_packages_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert collected(tmp_path, tmp_path / "out") == 1
    assert "mate-backgrounds" in capsys.readouterr().err


def test_photographs_are_kept_with_licence_group_and_a_split_by_package(made: Path) -> None:
    negatives = {one.file.split("__")[1].rsplit("_", 1)[0]: one for one in read_list(made)}
    assert set(negatives) == {"Hills", "Hills_small", "Sea"}
    assert negatives["Hills"].licence == "CC-BY-4.0; 2012 A. Walker 2013 B. Rider"
    assert negatives["Hills_small"].licence == "GPL-2+; 2010 The painters"
    assert negatives["Sea"].licence == UNKNOWN
    assert negatives["Hills"].group == negatives["Hills_small"].group != negatives["Sea"].group
    assert {one.package: one.split for one in negatives.values()} == {
        "mate-backgrounds": "train",
        "lomiri-wallpapers-16.04": "test",
    }
    for one in negatives.values():
        with Image.open(made / one.file) as picture:
            assert max(picture.size) <= 1600
        assert hashlib.sha256(checked_path(made, one).read_bytes()).hexdigest() == one.sha256


def test_an_excluded_picture_stays_out_by_bytes_and_by_look(unpacked: Path, made: Path, tmp_path: Path) -> None:
    sea = next(one for one in read_list(made) if "Sea" in one.file)
    hills = hashlib.sha256(next(unpacked.rglob("Hills.jpg")).read_bytes()).hexdigest()
    (tmp_path / "exclude.txt").write_text(f"# kept aside\n{hills}\n{sea.look}  # the sea\n")
    assert collected(unpacked, tmp_path / "second", "--exclude", str(tmp_path / "exclude.txt")) == 0
    (left,) = read_list(tmp_path / "second")
    assert "Hills_small" in left.file


def test_what_looks_like_a_picture_of_another_side_is_left_out(unpacked: Path, tmp_path: Path) -> None:
    packages_folder = Path(shutil.copytree(unpacked, tmp_path / "unpacked", symlinks=True))
    wallpapers = packages_folder / "lomiri-wallpapers-16.04" / "usr" / "share" / "backgrounds"
    ImageOps.mirror(landscape(1)).save(wallpapers / "Hills_mirrored.jpg", quality=80)
    assert collected(packages_folder, tmp_path / "out") == 0
    assert not any("mirrored" in one.file for one in read_list(tmp_path / "out"))
    sides: dict[str, set[str]] = {}
    for one in read_list(tmp_path / "out"):
        sides.setdefault(one.group, set()).add(one.split)
    assert all(len(each) == 1 for each in sides.values())


@pytest.mark.parametrize("line", ["zz", "abc123", "g" * 64, "a" * 63])
def test_an_exclude_list_with_another_line_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "exclude.txt"
    path.write_text(f"{'a' * 64}\n{line}\n")
    with pytest.raises(NoNegatives, match="line 2"):
        read_excluded(path)


@pytest.mark.parametrize(
    ("old", "new"), [(",train", ",sometimes"), ("mate-backgrounds__", "../mate-backgrounds__"), ("file,", "name,")]
)
def test_a_list_that_was_changed_is_refused(folder: Path, old: str, new: str) -> None:
    path = folder / LIST_NAME
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(NoNegatives, match=LIST_NAME):
        read_list(folder)


def test_a_picture_that_was_changed_is_refused(folder: Path) -> None:
    one = read_list(folder)[0]
    (folder / one.file).write_bytes(b"other")
    with pytest.raises(NoNegatives, match="is not the picture"):
        checked_path(folder, one)


def test_a_split_without_pictures_is_refused(folder: Path) -> None:
    with pytest.raises(NoNegatives, match="val"):
        read_list(folder, "val")


def test_drawings_and_soft_photographs_are_told_apart() -> None:
    assert is_photograph(landscape(3).filter(ImageFilter.GaussianBlur(1)))
    assert not is_photograph(drawing())
    assert not is_photograph(Image.new("RGB", (500, 500), (90, 80, 70)))


def test_small_and_transparent_pictures_are_left_out(tmp_path: Path) -> None:
    landscape(4, (300, 900)).save(tmp_path / "small.png")
    landscape(4).convert("RGBA").save(tmp_path / "layer.png")
    assert read_photograph(tmp_path / "small.png") is None
    assert read_photograph(tmp_path / "layer.png") is None


@settings(max_examples=40)
@given(width=st.integers(64, 200), height=st.integers(64, 200), seed=st.integers(0, 2**31))
def test_a_cut_lies_within_the_picture(width: int, height: int, seed: int) -> None:
    picture = Image.new("RGB", (301, 203), (200, 100, 150))
    part = cut(picture, (width, height), np.random.default_rng(seed))
    assert part.size == (width, height)
    # What Pillow takes from beyond a picture is black.
    inner = np.asarray(part)[2:-2, 2:-2]
    assert inner.min() > 40


@settings(max_examples=25)
@given(text=st.text(alphabet=st.sampled_from("Files: License:Copyright\n *.#jpg/\t"), max_size=400))
def test_any_copyright_file_is_read(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("doc") / "copyright"
    path.write_text(text)
    assert licence_of("usr/share/a.jpg", read_licences(path))
