"""What is said of the patient reaches the model without its gaps telling anything."""

from pathlib import Path

import numpy as np

from inference.context import PatientContext, encode_context
from trainer.disease.context import drawn, encoded, evidence, facts_of, vocabulary_of
from trainer.photos.photo import LabelledPhoto


def photo(sex: str | None, age: int | None, body_site: str | None) -> LabelledPhoto:
    return LabelledPhoto(
        path=Path("x.jpg"),
        sha256="0" * 64,
        name="x.jpg",
        suitability=None,
        diagnosis="nevus",
        patient_id="p",
        lesion_id=None,
        split="train",
        sex=sex,
        age=age,
        body_site=body_site,
    )


PHOTOS = [photo("F", 30, "face"), photo("M", 64, "back"), photo(None, None, None), photo("F", 12, "toe")] * 5
VOCABULARY = vocabulary_of(PHOTOS[:-1])


def test_rare_body_sites_stay_out_of_the_vocabulary() -> None:
    assert VOCABULARY.body_sites == ("back", "face")


def test_training_encodes_as_serving_does() -> None:
    facts = facts_of(PHOTOS, VOCABULARY)
    served = [encode_context(PatientContext(one.sex, one.age, one.body_site), VOCABULARY) for one in PHOTOS]
    np.testing.assert_array_equal(encoded(facts, VOCABULARY), np.concatenate(served))


def test_a_gap_is_filled_in_training_so_that_being_empty_says_nothing() -> None:
    """Photos that lack a fact end up without it as often as those that have it."""
    facts = facts_of([photo("F", 30, "face")] * 2000 + [photo(None, 30, "face")] * 2000, VOCABULARY)
    sex = drawn(facts, np.random.default_rng(1))[:, 0]
    without = [(half < 0).mean() for half in (sex[:2000], sex[2000:])]
    assert abs(without[0] - without[1]) < 0.05
    assert 0.75 < without[0] < 0.95


def test_drawing_leaves_the_facts_themselves_alone() -> None:
    facts = facts_of(PHOTOS, VOCABULARY)
    before = facts.copy()
    drawn(facts, np.random.default_rng(1))
    np.testing.assert_array_equal(facts, before)


def test_a_fact_speaks_for_the_label_that_it_is_seen_with() -> None:
    facts = facts_of([photo("F", 30, "face")] * 90 + [photo("M", 30, "face")] * 90, VOCABULARY)
    found = evidence(facts, np.repeat([0, 1], 90), VOCABULARY, 2)
    assert found.shape == (2, VOCABULARY.width)
    assert found[0, 0] > 0.4 > -0.4 > found[1, 0]
    assert found[1, 1] > 0.4 > -0.4 > found[0, 1]


def test_a_fact_that_is_seen_alike_with_all_labels_or_never_speaks_for_none() -> None:
    facts = facts_of([photo("F", 30, "face"), photo("M", 30, "face")] * 40, VOCABULARY)
    np.testing.assert_allclose(evidence(facts, np.repeat([0, 1], 40), VOCABULARY, 2), 0, atol=1e-3)


def test_a_gap_that_is_the_label_speaks_for_none() -> None:
    facts = facts_of([photo("F", 30, "face"), photo("M", 30, "face")] * 40 + [photo(None, 30, "face")] * 80, VOCABULARY)
    found = evidence(facts, np.repeat([0, 1], 80), VOCABULARY, 2)
    np.testing.assert_allclose(found[:, :2], 0, atol=1e-3)
