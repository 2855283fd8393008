"""What a reader sees: lines, CSV, curves; and files that are whole or absent."""

import csv
import io
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="curves need the extra 'train' (matplotlib), which is not installed")

from rich.console import Console

from trainer.fitting.curves import draw_curves
from trainer.fitting.display import Display
from trainer.fitting.durable import write_text, write_whole
from trainer.fitting.epoch import Epoch, epochs_csv


def epoch(number: int, stage: str, loss: float) -> Epoch:
    return Epoch(number, stage, 12.3, 45.6, loss, 0.8, loss + 0.1, 0.75, 0.7, 1e-3, number == 2)


EPOCHS = (epoch(1, "head", 1.5), epoch(2, "head", 1.1), epoch(3, "all", 0.123456789))


def test_epochs_as_csv_have_a_header_and_six_digits() -> None:
    rows = list(csv.DictReader(io.StringIO(epochs_csv(EPOCHS))))
    assert [row["stage"] for row in rows] == ["head", "head", "all"]
    assert rows[2]["loss"] == "0.123457"
    assert [row["best"] for row in rows] == ["false", "true", "false"]
    assert rows[0]["step_milliseconds"] == "45.6"


def test_curves_are_drawn_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        draw_curves(EPOCHS, "svg", tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def shown(console: Console) -> str:
    display = Display(console)
    for one in EPOCHS:
        display.begin_epoch(one.number, one.stage, 2)
        display.step(1, 0.5, 0.6, 70)
        display.end_epoch(one)
    display.close()
    with_output = console.file
    assert isinstance(with_output, io.StringIO)
    return with_output.getvalue()


def test_without_a_terminal_each_epoch_is_one_plain_line() -> None:
    lines = shown(Console(file=io.StringIO(), width=40)).splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("epoch stage")
    assert lines[2].split()[0].endswith("*"), "the best so far"
    assert not any("\x1b" in line for line in lines)
    assert {len(line) for line in lines} == {80}, "columns stand below their names, in a narrow terminal too"


def test_without_a_terminal_a_long_epoch_is_heard_of_twice_a_minute() -> None:
    output, seconds = io.StringIO(), iter(range(0, 10_000, 7))
    display = Display(Console(file=output, width=40), clock=lambda: float(next(seconds)))
    display.begin_epoch(3, "all", 20)
    for step in range(1, 21):
        display.step(step, 0.5, 0.6, 7000)
    lines = output.getvalue().splitlines()[1:]
    assert lines[0] == "   3  step 5 of 20  loss 0.500  accuracy 0.600  7000 ms/step"
    assert 2 <= len(lines) <= 5


def test_in_a_terminal_a_bar_shows_loss_and_time_per_step() -> None:
    said = shown(Console(file=io.StringIO(), width=120, force_terminal=True))
    assert "70 ms/step" in said
    assert "loss 0.500" in said


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_text(path, "old")

    def fail(beside: Path) -> None:
        beside.write_text("half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]
