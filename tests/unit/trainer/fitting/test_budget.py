"""How a budget becomes epochs. No torch is needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.fitting.budget import allotment, cut_words, epochs_within, latest_end, passes_within, words
from trainer.fitting.recipe import Stage

HEAD, TAIL, ALL = Stage("head", 5, 1e-3), Stage("tail", 5, 1e-3, blocks=1, share=2.0), Stage("all", 5, 1e-3, share=5.0)
STAGES = (HEAD, TAIL, ALL)


def test_what_an_early_stage_leaves_goes_to_the_later_ones() -> None:
    assert allotment(STAGES, 0, 80) == 10
    assert allotment(STAGES, 1, 78) == pytest.approx(2 / 7 * 78)
    assert allotment(STAGES, 2, 50) == 50


def test_an_overdrawn_budget_allots_nothing() -> None:
    assert allotment(STAGES, 1, -3) == 0


@pytest.mark.parametrize(("seconds", "epochs"), [(0, 0), (1, 0), (3, 2), (600, 5)])
def test_as_many_epochs_as_fit_with_a_reserve(seconds: float, epochs: int) -> None:
    assert epochs_within(ALL, seconds, 1.0) == epochs


@given(st.floats(0, 1e6), st.floats(0, 1e4))
def test_what_is_planned_never_exceeds_time_or_wish(seconds: float, epoch_seconds: float) -> None:
    planned = epochs_within(ALL, seconds, epoch_seconds)
    assert 0 <= planned <= ALL.epochs
    assert planned * epoch_seconds <= seconds + 1e-6


@pytest.mark.parametrize(("seconds", "passes"), [(1, 1), (10, 2), (600, 4)])
def test_half_of_a_stages_time_at_most_goes_into_what_is_kept(seconds: float, passes: int) -> None:
    assert passes_within(Stage("head", 5, 1e-3, variants=4), seconds, 2.0) == passes


def test_an_epoch_may_overdraw_a_little_and_what_was_cut_is_said() -> None:
    assert latest_end(60, 600) == 90
    assert cut_words(1, 3, 40) == "the budget was used up in epoch 1, which ended after 3 of 40 steps"


def test_the_plan_is_said() -> None:
    assert words(ALL, 2, 60, 24.9) == "all: an epoch takes about 24.9 s, 60 s are left for this stage: 2 of 5 epochs"
