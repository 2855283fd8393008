import re
from typing import get_args

import pytest

from gateway.conversion.codes.check_digit import is_snomed_identifier
from gateway.language import Language
from gateway.library.diseases import Disease, Urgency, diseases
from inference.bundling import BUNDLED as BUNDLED_MODELS
from inference.manifest import read_manifest
from inference.store import ModelStore

LANGUAGES: tuple[Language, ...] = get_args(Language)
BUNDLED = {
    "actinic_keratosis": "201101007",
    "basal_cell_carcinoma": "254701007",
    "melanoma": "93655004",
    "nevus": "400096001",
    "squamous_cell_carcinoma": "254651007",
    "seborrheic_keratosis": "398838000",
}
"""The labels of the bundled disease model, with their codes of dicom-brief C4."""

LONGEST_TEXT = 280
"""What fits on the screen of a phone beside a picture."""


def test_every_label_of_the_bundled_model_is_in_the_library() -> None:
    store = ModelStore(BUNDLED_MODELS)
    labels = read_manifest(store.folder("disease", store.versions("disease")[-1])).labels
    assert set(labels) == set(BUNDLED)
    assert set(labels) <= set(diseases())


@pytest.mark.parametrize(("slug", "code"), BUNDLED.items())
def test_the_codes_are_those_of_the_brief(slug: str, code: str) -> None:
    assert diseases()[slug].code == code


@pytest.mark.parametrize("disease", diseases().values(), ids=lambda disease: str(disease.slug))
class TestEveryDisease:
    def test_has_a_code_that_can_be_one(self, disease: Disease) -> None:
        assert disease.scheme == "SCT"
        assert re.fullmatch(r"[1-9]\d{5,17}", disease.code)
        assert is_snomed_identifier(disease.code)
        assert 1 <= len(disease.meaning) <= 64, "CodeMeaning is an LO"

    def test_says_everything_in_both_languages(self, disease: Disease) -> None:
        for texts in (disease.name, disease.features, disease.advice):
            assert texts is not None
            assert max(map(len, texts.values())) <= LONGEST_TEXT
            assert set(texts) == set(LANGUAGES)
            assert all(text == text.strip() and text for text in texts.values())
            assert re.search("[가-힣]", texts["ko"])
            assert not re.search("[가-힣]", texts["en"])

    def test_says_how_urgent_it_is(self, disease: Disease) -> None:
        assert disease.urgency in get_args(Urgency)
        if disease.malignant:
            assert disease.urgency in ("soon", "urgent")

    def test_advises_as_urgently_as_it_says(self, disease: Disease) -> None:
        assert disease.advice is not None
        english = disease.advice["en"]
        if disease.urgency in ("soon", "urgent"):
            assert re.search(r"See a (doctor|dermatologist) (today|within)|Have it seen by a dermatologist", english)
            assert not re.search(r"(?i)can wait|harmless", english)
        if disease.urgency == "self_care":
            assert re.search("Harmless|No treatment", english)
        if disease.malignant:
            assert "진료를 받으십시오" in disease.advice["ko"]

    def test_claims_no_diagnosis(self, disease: Disease) -> None:
        for texts in (disease.features, disease.advice):
            assert texts is not None
            assert not re.search(r"(?i)\byou have (a |an )?(cancer|melanoma|carcinoma)|diagnos", texts["en"])
            assert "진단" not in texts["ko"]

    def test_is_known_by_its_own_name(self, disease: Disease) -> None:
        assert re.fullmatch("[a-z][a-z_]*[a-z]", disease.slug)
        assert diseases()[disease.slug] is disease


def test_no_two_diseases_share_a_code() -> None:
    codes = [disease.code for disease in diseases().values()]
    assert len(codes) == len(set(codes))


def test_the_library_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        diseases()["acne"] = diseases()["nevus"]  # type: ignore[index]  # that is the point
