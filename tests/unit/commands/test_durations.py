import argparse
from datetime import timedelta

import pytest

from gateway.commands.durations import duration


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        (" 2H ", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
    ],
)
def test_a_time_is_a_number_and_its_unit(written: str, meant: timedelta) -> None:
    assert duration(written) == meant


@pytest.mark.parametrize("written", ["", "2", "h", "2w", "-1d", "1.5h", "1h30m", "9999999d", "36501d", "٣d"])
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        duration(written)
