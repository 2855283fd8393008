"""From labels to a data set: what leaks or contradicts is refused, left out or brought together, and told."""

import csv
from pathlib import Path

import pytest

from tests.unit.trainer.photos.pictures import drawn, encoded, labelled, put, seen
from trainer.photos.dataset import Plan
from trainer.photos.errors import BadLabels, BadSplit, NearDuplicates
from trainer.photos.fingerprint import fingerprint, read_sides, write_manifest
from trainer.photos.grouping import patient_ids
from trainer.photos.merging import merge
from trainer.photos.photo import Dataset, of_split
from trainer.photos.reading import read_photos

HEADER = "file,diagnosis,patient_id,split"
ROWS = ("a.jpg,NEV,p1,train", "b.jpg,BCC,p2,train", "c.jpg,NEV,p3,val", "d.jpg,BCC,p4,test")


def read(folder: Path, *rows: str, **plan: object) -> Dataset:
    labels = labelled(folder, HEADER, *rows)
    return read_photos(folder, labels, Plan(**plan))  # type: ignore[arg-type]  # fields by name


def with_copy(folder: Path, first: str, second: str) -> None:
    """Make the second photo a recompressed copy of the first."""
    image = drawn(int((folder / first).stem.encode()[0]) - ord("a"))
    (folder / second).write_bytes(encoded(image.resize((120, 120)), quality=60))


def test_a_near_duplicate_on_another_side_is_refused_or_brought_along(tmp_path: Path) -> None:
    labels = labelled(tmp_path, HEADER, *ROWS)
    with_copy(tmp_path, "a.jpg", "c.jpg")
    with pytest.raises(NearDuplicates, match="on two sides of the split") as refused:
        read_photos(tmp_path, labels, Plan())
    assert [set(pair) for pair in refused.value.pairs] == [{"a.jpg", "c.jpg"}]
    (tmp_path / "e.jpg").write_bytes(encoded(drawn(50)))
    labels.write_text(labels.read_text() + "e.jpg,NEV,p5,val\n")
    found = read_photos(tmp_path, labels, Plan(duplicates="together"))
    sides = {photo.name: photo.split for photo in found.photos}
    assert sides == {"a.jpg": "train", "b.jpg": "train", "c.jpg": "train", "d.jpg": "test", "e.jpg": "val"}
    patients = {photo.name: photo.patient_id for photo in found.photos}
    assert patients["a.jpg"] == patients["c.jpg"] == "p1"
    assert any("1 near-duplicates are of two patients" in note for note in found.notes)


def test_near_duplicates_under_two_diagnoses_are_refused_or_left_out(tmp_path: Path) -> None:
    labels = labelled(tmp_path, HEADER, *ROWS)
    with_copy(tmp_path, "a.jpg", "b.jpg")
    with pytest.raises(NearDuplicates, match="two diagnoses"):
        read_photos(tmp_path, labels, Plan())
    put(tmp_path, "e.jpg", 51)
    labels.write_text(labels.read_text() + "e.jpg,NEV,p5,train\n")
    found = read_photos(tmp_path, labels, Plan(duplicates="together"))
    assert sorted(each.name for each in found.left_out) == ["a.jpg", "b.jpg"]
    assert len(found.photos) == 3


def test_a_soft_copy_of_a_usable_photo_is_no_contradiction(tmp_path: Path) -> None:
    for number, name in enumerate("abcdefghij"):
        put(tmp_path, f"usable/{name}.jpg", number)
        put(tmp_path, f"out_of_focus/{name}.jpg", number).write_bytes(encoded(drawn(number).resize((96, 96))))
    found = read_photos(tmp_path, None, Plan())
    assert len(found.photos) == 20
    sides = {photo.name.split("/")[1]: photo.split for photo in found.photos}
    assert all(sides[photo.name.split("/")[1]] == photo.split for photo in found.photos)
    assert found.notes[0].startswith("the patient is unknown for 20 photos")


def test_a_patient_on_two_sides_is_refused_even_when_duplicates_are_brought_together(tmp_path: Path) -> None:
    with pytest.raises(BadSplit, match="both sides"):
        read(tmp_path, *ROWS, "e.jpg,NEV,p1,test", duplicates="together")


def test_the_same_bytes_count_once_and_contradictions_leave_out_all_names(tmp_path: Path) -> None:
    labels = labelled(tmp_path, HEADER, *ROWS, "e.jpg,NEV,p1,train", "f.jpg,BCC,p6,train", "g.jpg,SEK,p6,train")
    (tmp_path / "e.jpg").write_bytes((tmp_path / "a.jpg").read_bytes())
    (tmp_path / "g.jpg").write_bytes((tmp_path / "f.jpg").read_bytes())
    found = read_photos(tmp_path, labels, Plan())
    assert sorted(photo.name for photo in found.photos) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert {each.name: each.why for each in found.left_out} == dict.fromkeys(
        ("f.jpg", "g.jpg"), "the same picture has two diagnoses"
    )


def test_what_serving_would_refuse_is_left_out(tmp_path: Path) -> None:
    labels = labelled(tmp_path, HEADER, *ROWS, "e.jpg,NEV,p5,train", "f.jpg,NEV,p5,train", "g.jpg,NEV,p5,train")
    (tmp_path / "e.jpg").write_bytes(b"no picture")
    (tmp_path / "f.jpg").write_bytes(encoded(drawn(9).resize((40, 40))))
    (tmp_path / "g.jpg").write_bytes(encoded(drawn(9))[:900])
    assert [each.name for each in read_photos(tmp_path, labels, Plan()).left_out] == ["e.jpg", "f.jpg", "g.jpg"]


