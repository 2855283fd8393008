"""A CSV file is read in the words of its data set, and every row is checked."""

from pathlib import Path

import pytest

from tests.unit.trainer.photos.pictures import csv_file, labelled, put
from trainer.photos.csv_source import read_csv
from trainer.photos.errors import BadLabels, UnknownHeader

OWN = "file,suitability,diagnosis,patient_id,lesion_id,split,sex,age,body_site,fitzpatrick"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (",,NEV,p1,,train,F,40,FACE,2", "line 2: the photo's name is missing"),
        ("a.jpg,blurry,,p1,,train,F,40,FACE,2", "line 2: suitability: 'blurry': it is not known"),
        ("a.jpg,unusable,,p1,,train,F,40,FACE,2", "line 2: suitability: 'unusable': say why"),
        ("a.jpg,usable,,p1,,holdout,F,40,FACE,2", "line 2: split: 'holdout' is none of"),
        ("a.jpg,usable,,p1,,train,F,40,FACE", "line 2: 9 cells under a header of 10"),
        ("b.jpg,usable,,p1,,train,F,40,FACE,2", r"line 2: b\.jpg cannot be read"),
        ("../a.jpg,usable,,p1,,train,F,40,FACE,2", "line 2: the file lies outside"),
        ("/etc/hostname.jpg,usable,,p1,,train,F,40,FACE,2", "line 2: the file lies outside"),
        ("x" * 2000 + ",usable,,p1,,train,F,40,FACE,2", "too long"),
        ("x" * 300 + ".jpg,usable,,p1,,train,F,40,FACE,2", "cannot be read"),
        ('"a.jpg,usable,,p1,,train,F,40,FACE,2', "line 2"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, row: str, complaint: str) -> None:
    put(tmp_path / "photos", "a.jpg", 1)
    put(tmp_path, "a.jpg", 2)
    with pytest.raises(BadLabels, match=complaint):
        read_csv(csv_file(tmp_path, OWN, row), tmp_path / "photos")


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "secret.jpg", 1)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/a.jpg").symlink_to(tmp_path / "secret.jpg")
    with pytest.raises(BadLabels, match="outside"):
        read_csv(csv_file(tmp_path, "file,diagnosis", "a.jpg,NEV"), tmp_path / "photos")


def test_a_bare_name_that_could_be_two_files_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "one/a.jpg", 1)
    put(tmp_path, "two/a.png", 2)
    with pytest.raises(BadLabels, match="any of 2 files"):
        read_csv(csv_file(tmp_path, "image_id,dx", "a,nv"), tmp_path)


def test_an_unknown_header_is_told_with_what_is_understood(tmp_path: Path) -> None:
    with pytest.raises(UnknownHeader, match=r"\(picture, kind\).*HAM10000 \(image_id; dx\)"):
        read_csv(csv_file(tmp_path, "picture,kind", "a,b"), tmp_path)
    with pytest.raises(UnknownHeader):
        read_csv(csv_file(tmp_path, "file,patient_id", "a.jpg,p"), tmp_path)


def test_two_classes_marked_at_once_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", 1)
    header = "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK"
    with pytest.raises(BadLabels, match="line 2: 2 of the classes"):
        read_csv(csv_file(tmp_path, header, "a,1,1,0,0,0,0,0,0,0"), tmp_path)
    with pytest.raises(BadLabels, match="line 2: mel"):
        read_csv(csv_file(tmp_path, header, "a,yes,1,0,0,0,0,0,0,0"), tmp_path)


