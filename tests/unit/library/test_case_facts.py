"""What is said of a reference case: ages by tens, and words that tell nobody from others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.library.cases.facts import OLDEST_BAND, age_band_of, band_from_words, band_words
from gateway.library.cases.posting import InvalidCase, check_case


@pytest.mark.parametrize("words", ["", "40", "40-50", "45-54", "90-99", "100+", "-10-0", "٤0-49"])
def test_what_is_no_band_of_ten_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        band_from_words(words)


@given(st.floats(0, 130))
def test_every_age_has_a_band_that_reads_back(years: float) -> None:
    band = age_band_of(years)
    assert band is not None
    assert band <= years or band == OLDEST_BAND
    assert years < band + 10 or band == OLDEST_BAND
    words = band_words(band)
    assert words is not None
    assert band_from_words(words) == band


def test_an_unknown_age_has_none() -> None:
    assert (age_band_of(None), band_words(None)) == (None, None)


@pytest.mark.parametrize(
    "words",
    [
        "hong@clinic.example",
        "http://here",
        "no. 1234567",
        "010-1234-5678",
        "900101-1234567",
        "1990.1.1",
        "1990년 1월 1일",
    ],
)
def test_words_that_may_tell_somebody_are_refused_without_being_repeated(words: str) -> None:
    with pytest.raises(InvalidCase) as refused:
        check_case({"disease": "nevus", "symptoms": words})
    assert words not in str(refused.value)


@pytest.mark.parametrize(
    "words", ["itches at night", "3주 전부터 커졌습니다", "since 3-4 weeks, 10 x 12 mm", "2 times a day"]
)
def test_words_that_tell_nobody_are_taken(words: str) -> None:
    assert check_case({"disease": "nevus", "symptoms": words}).facts().features == {"symptoms": words}


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=200), min_size=1, max_size=5))
def test_fields_that_nobody_knows_are_refused_and_named(fields: dict[str, str]) -> None:
    said = {f"x{name}": f"y{text}" for name, text in fields.items()}
    with pytest.raises(InvalidCase) as refused:
        check_case(said | {"disease": "nevus"})
    assert len(refused.value.faults) == len(said)


def test_a_band_is_taken_instead_of_an_age() -> None:
    assert check_case({"disease": "nevus", "age_band": "90+"}).facts().age_band == 90
    assert check_case({"disease": "nevus", "age": "39"}).facts().age_band == 30
