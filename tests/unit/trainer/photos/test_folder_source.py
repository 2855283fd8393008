"""A folder per class becomes labelled photos; what is unclear is refused."""

from pathlib import Path

import pytest

from tests.unit.trainer.photos.pictures import put
from trainer.photos.errors import BadLabels
from trainer.photos.folder_source import read_folder


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ((), "no folder of pictures"),
        (("a.jpg",), "no folder of pictures"),
        (("unusable/a.jpg",), "says no reason"),
        (("unusable/usable/a.jpg",), "unusable/usable is no reason"),
        (("unusable/ugly/a.jpg",), "ugly is no reason"),
        (("nevus/more/a.jpg",), "the class nevus holds a folder more"),
        (("usable/a.jpg", "unusable/not_skin/more/a.jpg"), "the class not_skin holds a folder more"),
        (("train/a.jpg",), "no folder of pictures"),
        (("__/a.jpg",), "names no class"),
    ],
)
def test_what_is_unclear_is_refused(tmp_path: Path, files: tuple[str, ...], complaint: str) -> None:
    for file in files:
        put(tmp_path, file, 1)
    with pytest.raises(BadLabels, match=complaint):
        read_folder(tmp_path)


def test_names_of_folders_that_became_codes_are_told(tmp_path: Path) -> None:
    for number, name in enumerate(("BCC", "Nevus, NOS", "psoriasis", "usable")):
        put(tmp_path, f"{name}/a.jpg", number)
    (note,) = read_folder(tmp_path).notes
    assert note == "names of folders became codes of diagnoses: BCC is basal_cell_carcinoma, Nevus, NOS is nevus_nos"


def test_a_missing_folder_and_a_link_out_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLabels, match="no folder"):
        read_folder(tmp_path / "absent")
    secret = put(tmp_path, "secret.jpg", 1)
    (tmp_path / "photos/nevus").mkdir(parents=True)
    (tmp_path / "photos/nevus/a.jpg").symlink_to(secret)
    with pytest.raises(BadLabels, match="leads out"):
        read_folder(tmp_path / "photos")


def test_folders_name_suitability_and_diseases(tmp_path: Path) -> None:
    for number, file in enumerate(
        ("usable/a.jpg", "Out of focus/b.JPG", "unusable/not_skin/c.png", "NEV/d.jpeg", "Lupus, discoid/e.webp")
    ):
        put(tmp_path, file, number)
    found = {claim.name: (claim.suitability, claim.diagnosis) for claim in read_folder(tmp_path).claims}
    assert found == {
        "usable/a.jpg": ("usable", None),
        "Out of focus/b.JPG": ("out_of_focus", None),
        "unusable/not_skin/c.png": ("not_skin", None),
        "NEV/d.jpeg": (None, "nevus"),
        "Lupus, discoid/e.webp": (None, "lupus_discoid"),
    }


def test_sides_of_the_split_may_stand_above_the_classes(tmp_path: Path) -> None:
    put(tmp_path, "train/nevus/a.jpg", 1)
    put(tmp_path, "validation/nevus/b.jpg", 2)
    put(tmp_path, "test/melanoma/c.jpg", 3)
    claims = read_folder(tmp_path).claims
    assert {claim.name[:4]: (claim.split, claim.diagnosis) for claim in claims} == {
        "trai": ("train", "nevus"),
        "vali": ("val", "nevus"),
        "test": ("test", "melanoma"),
    }
    assert claims[0].patient_id is None


def test_given_names_are_kept_and_other_files_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "Naevus/a.jpg", 1)
    (tmp_path / "Naevus/notes.txt").write_text("x")
    (tmp_path / "Naevus/.hidden").write_text("x")
    source = read_folder(tmp_path)
    assert source.claims[0].facts == {"diagnosis_as_given": "Naevus"}
    assert [each.name for each in source.left_out] == ["Naevus/notes.txt"]
