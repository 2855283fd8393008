"""The index for larger libraries: filters hold, rows that come later are found, nearly everything near is found."""

import importlib.util

import numpy as np
import pytest

from gateway.library.resemblance.comparing import Comparing, Question
from gateway.library.resemblance.room import Room
from tests.unit.library.samples import drawn, embedded, unit

pytestmark = pytest.mark.skipif(importlib.util.find_spec("faiss") is None, reason="the optional index is not installed")

COUNT = 6000


@pytest.fixture(scope="module")
def pair() -> tuple[Comparing, Comparing]:
    """The same pictures in the index and in the exact search."""
    pictures = drawn(np.random.default_rng(1), COUNT)
    indexed, exact = Comparing(Room(exact=2000, most=10**6)), Comparing(Room(exact=10**6, most=0))
    for made in (indexed, exact):
        for first in range(0, COUNT, 500):
            made.add(pictures[first : first + 500])
    return indexed, exact


@pytest.mark.parametrize("gathered", [0, 10**6], ids=["searched", "gathered"])
def test_it_finds_nearly_all_that_the_exact_search_finds(
    pair: tuple[Comparing, Comparing], gathered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.library.resemblance import approximate  # noqa: PLC0415 - needs the optional library

    monkeypatch.setattr(approximate, "GATHERED", gathered)
    indexed, exact = pair
    rng = np.random.default_rng(2)
    shares = []
    for _ in range(30):
        question = Question(unit(rng.standard_normal(8)), frozenset({"north"}), "nevus", "F", 40, "nose", 5)
        true = {case.case_id for case in exact.similar(question).cases}
        found = indexed.similar(question)
        shares.append(len(true & {case.case_id for case in found.cases}) / len(true))
        assert found.narrowing == exact.similar(question).narrowing
    assert np.mean(shares) > 0.9


def test_a_filter_that_leaves_nothing_finds_nothing(pair: tuple[Comparing, Comparing]) -> None:
    indexed, _ = pair
    assert indexed.similar(Question(unit(np.ones(8)), frozenset({"nowhere"}))).cases == ()


def test_what_comes_after_the_move_is_found_and_what_is_dropped_is_not(pair: tuple[Comparing, Comparing]) -> None:
    indexed, _ = pair
    late = embedded(COUNT + 1, unit(np.ones(8)), case_id="f" * 32, hospital="east")
    indexed.add([late])
    question = Question(late.vector, None, limit=1)
    assert indexed.similar(question).cases[0].case_id == late.case_id
    indexed.drop(late.case_id)
    assert indexed.similar(question).cases[0].case_id != late.case_id
