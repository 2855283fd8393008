import pytest

from inference.states import State, has_ended, state_of
from tests.unit.inference.test_history import changes


@pytest.mark.parametrize(
    ("history", "serving", "version", "ended"),
    [
        ("", None, 1, False),
        ("", 2, 1, False),
        ("p1", 1, 1, False),
        ("p1 p2", 2, 1, True),
        ("p1 p2 r1", 1, 2, True),
        ("p1 p2 s3 u3", 2, 3, False),
        ("x3", 2, 3, True),
        ("x3 s3 u3", 2, 3, True),
        ("p1 x3 p3 p1", 1, 3, True),
    ],
)
def test_a_version_has_ended_when_it_served_before_or_was_withdrawn(
    history: str, serving: int | None, version: int, *, ended: bool
) -> None:
    assert has_ended(version, serving=serving, changes=changes(history)) is ended


@pytest.mark.parametrize(("history", "serving"), [("p1 p2", 1), ("p2", None), ("p1 p2 p2", 1)])
def test_a_switch_that_a_crash_cut_short_does_not_count(history: str, serving: int | None) -> None:
    ended = has_ended(2, serving=serving, changes=changes(history))
    assert ended is (history == "p1 p2 p2")  # tried twice: the first may have served


def test_the_marks_go_before_the_history() -> None:
    past = changes("p1 p2 p3")
    assert state_of(1, serving=1, shadow=1, changes=past) is State.ACTIVE
    assert state_of(2, serving=3, shadow=2, changes=past) is State.SHADOW
    assert state_of(2, serving=3, shadow=None, changes=past) is State.RETIRED
    assert state_of(4, serving=3, shadow=None, changes=past) is State.CANDIDATE
