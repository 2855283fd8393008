"""The command says clearly what is wrong."""

from pathlib import Path

import pytest

from trainer.cli import main

FIT = ["fit", "--task", "disease"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], FIT, ["fit", "--task", "weather", "--photos", ".", "--labels", "x", "--store", "y"]],
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2


@pytest.mark.parametrize("threshold", ["-0.1", "1", "high"])
def test_a_threshold_out_of_range_is_wrong_usage(tmp_path: Path, threshold: str) -> None:
    places = ["--photos", str(tmp_path), "--labels", "x.csv", "--store", str(tmp_path)]
    with pytest.raises(SystemExit, match="2"):
        main([*FIT, *places, "--threshold", threshold])


def test_evaluating_without_a_store_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.jpg").write_bytes(b"never opened")
    (tmp_path / "labels.csv").write_text("file,suitability,diagnosis\ngood.jpg,,\n", encoding="utf-8")
    places = ["--photos", str(tmp_path), "--labels", str(tmp_path / "labels.csv"), "--store", str(tmp_path / "none")]
    assert main(["evaluate", *places]) == 1
    assert "no version of suitability serves" in capsys.readouterr().err
