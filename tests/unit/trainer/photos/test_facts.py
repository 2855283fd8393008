"""Facts in a file of their own find their photos by place or by name, and are never ignored."""

from pathlib import Path

import pytest

from tests.unit.trainer.photos.pictures import csv_file, labelled, put
from trainer.photos.claims import Claims
from trainer.photos.csv_source import read_csv
from trainer.photos.dataset import Plan
from trainer.photos.errors import BadLabels, UnknownHeader
from trainer.photos.facts import add_facts
from trainer.photos.folder_source import read_folder
from trainer.photos.reading import read_photos

HEADER = "file,patient_id,age,sex,body_site,fitzpatrick"


def in_folders(root: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        put(root / "photos", name, number)
    return root / "photos"


def with_facts(root: Path, photos: Path, *rows: str, header: str = HEADER) -> Claims:
    return add_facts(read_folder(photos), csv_file(root, header, *rows, name="facts.csv"), photos)


def test_a_file_that_names_none_of_the_photos_is_refused_with_what_it_should_name(tmp_path: Path) -> None:
    photos = in_folders(tmp_path, "nevus/a.jpg")
    with pytest.raises(BadLabels, match=r"none of the photos: its first name, z\.jpg, .* called nevus/a\.jpg"):
        with_facts(tmp_path, photos, "z.jpg,p1,,,,")
    with pytest.raises(BadLabels, match="holds no row"):
        with_facts(tmp_path, photos)
    with pytest.raises(UnknownHeader, match="none of the columns file"):
        with_facts(tmp_path, photos, "a.jpg,p1", header="photo,patient_id")


def test_two_rows_for_one_photo_are_refused(tmp_path: Path) -> None:
    photos = in_folders(tmp_path, "nevus/a.jpg")
    with pytest.raises(BadLabels, match=r"line 3: nevus/a\.jpg is told of a second time, before in facts\.csv line 2"):
        with_facts(tmp_path, photos, "a.jpg,p1,,,,", "nevus/a.jpg,p2,,,,")
    with pytest.raises(BadLabels, match="no photo is named"):
        with_facts(tmp_path, photos, ",p1,,,,")
    with pytest.raises(BadLabels, match="split: 'away'"):
        with_facts(tmp_path, photos, "a.jpg,away", header="file,split")


@pytest.mark.parametrize(
    "name", ["nevus/a.jpg", "a.jpg", "./nevus/a.jpg", "my-photos/nevus/a.jpg", "nevus\\a.jpg", "nevus/a", "a"]
)
def test_a_photo_is_named_by_its_place_or_where_unique_by_its_name(tmp_path: Path, name: str) -> None:
    photos = in_folders(tmp_path, "nevus/a.jpg", "psoriasis/b.jpg")
    source = with_facts(tmp_path, photos, f"{name},p1,40,female,Forearm,3")
    first, other = source.claims
    assert (first.patient_id, first.age, first.sex, first.body_site, first.fitzpatrick) == ("p1", 40, "F", "forearm", 3)
    assert first.diagnosis == "nevus"
    assert other.patient_id is None
    assert source.notes == (
        "facts for 1 of 2 photos from facts.csv",
        "facts.csv has no row for 1 photos",
    )


def test_a_name_of_several_photos_or_of_another_folder_means_none_and_is_told(tmp_path: Path) -> None:
    photos = in_folders(tmp_path, "nevus/1.jpg", "psoriasis/1.jpg", "psoriasis/2.jpg")
    source = with_facts(tmp_path, photos, "1.jpg,p1,,,,", "nevus/2.jpg,p2,,,,", "2.jpg,p3,,,,")
    assert [claim.patient_id for claim in source.claims] == [None, None, "p3"]
    assert "1 rows of facts.csv name no photo here" in source.notes
    assert any(note.startswith("1 rows of facts.csv could mean several photos") for note in source.notes)


def test_columns_that_mean_nothing_are_told_and_carried_along(tmp_path: Path) -> None:
    photos = in_folders(tmp_path, "nevus/a.jpg")
    source = with_facts(tmp_path, photos, "a.jpg,p1,dim,old", header="file,patient,light,age")
    assert source.claims[0].facts["light"] == "dim"
    assert source.notes[1] == (
        "columns of facts.csv that are kept but not used: patient, light "
        "(understood are patient_id, lesion_id, sex, age, body_site, fitzpatrick, split)"
    )
    assert source.notes[2] == "the age is no number of years in 1 rows, the first is facts.csv line 2"


def test_facts_fill_what_labels_leave_empty(tmp_path: Path) -> None:
    labels = labelled(tmp_path, "file,diagnosis,patient_id,sex", "a.jpg,NEV,,F", "b.jpg,NEV,,")
    facts = csv_file(tmp_path, "file,patient_id,sex", "a.jpg,p1,M", name="facts.csv")
    source = add_facts(read_csv(labels, tmp_path), facts, tmp_path)
    assert [(claim.patient_id, claim.sex) for claim in source.claims] == [("p1", "F"), (None, None)]


def test_facts_in_the_words_of_isic_are_understood(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", 1)
    labels = csv_file(tmp_path, "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK", "a,0,1,0,0,0,0,0,0,0")
    facts = csv_file(tmp_path, "image,age_approx,lesion_id,sex", "a,50,BCN_1,female", "b,,,", name="facts.csv")
    (claim,) = add_facts(read_csv(labels, tmp_path), facts, tmp_path).claims
    assert (claim.diagnosis, claim.age, claim.lesion_id, claim.sex) == ("nevus", 50, "BCN_1", "F")


def test_patients_told_by_facts_alone_stay_on_one_side_of_the_split(tmp_path: Path) -> None:
    names = [f"{disease}/{number}.jpg" for disease in ("nevus", "psoriasis") for number in range(30)]
    photos = in_folders(tmp_path, *names)
    rows = [f"{name},{name.split('/')[0]}-{number // 2}" for number, name in enumerate(names)]
    facts = csv_file(tmp_path, "file,patient_id", *rows, name="facts.csv")
    found = read_photos(photos, None, Plan(wanted="diagnosis"), facts=facts)
    sides = {(photo.patient_id, photo.split) for photo in found.photos}
    assert len(sides) == 30, "each of thirty patients on one side"
    assert not any("patient is unknown" in note for note in found.notes)


def test_an_infants_age_of_nought_is_an_age(tmp_path: Path) -> None:
    photos = in_folders(tmp_path, "nevus/a.jpg")
    (claim,) = with_facts(tmp_path, photos, "a.jpg,p1,0,,,").claims
    assert claim.age == 0
