"""The bundled disease model and what is said of the patient: it counts where it should, and nowhere else."""

import io

import numpy as np
import pytest

from inference.bundling import BUNDLED
from inference.context import UNKNOWN_CONTEXT, PatientContext, encode_context
from inference.contract import CONTEXT, IMAGE
from inference.disease import Ranking, rank
from inference.graph import PROBABILITIES
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.rules import USABLE
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from trainer.synthetic.album import synthetic_photo

SEEDS = range(400, 408)
OLD_FACE = PatientContext(sex="M", age_years=82, body_site="face")
YOUNG_TRUNK = PatientContext(sex="F", age_years=22, body_site="back")
SUN = ("actinic_keratosis", "basal_cell_carcinoma", "squamous_cell_carcinoma")
"""What long years of sun on the face bring about, as every textbook has it; moles are the young trunk's."""


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    """As serving loads it."""
    store = ModelStore(BUNDLED)
    return load_model(store.folder("disease", store.versions("disease")[-1]), threads=1)


@pytest.fixture(scope="module")
def pictures() -> tuple[PreparedPicture, ...]:
    """Photos that were drawn."""
    return tuple(prepared(seed) for seed in SEEDS)


def prepared(seed: int) -> PreparedPicture:
    file = io.BytesIO()
    synthetic_photo(USABLE, seed, (400, 300)).save(file, "JPEG", quality=92)
    return PreparedPicture(decode_picture(file.getvalue(), max_pixels=20_000_000))


def ranked(model: LoadedModel, picture: PreparedPicture, context: PatientContext) -> Ranking:
    return rank(model, picture, context, 0.5, 0.1)


def probability(ranking: Ranking, *codes: str) -> float:
    return sum(disease.probability for disease in ranking.diseases if disease.code in codes)


def test_the_same_photo_is_ranked_otherwise_on_an_old_face_than_on_a_young_trunk(
    model: LoadedModel, pictures: tuple[PreparedPicture, ...]
) -> None:
    for picture in pictures:
        old, young = ranked(model, picture, OLD_FACE), ranked(model, picture, YOUNG_TRUNK)
        assert probability(old, *SUN) > probability(young, *SUN)
        assert probability(young, "nevus") > probability(old, "nevus")


def test_each_fact_counts_by_itself(model: LoadedModel, pictures: tuple[PreparedPicture, ...]) -> None:
    facts = (PatientContext(sex="F"), PatientContext(age_years=82), PatientContext(body_site="face"))
    for picture in pictures[:2]:
        answers = {ranked(model, picture, context).diseases for context in (UNKNOWN_CONTEXT, *facts)}
        assert len(answers) == 4


@pytest.mark.parametrize(
    "context",
    [
        PatientContext(sex="O"),
        PatientContext(age_years=-1),
        PatientContext(body_site="a place that no vocabulary has"),
        PatientContext(sex="O", body_site=""),
    ],
)
def test_what_the_model_has_no_word_for_changes_nothing_to_the_last_bit(
    model: LoadedModel, pictures: tuple[PreparedPicture, ...], context: PatientContext
) -> None:
    for picture in pictures[:3]:
        told, alone = ranked(model, picture, context), ranked(model, picture, UNKNOWN_CONTEXT)
        assert told.diseases == alone.diseases
        assert (told.decided, told.referral_reasons) == (alone.decided, alone.referral_reasons)


def test_an_unknown_context_is_all_zeros_and_adds_nothing_whatever_photo_stands_beside_it(
    model: LoadedModel, pictures: tuple[PreparedPicture, ...]
) -> None:
    """In one batch with a photo that something is said of, the other is ranked from the picture alone all the same."""
    vocabulary = model.manifest.context
    assert vocabulary is not None
    assert not encode_context(UNKNOWN_CONTEXT, vocabulary).any()
    image = pictures[0].whole(model.manifest.image_size, model.manifest.preprocessing)
    rows = [encode_context(context, vocabulary) for context in (UNKNOWN_CONTEXT, OLD_FACE)]
    both = model.run({IMAGE: np.concatenate([image, image]), CONTEXT: np.concatenate(rows)})[PROBABILITIES]
    alone = model.run({IMAGE: image, CONTEXT: rows[0]})[PROBABILITIES]
    np.testing.assert_allclose(both[0], alone[0], atol=1e-6)
    assert np.abs(both[1] - alone[0]).max() > 0.01


def test_the_embedding_is_of_the_picture_alone(model: LoadedModel, pictures: tuple[PreparedPicture, ...]) -> None:
    told, alone = (ranked(model, pictures[0], context).embedding for context in (OLD_FACE, UNKNOWN_CONTEXT))
    np.testing.assert_array_equal(told, alone)


@pytest.mark.parametrize("context", [UNKNOWN_CONTEXT, OLD_FACE, YOUNG_TRUNK])
def test_probabilities_sum_to_one_whatever_is_said(
    model: LoadedModel, pictures: tuple[PreparedPicture, ...], context: PatientContext
) -> None:
    for picture in pictures:
        diseases = ranked(model, picture, context).diseases
        assert sum(disease.probability for disease in diseases) == pytest.approx(1, abs=1e-5)
        assert all(0 <= disease.probability <= 1 for disease in diseases)