@pytest.mark.parametrize(
    ("header", "row", "facts"),
    [
        (
            "patient_id,lesion_id,age,gender,region,diagnostic,img_id,fitspatrick,diameter_1,biopsed",
            "PAT_9,12,55,FEMALE,FOREARM,BCC,a.png,3.0,6.0,True",
            ("basal_cell_carcinoma", "PAT_9", "12", "F", 55, "forearm", 3),
        ),
        (
            "lesion_id,image_id,dx,dx_type,age,sex,localization",
            "HAM_1,a,akiec,histo,80.0,male,lower extremity",
            ("actinic_keratosis", None, "HAM_1", "M", 80, "lower_limb", None),
        ),
        (
            "md5hash,fitzpatrick_scale,fitzpatrick_centaur,label,nine_partition_label,three_partition_label",
            "a,-1,2,drug induced pigmentary changes,inflammatory,non-neoplastic",
            ("drug_induced_pigmentary_changes", None, None, None, None, None, None),
        ),
        (
            "isic_id,patient_id,lesion_id,age_approx,sex,anatom_site_general,benign_malignant,diagnosis_1,diagnosis_3",
            'a,IP_1,IL_1,45.0,female,posterior torso,malignant,Malignant,"Melanoma, NOS"',
            ("melanoma", "IP_1", "IL_1", "F", 45, "back", None),
        ),
        (
            "image_name,patient_id,sex,age_approx,anatom_site_general_challenge,benign_malignant,target",
            "a,IP_2,male,,head/neck,benign,0",
            ("benign", "IP_2", None, "M", None, None, None),
        ),
        (
            "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK",
            "a,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,0.0",
            ("squamous_cell_carcinoma", None, None, None, None, None, None),
        ),
    ],
)  # fmt: skip
def test_the_columns_of_well_known_data_sets_are_understood(
    tmp_path: Path, header: str, row: str, facts: tuple[object, ...]
) -> None:
    put(tmp_path, "part_1/a.jpg", 1)
    put(tmp_path, "a.png", 1)
    if ",a.png," not in row:
        (tmp_path / "a.png").unlink()
    (claim,) = read_csv(csv_file(tmp_path, header, row), tmp_path).claims
    found = (
        claim.diagnosis, claim.patient_id, claim.lesion_id, claim.sex, claim.age, claim.body_site, claim.fitzpatrick,
    )  # fmt: skip
    assert found == facts


def test_an_unknown_diagnosis_is_not_taken_for_the_name_of_one(tmp_path: Path) -> None:
    labels = labelled(
        tmp_path, "image_name,diagnosis,benign_malignant", "a,unknown,benign", "b,nevus,benign", suffix=".jpg"
    )
    source = read_csv(labels, tmp_path)
    assert [claim.diagnosis for claim in source.claims] == ["nevus"]
    assert [each.name for each in source.left_out] == ["a"]


def test_other_columns_and_given_names_are_carried_along(tmp_path: Path) -> None:
    labels = labelled(tmp_path, "file,diagnosis,camera,body_site", "a.jpg,NEV,phone,FACE")
    (claim,) = read_csv(labels, tmp_path).claims
    assert claim.facts == {"camera": "phone", "diagnosis_as_given": "NEV", "body_site_as_given": "FACE"}


def test_gaps_stay_gaps_and_a_strange_age_is_noted(tmp_path: Path) -> None:
    labels = labelled(tmp_path, OWN, "a.jpg,usable,,,,,,old,,9", "b.jpg,usable,,,,,x,130,moon,")
    source = read_csv(labels, tmp_path)
    told = {(claim.patient_id, claim.split, claim.sex, claim.age, claim.body_site) for claim in source.claims}
    assert told == {(None,) * 5}
    assert [claim.fitzpatrick for claim in source.claims] == [None, None]
    assert source.notes == ("the age is no number of years in 2 rows, the first is labels.csv line 2",)


def test_a_photo_without_a_label_or_without_a_file_is_left_out_by_name(tmp_path: Path) -> None:
    labels = labelled(tmp_path, "file,diagnosis", "a.jpg,", "b.jpg,NEV", "c.jpg,BCC")
    (tmp_path / "b.jpg").unlink()
    source = read_csv(labels, tmp_path, missing="leave_out")
    assert [claim.name for claim in source.claims] == ["c.jpg"]
    assert [(each.name, each.why) for each in source.left_out] == [
        ("a.jpg", "it has no label"),
        ("b.jpg", "there is no such photo"),
    ]


@pytest.mark.parametrize(("word", "meant"), [("Doctor", "doctor"), (" RULE ", "rule"), ("somebody", None)])
def test_who_says_it_is_understood_in_any_case(tmp_path: Path, word: str, meant: str | None) -> None:
    labels = labelled(tmp_path, "file,suitability,said_by", f"a.jpg,usable,{word}")
    assert [claim.said_by for claim in read_csv(labels, tmp_path).claims] == [meant]


def test_a_reason_beside_unusable_is_the_label(tmp_path: Path) -> None:
    labels = labelled(tmp_path, "file,suitability,reason", "a.jpg,unusable,watermark", "b.jpg,presumed_usable,")
    assert [claim.suitability for claim in read_csv(labels, tmp_path).claims] == ["watermark", "usable"]


def test_semicolons_a_byte_order_mark_and_empty_lines_are_taken(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", 1)
    (tmp_path / "labels.csv").write_bytes(b'\xef\xbb\xbfFile; Diagnosis \r\n\r\na.jpg;"nevus"\r\n;\r\n')
    (claim,) = read_csv(tmp_path / "labels.csv", tmp_path).claims
    assert (claim.diagnosis, claim.place) == ("nevus", "labels.csv line 3")
