"""What a newcomer makes of the report: one interval a number, no empty praise, letters that can be read."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="plots need the extra 'train' (matplotlib), which is not installed")

from tests.unit.trainer.evaluation.cases import drawn_scored, scored_of
from trainer.errors import BadData
from trainer.evaluation.card import CardFacts, card
from trainer.evaluation.findings import Findings, find
from trainer.evaluation.numbers.shares import class_numbers
from trainer.evaluation.plots.curves import roc_curves
from trainer.evaluation.plots.fit import accuracy_curves, loss_curves
from trainer.evaluation.plots.tables import confusion_map, recall_dots
from trainer.evaluation.report import summary
from trainer.evaluation.report.fit import read_epochs
from trainer.evaluation.report.page import Report, report_page
from trainer.evaluation.temperature import HIGHEST, LOWEST, bound_of
from trainer.fitting.epoch import Epoch
from trainer.metrics import wilson

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PHONE = 350  # pixels of a column where the screen has 390
LEAST_LETTER = 9.0


@pytest.mark.parametrize("patients", [0, 20])
def test_a_number_has_one_interval_wherever_it_stands(patients: int) -> None:
    scored = drawn_scored(4, 60, patients=patients)
    found = find("x", scored, 0.5, draws=40)
    for one in found.classes:
        assert one.sensitivity == found.labels[one.label]["recall"]
    if not patients:
        right = int(scored.right.sum())
        assert found.numbers["accuracy"] == wilson(right, 60), "the gate's own method"


def test_the_report_says_which_method_it_used() -> None:
    pages = [report_page(Report("x", NOW, [find("x", drawn_scored(4, 40, patients=n), 0.5, draws=20)])) for n in (0, 9)]
    assert "Wilson&#x27;s interval" in pages[0]
    assert "all of them by drawing whole patients" in pages[1]


def test_a_label_that_nothing_is_known_of_has_no_share() -> None:
    one = class_numbers(scored_of([[1, 0, 0]], [0]), draws=20)[2]
    assert np.isnan(one.sensitivity.value)
    assert one.sensitivity.n == 0


def guessing() -> Findings:
    return find("x", scored_of([[0.36, 0.33, 0.31]] * 36, [0, 1, 2] * 12), 0.5, draws=20)


def test_what_is_no_ability_is_not_praised() -> None:
    can, cannot = ([one.en for one in told(guessing())] for told in (summary.can, summary.cannot))
    assert can == ["These photos show nothing that it can do."]
    assert "not shown to be better than always naming the commonest" in cannot[0]
    assert "Always naming the commonest, a, would be right in 33, blind guessing in 33." in cannot[1]
    assert "the first probability reaches 0.50 in about 0 (95 % interval 0 to 10)." in cannot[2]


def test_an_ability_stands_beside_what_needs_no_model() -> None:
    rows = np.eye(3)[[0, 1, 2] * 12] * 0.9 + 0.1 / 3
    can = [one.en for one in summary.can(find("x", scored_of(rows.tolist(), [0, 1, 2] * 12), 0.5, draws=20))]
    assert can[0].startswith("Of 100 photos its first disease is the true one in about 100")
    assert "would be right in 33" in can[0]
    assert any("it decides about 100" in one for one in can)


@pytest.mark.parametrize(("labels", "there"), [("abc", False), ("abcd", False), ("abcde", True)])
def test_the_first_three_of_few_labels_are_no_number(labels: str, there: bool) -> None:
    found = find("x", drawn_scored(1, 40, labels=tuple(labels)), 0.5, draws=20)
    assert ("within_first_3" in found.numbers) is there


def test_a_temperature_at_the_end_of_its_search_is_told() -> None:
    assert [bound_of(one) for one in (LOWEST, 1.0, HIGHEST, 19.9999)] == ["lowest", None, "highest", "highest"]
    found = guessing()
    plain = report_page(Report("x", NOW, [replace(found, calibration=replace(found.calibration, temperature=1.5))]))
    told = report_page(Report("x", NOW, [replace(found, calibration=replace(found.calibration, temperature=20.0))]))
    assert "the highest that is looked for" in told
    assert "찾는 범위의 상한" in told
    assert "looked for" not in plain


def letters_on_a_phone(svg: str) -> float:
    """Pixels of the smallest text where the column is as on a phone."""
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])  # type: ignore[index]  # it is there
    most, least = (float(one) for one in re.findall(r"m(?:ax|in)-width: (\d+)px", svg)[:2])
    sizes = [float(one or other) for one, other in re.findall(r"font-size: ([\d.]+)px|font: [^;]*?([\d.]+)px", svg)]
    return min(sizes) * max(min(most, PHONE), least) / width


def epoch(number: int, stage: str) -> Epoch:
    return Epoch(number, stage, 1.0, 1.0, 1.0 / number, 0.5, 1.2 / number, 0.4, 0.4, 1e-3, number == 2)


EPOCHS = (epoch(1, "head"), epoch(2, "all"), epoch(3, "all"))


def test_letters_of_plots_can_be_read_on_a_phone() -> None:
    scored = drawn_scored(1, 40, labels=("basal_cell_carcinoma", "nevus", "seborrheic_keratosis"))
    found = find("x", scored, 0.5, draws=20)
    names = {label: label for label in scored.labels}
    plots = (
        confusion_map(found.table, scored.labels, "a"), recall_dots(found.labels, names, "b"),
        roc_curves(scored, "c", scored.labels[:1]), loss_curves(EPOCHS, "d"), accuracy_curves(EPOCHS, "e"),
    )  # fmt: skip
    assert all(letters_on_a_phone(one) >= LEAST_LETTER for one in plots), [letters_on_a_phone(one) for one in plots]


def test_an_empty_cell_of_the_confusion_table_says_nought() -> None:
    found = guessing()
    svg = confusion_map(found.table, found.scored.labels, "a")
    assert len(re.findall(r">0</text>", svg)) == 6


def test_the_fit_is_drawn_from_its_table_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "curves.svg").write_text("<svg/>")
    (tmp_path / "epochs.csv").write_text("number,stage\n1,head\n")
    with pytest.raises(BadData, match=r"epochs\.csv is no table of epochs"):
        report_page(Report("x", NOW, [], curves=tmp_path / "curves.svg"))
    (tmp_path / "epochs.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(BadData, match="no table"):
        read_epochs(tmp_path / "epochs.csv")


def test_equal_lines_of_the_fit_are_both_seen_and_stages_are_named() -> None:
    svg = accuracy_curves(EPOCHS, "e")
    assert "stroke-dasharray" in svg
    assert ">whole network</text>" in svg
    assert ">head only</text>" in svg


def test_the_card_gives_each_label_the_reports_numbers() -> None:
    from tests.unit.trainer.evaluation.test_card import SCORED, facts, manifest  # noqa: PLC0415  # its cases

    found = find("x", SCORED, 0.5, draws=20)
    whole: CardFacts = replace(facts(), classes=found.classes)
    one = found.classes[0].specificity
    assert f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})" in card(manifest(), whole)
