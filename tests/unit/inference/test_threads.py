import time
from pathlib import Path

import pytest

from inference import threads
from inference.preprocess import Tensor
from inference.threads import AutoThreads, Measured


class Sleeper:
    """A session that takes its time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.runs = 0

    def run(self, output_names: None, input_feed: dict[str, Tensor]) -> object:
        assert output_names is None
        self.runs += 1
        time.sleep(self.seconds)
        return input_feed


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "usable_cores", lambda: 4)


@pytest.mark.parametrize(
    ("medians", "choice"),
    [
        ({1: 10.0}, 1),
        ({1: 10.0, 2: 9.5}, 1),
        ({1: 10.0, 2: 6.0, 3: 5.9, 4: 5.6}, 2),
        ({1: 10.0, 2: 6.0, 3: 5.9, 4: 4.0}, 4),
        ({1: 10.0, 2: 20.0}, 1),
    ],
)
def test_more_threads_are_taken_only_where_they_gain(medians: dict[int, float], choice: int) -> None:
    assert Measured(medians_ms=medians).choice() == choice


def test_measuring_stops_when_its_time_is_over() -> None:
    opened: list[int] = []

    def open_session(count: int) -> Sleeper:
        opened.append(count)
        return Sleeper(0.2)

    begun = time.monotonic()
    count, _ = AutoThreads(budget_seconds=0.1).choose("0" * 64, Sleeper(0.1), open_session, {})
    assert (count, opened) == (1, [])
    assert time.monotonic() - begun < 1


def test_what_was_measured_is_remembered_for_the_model_file(tmp_path: Path) -> None:
    auto = AutoThreads(tmp_path / "measured", budget_seconds=0.1)
    auto.remember("a" * 64, Measured(medians_ms={1: 10.0, 3: 1.0}))
    single = Sleeper(0)
    count, session = auto.choose("a" * 64, single, lambda _: Sleeper(0), {})
    assert (count, single.runs) == (3, 0)
    assert session is not single
    other = Sleeper(0.001)
    auto.choose("b" * 64, other, lambda _: Sleeper(0.01), {})
    assert other.runs > 1
    assert len(list((tmp_path / "measured").iterdir())) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"medians_ms": {}}', '{"medians_ms": {"99": 0.1}}', "{}" * 9999])
def test_a_record_that_is_none_is_measured_anew(tmp_path: Path, text: str) -> None:
    auto = AutoThreads(tmp_path, budget_seconds=0.05)
    auto.choose("a" * 64, Sleeper(0.001), lambda _: Sleeper(0.01), {})
    (record,) = tmp_path.iterdir()
    record.write_text(text)
    single = Sleeper(0.001)
    count, _ = auto.choose("a" * 64, single, lambda _: Sleeper(0.01), {})
    assert (count, single.runs > 1) == (1, True)


def test_where_nothing_can_be_kept_each_load_measures(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    auto = AutoThreads(tmp_path / "file", budget_seconds=0.05)
    assert auto.choose("a" * 64, Sleeper(0.001), lambda _: Sleeper(0.01), {})[0] == 1
