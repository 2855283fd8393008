"""Learning rates: which weights get which, and how they rise and fall."""

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trainer.fitting.shared import recipe_of, small_network
from trainer.fitting.freezing import cut_of, freeze
from trainer.fitting.rates import optimiser_for, rate_at, schedule_for
from trainer.fitting.recipe import Schedule, Stage


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine"])
def test_rates_rise_to_the_full_one_and_fall_close_to_zero(schedule: Schedule) -> None:
    rates = [rate_at(step, 100, 0.1, schedule) for step in range(100)]
    assert rates[0] == pytest.approx(0.04)
    assert rates[10] == 1
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.002


def test_a_constant_rate_stays_after_the_warm_up() -> None:
    assert {rate_at(step, 100, 0.1, "constant") for step in range(10, 100)} == {1.0}


@given(st.integers(0, 10_000), st.integers(1, 5_000), st.floats(0.01, 0.99), st.sampled_from(["one_cycle", "cosine"]))
def test_a_rate_is_never_zero_nor_above_the_full_one(step: int, steps: int, warm_up: float, kind: Schedule) -> None:
    assert 0 < rate_at(step, steps, warm_up, kind) <= 1


def test_the_backbone_learns_slower_and_what_is_frozen_not_at_all() -> None:
    network, stage = small_network(0), Stage("tail", 1, 0.01, blocks=2, backbone_rate=0.1)
    freeze(network, cut_of(network, stage))
    optimiser = optimiser_for(network, recipe_of(stage, weight_decay=0.5), stage)
    rates = [(group["lr"], group["weight_decay"], len(group["params"])) for group in optimiser.param_groups]
    assert rates == [(0.01, 0.5, 2), (0.01, 0.0, 2), (0.001, 0.5, 2), (0.001, 0.0, 6)]


def test_adam_without_decoupled_decay_may_be_chosen() -> None:
    network, stage = small_network(0), Stage("all", 1, 0.01)
    optimiser = optimiser_for(network, recipe_of(stage, optimiser="adam"), stage)
    assert type(optimiser).__name__ == "Adam"
    schedule = schedule_for(optimiser, recipe_of(stage), 10)
    assert schedule.get_last_lr()[0] == pytest.approx(0.0004)


@pytest.mark.parametrize(("part", "blocks", "cut"), [("all", 0, 0), ("tail", 3, 7), ("tail", 99, 0), ("head", 0, 10)])
def test_the_cut_of_a_stage(part: str, blocks: int, cut: int) -> None:
    assert cut_of(small_network(0), Stage(part, 1, 0.1, blocks=blocks)) == cut  # type: ignore[arg-type]  # of the table
