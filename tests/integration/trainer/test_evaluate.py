"""Trying the served models on labelled photos prints honest tables, through inference alone."""

from pathlib import Path

import pytest

from inference.bundling import install_bundled
from inference.store import ModelStore
from trainer.evaluate import main
from trainer.synthetic.album import synthetic_photo

ROWS = (("good.jpg", "presumed_usable", "NEV"), ("dark.jpg", "underexposed", ""), ("page.jpg", "not_skin", ""))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A good photo and two bad ones, labelled, and a store that serves the bundled models."""
    install_bundled(ModelStore(tmp_path / "store"))
    for (name, *_), kind in zip(ROWS, ("usable", "underexposed", "not_skin"), strict=True):
        synthetic_photo(kind, 5, (300, 240)).save(tmp_path / name, "JPEG", quality=92)
    rows = "\n".join(",".join(row) for row in ROWS)
    (tmp_path / "labels.csv").write_text(f"file,suitability,diagnosis\n{rows}\n", encoding="utf-8")
    return tmp_path


def evaluate(photos: Path) -> int:
    places = ("--store", photos / "store", "--photos", photos, "--labels", photos / "labels.csv")
    return main([str(place) for place in places])


@pytest.mark.parametrize(
    ("row", "complaint"),
    [("gone.jpg,usable,", "line 5: there is no file 'gone.jpg'"), ("good.jpg,lovely,", "line 5: suitability 'lovely'")],
)
def test_a_label_that_cannot_be_used_is_named(
    photos: Path, capsys: pytest.CaptureFixture[str], row: str, complaint: str
) -> None:
    with (photos / "labels.csv").open("a", encoding="utf-8") as labels:
        labels.write(f"{row}\n")
    assert evaluate(photos) == 1
    assert complaint in " ".join(capsys.readouterr().err.split())


def test_labels_that_are_absent_or_empty_are_refused(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / "labels.csv").write_text("file,suitability,diagnosis\n", encoding="utf-8")
    assert evaluate(photos) == 1
    assert "names no photo" in capsys.readouterr().err
    (photos / "labels.csv").unlink()
    assert evaluate(photos) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_the_tables_cover_the_photos_as_they_are_and_spoilt(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(photos) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "suitability/1 on 3 photos as they are" in shown
    assert "suitability/1 on 1 usable photos spoilt at severity 0.8" in shown
    assert "unusable photos refused: 2 of 2" in shown
    assert "disease/1 on 1 photos with a diagnosis" in shown
    assert "within the first 3" in shown
