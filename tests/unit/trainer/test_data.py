"""Labels are read with checks: nothing is trained on that cannot be trusted."""

from pathlib import Path

import pytest

from trainer.data import fingerprint, of_split, read_labels
from trainer.errors import BadData

HEADER = "file,split,diagnosis,patient_id,age,sex,body_site"


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    """A folder with a photo per row, each of its own bytes, and the labels."""
    for row in rows:
        (folder / row.split(",")[0]).write_bytes(row.encode())
    labels = folder / "labels.csv"
    labels.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return labels


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("a.jpg,train,,p1,40,F,FACE", "line 2: diagnosis is missing"),
        ("a.jpg,train,NEV,,40,F,FACE", "line 2: patient_id is missing"),
        ("a.jpg,test,NEV,p1,40,F,FACE", "neither train nor val"),
        ("a.jpg,train,NEV,p1,old,F,FACE", "age is 'old'"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(BadData, match=complaint):
        read_labels(write(tmp_path, row), tmp_path)


def test_a_missing_photo_is_named(tmp_path: Path) -> None:
    labels = write(tmp_path, "a.jpg,train,NEV,p1,40,F,FACE")
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(BadData, match=r"a\.jpg cannot be read"):
        read_labels(labels, tmp_path)


def test_a_path_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "photos"
    inner.mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"x")
    labels = tmp_path / "labels.csv"
    labels.write_text(f"{HEADER}\n../secret.jpg,train,NEV,p1,1,F,FACE\n", encoding="utf-8")
    with pytest.raises(BadData, match="outside"):
        read_labels(labels, inner)


def test_no_labels_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="names no photo"):
        read_labels(write(tmp_path), tmp_path)
    with pytest.raises(BadData, match="cannot be read"):
        read_labels(tmp_path / "absent.csv", tmp_path)


def test_a_patient_on_both_sides_is_refused(tmp_path: Path) -> None:
    labels = write(tmp_path, "a.jpg,train,NEV,p1,40,F,FACE", "b.jpg,val,NEV,p1,40,F,FACE")
    with pytest.raises(BadData, match="both sides"):
        read_labels(labels, tmp_path)


def test_a_picture_with_two_diagnoses_is_left_out_and_a_repeat_counts_once(tmp_path: Path) -> None:
    diagnoses = {"a": "NEV", "b": "BCC", "c": "SEK", "d": "SEK"}
    rows = [f"{name}.jpg,train,{diagnosis},p1,40,F,FACE" for name, diagnosis in diagnoses.items()]
    labels = write(tmp_path, *rows)
    (tmp_path / "b.jpg").write_bytes((tmp_path / "a.jpg").read_bytes())
    (tmp_path / "d.jpg").write_bytes((tmp_path / "c.jpg").read_bytes())
    found = read_labels(labels, tmp_path)
    assert [photo.path.name for photo in found.photos] == ["c.jpg"]
    assert found.contradicted == ("a.jpg", "b.jpg")


def test_facts_are_read_and_gaps_stay_gaps(tmp_path: Path) -> None:
    labels = write(tmp_path, "a.jpg,train,NEV,p1,40,F,FACE", "b.jpg,val,NEV,p2,,,")
    first, second = read_labels(labels, tmp_path).photos
    assert (first.sex, first.age, first.body_site, first.split) == ("F", 40, "face", "train")
    assert (second.sex, second.age, second.body_site, second.split) == (None, None, None, "val")


def test_without_a_split_whole_patients_are_set_aside(tmp_path: Path) -> None:
    rows = [f"{number}.jpg,NEV,p{number // 3}" for number in range(150)]
    labels = write(tmp_path, *rows, header="file,diagnosis,patient_id")
    photos = read_labels(labels, tmp_path).photos
    sides = {side: {photo.patient_id for photo in of_split(photos, side)} for side in ("train", "val")}
    assert not sides["train"] & sides["val"]
    assert 2 <= len(sides["val"]) <= 20


def test_the_fingerprint_knows_labels_and_bytes_but_no_order(tmp_path: Path) -> None:
    rows = ("a.jpg,train,NEV,p1,40,F,FACE", "b.jpg,train,BCC,p2,50,M,BACK")
    photos = read_labels(write(tmp_path, *rows), tmp_path).photos
    assert fingerprint(photos) == fingerprint(reversed(photos))
    (tmp_path / "a.jpg").write_bytes(b"another")
    assert fingerprint(read_labels(tmp_path / "labels.csv", tmp_path).photos) != fingerprint(photos)
