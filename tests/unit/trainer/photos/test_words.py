"""The words of other data sets become ours, and only those that the gateway knows."""

import csv
from importlib import resources

import pytest

from gateway.conversion.body_sites import body_sites
from gateway.library.diseases import diseases
from trainer.photos import words


@pytest.mark.parametrize(
    ("given", "meant"),
    [("NV", "nevus"), ("akiec", "actinic_keratosis"), ("Melanoma, NOS", "melanoma"),
     ("Lichen  planus", "lichen_planus"), ("모반", "모반"), ("unknown", None), (" ", None), ("!!", None)],
)  # fmt: skip
def test_diagnoses_become_slugs(given: str, meant: str | None) -> None:
    assert words.diagnosis(given) == meant


@pytest.mark.parametrize(
    ("given", "meant"),
    [("FACE", "face"), ("posterior torso", "back"), ("lower extremity", "lower_limb"),
     ("anterior torso", "anterior_trunk"), ("head/neck", None), ("palms/soles", None), ("acral", None), ("", None)],
)  # fmt: skip
def test_body_sites_become_the_gateways_where_they_are_clear(given: str, meant: str | None) -> None:
    assert words.body_site(given) == meant


@pytest.mark.parametrize(("given", "meant"), [("41.0", 41), ("0", 0), ("", None), ("NA", None), ("120", 120)])
def test_ages_are_whole_years(given: str, meant: int | None) -> None:
    assert words.age(given) == meant


@pytest.mark.parametrize("given", ["old", "-1", "121", "inf", "1e999", "4 2"])
def test_what_is_no_age_is_refused(given: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds, none shown to anybody
        words.age(given)


@pytest.mark.parametrize(
    ("given", "meant"), [("3", 3), ("2.0", 2), ("-1", None), ("7", None), ("2.5", None), ("IV", None)]
)
def test_skin_types_are_one_to_six(given: str, meant: int | None) -> None:
    assert words.fitzpatrick(given) == meant


def test_every_slug_here_is_one_of_the_gateways() -> None:
    ours = csv.DictReader(resources.files("trainer.photos").joinpath("body_sites.csv").read_text().splitlines())
    assert {row["slug"] for row in ours} == set(body_sites()) - {"skin"}
    codes = csv.DictReader(resources.files("trainer.photos").joinpath("diagnoses.csv").read_text().splitlines())
    umbrella = {"benign_keratosis"}  # of HAM10000: several diseases under one name
    assert {row["slug"] for row in codes} - umbrella <= set(diseases())
