"""The probe finds what gives labels away without being skin, and is silent where nothing does."""

from pathlib import Path

import numpy as np
import pytest

from tests.unit.trainer.photos.pictures import drawn, encoded
from trainer.photos.errors import BadLabels
from trainer.photos.gaps import MARGIN, gaps_of
from trainer.photos.photo import LabelledPhoto
from trainer.photos.probe import balanced_accuracy_over_patients, probe, probe_table
from trainer.photos.softmax_regression import fit_softmax
from trainer.photos.traits import traits_of


def photos(folder: Path, *, quality: dict[str, int], sexes: dict[str, str | None]) -> list[LabelledPhoto]:
    """Sixty photos of thirty patients, nevi and melanomas in turn, coded and described as told for each."""
    found = []
    for number in range(60):
        diagnosis = ("nevus", "melanoma")[number // 2 % 2]
        path = folder / f"{number}.jpg"
        path.write_bytes(encoded(drawn(number), quality[diagnosis]))
        found.append(
            LabelledPhoto(
                path, f"{number:064x}", path.name, None, diagnosis, f"p{number // 2}", None, "train",
                sex=sexes[diagnosis],
            )
        )  # fmt: skip
    return found


EVEN = {"nevus": 90, "melanoma": 90}
BOTH: dict[str, str | None] = {"nevus": "F", "melanoma": "F"}


def test_a_photo_that_is_no_file_is_named(tmp_path: Path) -> None:
    made = photos(tmp_path, quality=EVEN, sexes=BOTH)
    made[3].path.unlink()
    with pytest.raises(BadLabels, match=r"3\.jpg"):
        probe(made, "diagnosis")
    made[3].path.write_bytes(b"\xff\xd8\xff no picture")
    with pytest.raises(BadLabels, match=r"3\.jpg"):
        probe(made, "diagnosis")


def test_missing_sex_that_gives_the_diagnosis_away_is_found(tmp_path: Path) -> None:
    found = probe(photos(tmp_path, quality=EVEN, sexes={"nevus": None, "melanoma": "F"}), "diagnosis")
    assert found.labels == ("melanoma", "nevus")
    assert set(found.suspicious) == {"missing sex", "missing metadata", "everything"}
    result = next(each for each in found.results if each.group == "missing sex")
    assert (result.balanced_accuracy.value, result.chance) == (1.0, 0.5)
    assert "missing age" in found.unvarying
    assert "missing sex" in probe_table(found)
    assert "gives labels away" in probe_table(found)


def test_what_missing_sex_tells_of_each_label_is_said_with_its_interval(tmp_path: Path) -> None:
    found = probe(photos(tmp_path, quality=EVEN, sexes={"nevus": None, "melanoma": "F"}), "diagnosis")
    assert [(gap.fact, gap.label) for gap in found.telling] == [("sex", "melanoma"), ("sex", "nevus")]
    melanoma, nevus = found.gaps
    assert (nevus.missing.value, nevus.elsewhere.value, nevus.auc.value) == (1, 0, 1)
    assert (melanoma.missing.value, melanoma.elsewhere.value, melanoma.auc.value) == (0, 1, 0)
    assert 0.5 + MARGIN < nevus.auc.low < 1  # fifteen patients are no certainty
    assert nevus.missing.n == nevus.elsewhere.n == 30
    assert "sex is not said of 100% (80%-100%) of nevus and of 0% (0%-20%) of the others" in probe_table(found)


def test_gaps_that_come_with_every_label_alike_tell_nothing() -> None:
    unsaid = np.tile([True, True, False, False, False], 40)
    truth = np.repeat([0, 1, 2, 0], 50)
    patients = [str(number) for number in range(200)]
    gaps = gaps_of("sex", unsaid, truth, ("a", "b", "c"), patients, seed=0)
    assert [gap.label for gap in gaps] == ["a", "b", "c"]
    for gap in gaps:
        assert gap.missing.value == gap.elsewhere.value == pytest.approx(0.4)
        assert gap.auc.value == pytest.approx(0.5)
        assert gap.auc.low < 0.5 < gap.auc.high
        assert not gap.telling
    assert gaps_of("sex", np.ones(200, dtype=np.bool_), truth, ("a", "b", "c"), patients, seed=0) == ()


def test_the_gaps_of_one_patient_are_no_proof_however_many_photos_there_are() -> None:
    """A hundred photos of which nothing is said, all of two patients."""
    truth = np.repeat([0, 1], 100)
    unsaid = truth == 0
    many = [str(number) for number in range(200)]
    few = [str(number // 50) for number in range(200)]
    alone, grouped = (gaps_of("sex", unsaid, truth, ("a", "b"), who, seed=0)[0] for who in (many, few))
    assert alone.auc.value == grouped.auc.value == 1
    assert alone.telling
    assert grouped.auc.low < alone.auc.low


def test_coding_that_gives_the_diagnosis_away_is_found(tmp_path: Path) -> None:
    found = probe(photos(tmp_path, quality={"nevus": 90, "melanoma": 60}, sexes=BOTH), "diagnosis")
    assert {"JPEG quality", "file size"} <= set(found.suspicious)


def test_nothing_is_suspected_where_nothing_gives_away(tmp_path: Path) -> None:
    made = photos(tmp_path, quality=EVEN, sexes=BOTH)
    found = probe(made, "diagnosis")
    assert found.suspicious == ()
    assert found == probe(list(reversed(made)), "diagnosis")
    assert "the same for all photos" in probe_table(found)


def test_too_little_to_probe_is_said(tmp_path: Path) -> None:
    made = photos(tmp_path, quality=EVEN, sexes=BOTH)
    for few in ([], made[:8], [photo for photo in made if photo.diagnosis == "nevus"]):
        assert probe(few, "diagnosis").results == ()
    assert "too few" in probe_table(probe(made, "suitability"))


def test_traits_are_read_from_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(drawn(1).resize((100, 140)), kind="PNG"))
    photo = LabelledPhoto(path, "0" * 64, "a.png", "usable", None, "p", None, "train")
    traits = traits_of(photo)
    assert (traits.width, traits.height, traits.luma) == (100, 140, 0.0)
    path.write_bytes(encoded(drawn(1), 50))
    coarse = traits_of(photo)
    path.write_bytes(encoded(drawn(1), 95))
    assert coarse.luma > traits_of(photo).luma > 0


def test_the_regression_weighs_labels_alike() -> None:
    inputs = np.repeat(np.eye(3, dtype=np.float32), [90, 8, 2], axis=0)
    truth = np.array([0] * 85 + [1] * 5 + [0] * 5 + [1] * 3 + [2] * 2)
    assert (np.eye(3) @ fit_softmax(inputs, truth, 3)).argmax(1).tolist() == [0, 1, 2]


def test_the_interval_is_over_patients_not_photos() -> None:
    truth = np.tile([0, 1], 100)
    right = np.repeat([True, True, False, True, False], 40)
    alone = balanced_accuracy_over_patients(truth, right, [str(number) for number in range(200)], 0)
    grouped = balanced_accuracy_over_patients(truth, right, [str(number // 40) for number in range(200)], 0)
    assert alone.value == grouped.value == pytest.approx(0.6)
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)
