"""A decision is written for programs and for people, passed or not, and shows every check."""

import importlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.unit.trainer.handover.samples import of_disease, right_of, skin_model
from trainer.handover.decision import Candidate, Decision, Parity, PrecisionChoice
from trainer.handover.gate import decide
from trainer.handover.policy import bundled_policy, threshold_alone
from trainer.handover.record import as_json, as_markdown, in_words, write_decision
from trainer.handover.show import show_decision

REFUSED = decide(skin_model(), bundled_policy().with_threshold(0.85))
PASSED = replace(
    decide(of_disease(right_of(9, 10)), threshold_alone(0.8)),
    parity=Parity(64, 3.2e-6, 1.0),
    precision=PrecisionChoice(
        "int8",
        "as good as float32 and 40% faster",
        (Candidate("float32", 8_000_000, 10.0, 0.9, True), Candidate("int8", 2_000_000, 6.0, 0.9, True)),
        0.995,
    ),
)


def printed(decision: Decision, width: int = 200) -> str:
    console = Console(width=width, record=True, quiet=False, file=None, force_terminal=False)
    with console.capture() as captured:
        show_decision(decision, console)
    return captured.get()


def test_the_words_of_a_refusal_name_failed_checks_and_what_to_collect() -> None:
    words = in_words(REFUSED)
    assert "nothing is handed over" in words
    found = next(check for check in REFUSED.checks if check.name == "accuracy")
    assert found.interval is not None
    low, high = found.interval
    assert f"accuracy: 0.653 ({low:.3f} to {high:.3f}), 121 photos, wanted above 0.85; 103 of 121" in words
    assert "1 of 4 named right, most often taken for nevus; 25 trained on" in words
    assert "recall of actinic_keratosis" not in words


def test_the_page_shows_every_check_passed_or_not() -> None:
    page = as_markdown(REFUSED)
    assert all(f"| {check.name} |" in page for check in REFUSED.checks)
    assert page.count("**failed**") == len(REFUSED.failed)
    assert "rules of thumb" in page
    assert REFUSED.policy not in page, "64 digits are for programs"
    assert f"fingerprint, `{REFUSED.policy[:16]}` here" in page


def test_the_page_of_a_model_handed_over_tells_parity_and_which_file() -> None:
    page = as_markdown(PASSED)
    assert page.startswith("# The disease model passes the gate\n")
    assert "64 real photos of the test side they differ by 3.2e-06 at most" in page
    assert "**int8**: as good as float32 and 40% faster." in page
    assert "Both say the same of 99.5% of the test photos." in page


def test_json_holds_every_number_in_full() -> None:
    said = json.loads(as_json(REFUSED))
    assert said["passed"] is False
    assert said["checks"][0]["found"] == 79 / 121
    assert {"label", "reasons", "test_photos", "train_photos", "why"} == set(said["collect"][0])
    assert said["precision"] is None
    assert json.loads(as_json(PASSED))["precision"]["candidates"][1]["milliseconds"] == 6.0


def test_both_are_written_over_an_older_decision(tmp_path: Path) -> None:
    write_decision(REFUSED, tmp_path)
    write_decision(PASSED, tmp_path)
    assert json.loads((tmp_path / "decision.json").read_text(encoding="utf-8"))["passed"] is True
    assert "passes" in (tmp_path / "decision.md").read_text(encoding="utf-8")


def test_the_console_shows_the_tables_and_leaves_the_word_of_a_refusal_to_who_catches_it() -> None:
    shown = printed(REFUSED)
    assert "What to collect" in shown
    assert all(check.name in shown for check in REFUSED.checks)
    assert "does not pass" not in shown
    assert printed(PASSED).rstrip().endswith("passes the gate")
    assert "as good as float32" in printed(PASSED)
    assert printed(REFUSED, 60), "a narrow terminal is no obstacle"


def test_the_report_gets_every_check_and_every_line_to_collect() -> None:
    pytest.importorskip("matplotlib", reason="reports need the extra 'train' (matplotlib), which is not installed")
    gate_word = importlib.import_module("trainer.handover.word").gate_word
    word = gate_word(REFUSED)
    assert (word.passed, len(word.checks), len(word.collect)) == (False, len(REFUSED.checks), len(REFUSED.collect))
    assert word.collect[0].startswith("melanoma: 1 more to test with, 300 more to train on - 4 test photos of it, 5 ")
