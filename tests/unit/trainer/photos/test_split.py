"""Patients stay whole, shares come out close, and the sides that labels give are kept."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.photos.allotment import allot
from trainer.photos.errors import BadSplit
from trainer.photos.photo import LabelledPhoto, Split, of_split
from trainer.photos.split import DEFAULT_SHARES, Member, Shares, folds, split


def member(number: int, side: Split | None = None, label: str = "a", patient: str = "") -> Member:
    return Member(patient or f"p{number}", label, side, f"{number}.jpg")


def photo(number: int, patient: str, diagnosis: str) -> LabelledPhoto:
    return LabelledPhoto(
        Path(f"{number}.jpg"), f"{number:064x}", f"{number}.jpg", None, diagnosis, patient, None, "train"
    )


def test_a_patient_on_two_sides_is_refused_by_the_names_of_photos() -> None:
    members = [member(1, "train", patient="p"), member(2, "val", patient="p"), member(3, "train")]
    with pytest.raises(BadSplit, match=r"1\.jpg \(train\) and 2\.jpg \(val\)"):
        split(members, DEFAULT_SHARES, 0)


def test_sides_given_to_only_some_are_refused() -> None:
    with pytest.raises(BadSplit, match=r"2\.jpg has no side"):
        split([member(1, "train"), member(2)], DEFAULT_SHARES, 0)


def test_too_few_patients_are_refused() -> None:
    with pytest.raises(BadSplit, match="2 patients are too few: nothing is left for"):
        split([member(1), member(2)], DEFAULT_SHARES, 0)
    with pytest.raises(BadSplit, match="too few to train on"):
        split([member(1, "train"), member(2, "test")], DEFAULT_SHARES, 0)
    with pytest.raises(BadSplit, match="2 patients are too few for 3 folds"):
        folds([photo(1, "a", "x"), photo(2, "b", "x")], 3, 0)


@pytest.mark.parametrize("shares", [(0.5, 0.1, 0.2), (1.0, 0.0, 0.0), (0.9, -0.1, 0.2)])
def test_shares_that_are_none_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        Shares(*shares)


def test_val_without_test_is_held_out_and_a_tune_side_is_carved_out_of_train() -> None:
    members = [member(number, "train" if number < 80 else "val") for number in range(100)]
    found = split(members, DEFAULT_SHARES, 0)
    assert Counter(found.sides) == {"train": 70, "val": 10, "test": 20}
    assert set(found.sides[80:]) == {"test"}
    assert len(found.notes) == 2


def test_test_without_val_gets_a_tune_side_and_all_three_are_kept_as_they_are() -> None:
    members = [member(number, "train" if number < 80 else "test") for number in range(100)]
    assert Counter(split(members, DEFAULT_SHARES, 0).sides) == {"train": 70, "val": 10, "test": 20}
    given_sides: list[Split] = ["train", "val", "test"]
    assert split([member(n, side) for n, side in enumerate(given_sides)], DEFAULT_SHARES, 0).sides == tuple(given_sides)
    assert split([member(1, "val"), member(2, "val")], DEFAULT_SHARES, 0).sides == ("test", "test")


LABELLED = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc")), min_size=1, max_size=120)


@given(LABELLED, st.integers(0, 3), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_allotment_keeps_groups_whole_and_knows_no_order(
    photos: list[tuple[int, str]], seed: int, order: random.Random
) -> None:
    def counted(rows: list[tuple[int, str]]) -> dict[str, Counter[str]]:
        groups: dict[str, Counter[str]] = {}
        for patient, label in rows:
            groups.setdefault(f"p{patient}", Counter())[label] += 1
        return groups

    shuffled = list(photos)
    order.shuffle(shuffled)
    found = allot(counted(photos), (0.7, 0.1, 0.2), seed)
    assert found == allot(counted(shuffled), (0.7, 0.1, 0.2), seed)
    assert set(found) == {f"p{patient}" for patient, _ in photos}


def test_shares_of_every_label_come_out_close_and_the_seed_matters() -> None:
    groups = {f"p{n}": Counter({"common": 2} if n % 10 else {"rare": 1 + n % 3}) for n in range(1000)}
    sides = allot(groups, (0.7, 0.1, 0.2), 1)
    for label in ("common", "rare"):
        total = sum(counts[label] for counts in groups.values())
        for side, share in enumerate((0.7, 0.1, 0.2)):
            found = sum(counts[label] for group, counts in groups.items() if sides[group] == side)
            assert abs(found / total - share) < 0.02
    assert sides != allot(groups, (0.7, 0.1, 0.2), 2)


def test_each_patient_is_on_the_test_side_of_exactly_one_fold() -> None:
    photos = [photo(n, f"p{n // 3}", "nevus" if n % 5 else "melanoma") for n in range(150)]
    found = folds(photos, 5, seed=3)
    tested = Counter(
        each.patient_id for fold in found for each in {p.patient_id: p for p in of_split(fold, "test")}.values()
    )
    assert set(tested.values()) == {1}
    assert len(tested) == 50
    for fold in found:
        sides = [{each.patient_id for each in of_split(fold, side)} for side in ("train", "val", "test")]
        assert len(set().union(*sides)) == sum(map(len, sides))
        assert all(sides)
        assert abs(len(of_split(fold, "test")) - 30) <= 3
    assert [replace(each, split="train") for each in found[0]] == photos
    assert not of_split(folds(photos, 5, seed=3, tune_share=0)[0], "val")
