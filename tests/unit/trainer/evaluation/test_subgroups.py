"""Groups get numbers where there are enough photos, and plain words where there are not."""

from pathlib import Path

import pytest

from tests.unit.trainer.evaluation.cases import scored_of
from trainer.evaluation.scored import Scored
from trainer.evaluation.subgroups import age_band, by_subgroup, subgroups_of, untold
from trainer.photos.photo import LabelledPhoto


def of_types(types: list[str], sexes: list[str] | None = None) -> Scored:
    columns = {"fitzpatrick": tuple(types), "sex": tuple(sexes or [""] * len(types))}
    return scored_of([[0.8, 0.2]] * len(types), [0] * len(types), labels=("a", "b"), subgroups=columns)


def test_no_dark_skin_is_said_in_words() -> None:
    sentence = untold(of_types(["II"] * 30 + [""] * 5))[0].en
    assert sentence.startswith("No photo of Fitzpatrick type V or VI (skin type known for 30 of 35 photos)")
    assert "nothing can be claimed" in sentence


def test_little_dark_skin_is_said_in_words() -> None:
    assert untold(of_types(["V", "VI"]))[0].en.startswith("Only 2 photos")
    assert "see their row" in untold(of_types(["VI"] * 20))[0].en


def test_fields_that_nobody_recorded_are_named() -> None:
    assert "sex, age, body site, source" in untold(of_types(["II"]))[1].en


def test_a_small_group_gets_no_number() -> None:
    (skin,) = by_subgroup(of_types(["II"] * 20 + ["V"] * 19 + [""] * 4))
    assert [(group.value, group.photos, group.accuracy is None) for group in skin.groups] == [
        ("II", 20, False),
        ("V", 19, True),
    ]
    assert skin.unknown == 4


def test_groups_stand_largest_first_unless_their_values_have_an_order() -> None:
    skin, sex = by_subgroup(of_types(["V"] * 3 + ["II"] + ["I"] * 2, ["M"] + ["F"] * 5))
    assert [group.value for group in skin.groups] == ["I", "II", "V"]
    assert [group.value for group in sex.groups] == ["F", "M"]


@pytest.mark.parametrize(
    ("age", "band"), [(None, ""), (0, "0-19"), (19.5, "0-19"), (20, "20-39"), (79, "60-79"), (80, "80+"), (120, "80+")]
)
def test_ages_fall_into_bands(age: float | None, band: str) -> None:
    assert age_band(age) == band


def test_every_field_is_taken_from_a_labelled_photo() -> None:
    known = LabelledPhoto(Path("x.jpg"), "0" * 64, "x", "usable", None, "p", None, "test", "F", 44, "back", 5,
                          facts={"dataset": "PAD-UFES-20"})  # fmt: skip
    unknown = LabelledPhoto(Path("y.jpg"), "1" * 64, "y", "usable", None, "q", None, "test")
    assert subgroups_of([known, unknown]) == {
        "sex": ("F", ""), "age_band": ("40-59", ""), "body_site": ("back", ""), "fitzpatrick": ("V", ""),
        "source": ("PAD-UFES-20", ""),
    }  # fmt: skip