def test_only_photos_with_the_wanted_label_are_taken(tmp_path: Path) -> None:
    with pytest.raises(BadLabels, match="no photo that can be used"):
        read(tmp_path, *ROWS, wanted="suitability")


def test_a_lesion_stands_for_its_patient_where_none_is_named() -> None:
    photos = [
        seen(1, patient_id="p1", lesion_id="l1"),
        seen(2, lesion_id="l1"),
        seen(3, lesion_id="l2"),
        seen(4, lesion_id="l2"),
        seen(5),
        seen(6, patient_id="p2", lesion_id="7"),
        seen(7, patient_id="p3", lesion_id="7"),
        seen(8, lesion_id="7"),
    ]
    ids = patient_ids(photos, [(4, 3)])
    assert ids == ["p1", "p1", "lesion:l2", "lesion:l2", "lesion:l2", "p2", "p3", "lesion:7"]
    assert patient_ids([photos[4]], ()) == [f"group:{5:064x}"[:22]]


def test_a_doctor_is_believed_before_a_rule_and_gaps_are_filled() -> None:
    rule = seen(1, name="r", suitability="watermark", said_by="rule")
    doctor = seen(1, name="d", suitability="usable", said_by="doctor")
    merged = merge([rule, doctor])
    assert [each.claim.suitability for each in merged.photos] == ["usable"]
    both = merge([seen(1, name="a", suitability="usable"), seen(1, name="b", diagnosis="nevus", age=40)])
    assert [(each.claim.suitability, each.claim.diagnosis, each.claim.age) for each in both.photos] == [
        ("usable", "nevus", 40)
    ]


def test_a_rules_word_on_whose_photo_it_is_stays_beside_a_doctors_label() -> None:
    rule = seen(1, name="a", suitability="watermark", said_by="rule", patient_id="p1", split="test", diagnosis="nevus")
    doctor = seen(1, name="d", suitability="usable", said_by="doctor")
    (one,) = merge([rule, doctor]).photos
    assert (one.claim.suitability, one.claim.diagnosis, one.claim.said_by) == ("usable", None, "doctor")
    assert (one.claim.patient_id, one.claim.split) == ("p1", "test")
    other = seen(1, name="d", suitability="usable", said_by="doctor", patient_id="p2")
    assert [each.why for each in merge([rule, other]).left_out] == ["the same picture has two patients"] * 2


def test_the_fingerprint_knows_labels_sides_and_bytes_but_no_order(tmp_path: Path) -> None:
    found = read(tmp_path / "one", *ROWS)
    assert found.fingerprint == fingerprint(reversed(found.photos))
    assert read(tmp_path / "two", *ROWS[:3], "d.jpg,NEV,p4,test").fingerprint != found.fingerprint
    assert read(tmp_path / "three", *ROWS[:2], "c.jpg,NEV,p3,test", "d.jpg,BCC,p4,val").fingerprint != found.fingerprint
    put(tmp_path / "one", "a.jpg", 99)
    assert read_photos(tmp_path / "one", tmp_path / "one/labels.csv", Plan()).fingerprint != found.fingerprint


def test_the_manifest_says_who_belongs_together_and_nobody_s_name(tmp_path: Path) -> None:
    found = read(tmp_path, *ROWS, "e.jpg,NEV,p1,train")
    path = write_manifest(found.photos, tmp_path)
    text = path.read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert "p1" not in {row["patient"] for row in rows}
    assert [row["sha256"] for row in rows] == [photo.sha256 for photo in found.photos]
    assert len({row["patient"] for row in rows}) == 4
    assert write_manifest(found.photos, tmp_path).read_text() != text
    salted = write_manifest(found.photos, tmp_path, salt=b"kept").read_text()
    assert write_manifest(found.photos, tmp_path, salt=b"kept").read_text() == salted


def test_a_side_that_lacks_a_label_is_told(tmp_path: Path) -> None:
    notes = read(tmp_path, *ROWS, wanted="diagnosis").notes
    assert notes == (
        "on the val side there is no photo of basal_cell_carcinoma",
        "on the test side there is no photo of nevus",
    )


def test_a_growing_data_set_keeps_the_sides_that_patients_had(tmp_path: Path) -> None:
    def rows(many: int) -> list[str]:
        return [f"{number}.jpg,{'NEV' if number % 3 else 'BCC'},p{number // 2}," for number in range(many)]

    first = read(tmp_path, *rows(40))
    before = read_sides(write_manifest(first.photos, tmp_path))
    assert before == {photo.sha256: photo.split for photo in first.photos}
    grown = read(tmp_path, *rows(60), earlier=before)
    assert len(grown.photos) == 60
    assert {photo.sha256: photo.split for photo in grown.photos}.items() >= before.items()
    assert "20 of 30 patients keep the side that they had before" in grown.notes
    assert len(of_split(grown.photos, "test")) == 12
    (tmp_path / "dataset.csv").write_text("sha256,split\nabc,test\n")
    with pytest.raises(BadLabels, match="line 2"):
        read_sides(tmp_path / "dataset.csv")
