"""The command says clearly what is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from trainer.cli import main
from trainer.synthetic.album import USABLE, synthetic_photo


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["fit", "photos", "--task", "weather"],
        ["fit", "photos", "--epochs", "0"],
        ["fit", "photos", "--faults", "a,z"],
        ["fit", "photos", "--scenes", ""],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2


@pytest.mark.parametrize("threshold", ["-0.1", "1", "high", "nan"])
def test_a_threshold_out_of_range_is_wrong_usage(threshold: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["fit", "photos", "--threshold", threshold])


def test_evaluating_without_a_store_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    synthetic_photo(USABLE, 1, (240, 240)).save(tmp_path / "good.jpg")
    (tmp_path / "labels.csv").write_text("file,suitability,split\ngood.jpg,usable,test\n", encoding="utf-8")
    places = ["--photos", str(tmp_path), "--labels", str(tmp_path / "labels.csv"), "--store", str(tmp_path / "none")]
    assert main(["evaluate", *places]) == 1
    assert "no version of suitability serves" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["fit", "evaluate", "sort"])
def test_help_fits_a_terminal_of_80_columns(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_sorting_and_help_need_no_torch() -> None:
    program = (
        "import sys, trainer.cli\n"
        "assert not {'torch', 'matplotlib', 'transformers'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
