"""A model that only guesses, or is worse than what serves, is not let through without a word."""

import json

import pytest

from tests.unit.trainer.handover.samples import TWO, of_disease, scored
from trainer.evaluation.scored import Scored
from trainer.handover.decision import Decision
from trainer.handover.examined import NotCompared, Served
from trainer.handover.gate import decide
from trainer.handover.policy import parse_policy, threshold_alone
from trainer.handover.record import as_json, as_markdown, in_words

THREE = ("acne", "nevus", "psoriasis")
GUESSED = scored(THREE, ((12, 0, 0), (12, 0, 0), (12, 0, 0)))
GOOD = scored(THREE, ((11, 1, 0), (0, 12, 0), (1, 0, 11)))


def decision(answers: Scored, threshold: str, served: Served = None) -> Decision:
    return decide(of_disease(answers), threshold_alone(threshold), served)


def test_a_model_that_guesses_passes_a_threshold_below_chance_with_two_warnings() -> None:
    said = decision(GUESSED, "0.3")
    assert said.passed
    assert said.only_guesses == "acne"
    about_threshold, about_model = said.warnings
    assert about_threshold == "the threshold 0.3 is not above what always naming acne (12 of 36, 0.333) reaches"
    assert about_model == "the model is no better than always naming acne (12 of 36, 0.333): 12 of 36 named right"


def test_a_little_above_chance_is_no_guessing_but_cannot_be_told_from_it() -> None:
    said = decision(scored(THREE, ((12, 0, 0), (12, 0, 0), (11, 0, 1))), "0.34")
    assert said.only_guesses == ""
    (warning,) = said.warnings
    assert warning.startswith("13 of 36 named right (0.225 to 0.524) cannot be told from always naming acne")


def test_the_commonest_label_is_chance_where_photos_are_uneven() -> None:
    said = decision(scored(TWO, ((90, 0), (10, 0))), "0.85")
    assert said.only_guesses == "nevus"
    assert "always naming nevus (90 of 100, 0.900)" in said.warnings[0]


def test_a_good_model_with_nothing_before_it_has_no_warning() -> None:
    assert decision(GOOD, "0.85").warnings == ()
    assert decision(GOOD, "0.85").only_guesses == ""


def test_a_model_worse_than_the_one_that_serves_says_so_though_the_threshold_does_not_ask() -> None:
    best = scored(THREE, ((12, 0, 0), (0, 12, 0), (0, 0, 12)))
    assert decision(GOOD, "0.85", best).warnings == (
        "what serves is better on the same photos: 36 of 36 named right, this model 34",
    )
    asked = decide(of_disease(GOOD), parse_policy("accuracy.threshold = 0.85\n[served]\n"), best)
    assert asked.warnings == (), "the check says it"


def test_that_nothing_was_compared_is_said() -> None:
    said = decision(GOOD, "0.85", NotCompared("disease/1 serves and knows other labels", refuses=False))
    assert said.passed
    assert said.warnings == ("it was not compared with the model that serves: disease/1 serves and knows other labels",)


@pytest.mark.parametrize("write", [as_json, as_markdown, in_words])
def test_warnings_are_written_wherever_the_decision_is(write: object) -> None:
    assert callable(write)
    assert "no better than always naming acne" in write(decision(GUESSED, "0.3"))


def test_json_names_the_label_that_the_model_is_no_better_than() -> None:
    assert json.loads(as_json(decision(GUESSED, "0.3")))["only_guesses"] == "acne"
