"""Who reads the Korean half reads Korean: particles that fit, and no English but names, codes and units."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="plots need the extra 'train' (matplotlib), which is not installed")

from inference.manifest import Task, UnknownRule
from inference.rules import SUITABILITY_LABELS
from tests.unit.trainer.evaluation.cases import drawn_scored, scored_of
from trainer.evaluation.answers import Answers
from trainer.evaluation.findings import find
from trainer.evaluation.report import gate_words, spoken
from trainer.evaluation.report.page import GateWord, Looked, Report, report_page
from trainer.evaluation.report.particles import with_direction, with_object
from trainer.evaluation.scored import Scored
from trainer.evaluation.strangers import Kind, Strangers
from trainer.fitting.epoch import Epoch, epochs_csv
from trainer.handover.examined import Examined, HeldOut
from trainer.handover.gate import decide
from trainer.handover.policy import parse_policy
from trainer.handover.word import gate_word
from trainer.metrics import Estimate
from trainer.photos.gaps import Gap
from trainer.photos.probe import Probe, ProbeResult

DISEASES = ("basal_cell_carcinoma", "nevus", "seborrheic_keratosis")
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
NOTES = (
    "the patient is unknown for 180 photos: each counts as a patient of its own, and so on",
    "only the lesion is known for 3 photos: two lesions of one patient may be on two sides",
    "4 near-duplicates are of two patients by the labels; they are counted as of one",
    "on the test side there is no photo of nevus, melanoma",
    "3 of 9 patients keep the side that they had before",
    "a side to tune with was carved out of train, by patient",
    "the age is no number of years in 2 rows, the first is row 3",
    "patients are told apart by case only: one who comes again counts as another, and may be on two sides",
    "3 photos, refused by the gateway's models, are of no case: each counts as of a patient of its own",
    "facts for 12 of 13 photos from facts.csv",
    "2026 facts.csv has no row for 1 photos",
    "2 rows of facts.csv name no photo here",
    "2 photos were left out, the first is a.txt: its name ends in none of .jpg",
)
POLICY = """
[accuracy]
threshold = 0.999
by = "{by}"
[balanced_accuracy]
at_least = 0.99
[recall]
default = 0.98
by = "wilson"
[calibration]
error_at_most = 0
[served]
margin = 0.01
[photos]
at_least = 1000
each_class_at_least = 500
patients_at_least = 900
[suitability]
usable_passed_at_least = 1
[limits]
file_megabytes_at_most = 8
milliseconds_at_most = 100
"""
KNOWN = {"UTC", "ROC", "AUC", "LAC", "APS", "CSV", "csv", "jpg", "txt", "facts", "ms", "MB", "F1", "P", "n", "a", "b"}
"""Units, acronyms that Korean readers use too, and names of the files above."""
PROBE = Probe(
    tuple(
        ProbeResult(group, Estimate(0.439, low, 0.487, 180), 1 / 3)
        for group, low in (("resolution", 0.389), ("aspect", 0.316), ("everything", 0.38), ("missing sex", 0.4))
    ),
    ("missing age", "missing metadata", "JPEG quality", "file size", "missing body site", "missing skin type"),
    DISEASES,
    tuple(
        Gap(fact, label, Estimate(0.8, 0.7, 0.9, 60), Estimate(0.1, 0.05, 0.2, 120), Estimate(0.85, 0.8, 0.9, 180))
        for fact in ("sex", "age", "body site", "skin type")
        for label in DISEASES
    ),
)


class KoreanHalf(HTMLParser):
    """Every text that shows where Korean is chosen."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(page[page.index("<main") : page.index("</main>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("img", "input", "meta", "br"):
            self._open.append((tag, ("lang", "en") in attrs or tag in ("style", "title")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing is inside."""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if not any(hidden for _, hidden in self._open):
            self.texts.append(data)


def told(scored: Scored, task: Task) -> Iterator[GateWord]:
    """What the gate says of a bad model, by every way to look at accuracy."""
    usable = 0.9 if task == "suitability" else None
    examined = Examined(task, scored, dict.fromkeys(scored.labels, 40), usable_threshold=usable,
                        malignant=scored.labels[:1], made_from=HeldOut(len(scored), 20))  # fmt: skip
    for by in ("observed", "wilson", "patients"):
        yield gate_word(decide(examined, parse_policy(POLICY.format(by=by))))
    easy = parse_policy(POLICY.format(by="observed")).with_threshold(Decimal("0.0001"))
    yield gate_word(decide(examined, easy))


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    epochs = [Epoch(n, stage, 1.0, 9.0, 1 / n, 0.5, 1.1 / n, 0.4, 0.4, 1e-3, n == 3)
              for n, stage in ((1, "head"), (2, "tail"), (3, "all"))]  # fmt: skip
    (folder / "epochs.csv").write_text(epochs_csv(epochs), encoding="utf-8")
    (folder / "curves.svg").write_text("<svg/>", encoding="utf-8")
    return folder


def page_of(run_folder: Path, task: Task, scored: Scored) -> str:
    malignant = DISEASES[:1] if task == "disease" else ()
    unsure = Answers(np.full((9, len(scored.labels)), 1 / len(scored.labels)), np.full(9, 0.8))
    strangers = [Strangers(kind, unsure, ("",) * 9) for kind in get_args(Kind)]
    rule = UnknownRule(rule="unlikeness", threshold=0.7)
    found = find("the test side", scored, 0.9, malignant, strangers=strangers, unknown=rule, draws=20)
    looked = (Looked(60, 1),)
    curves = run_folder / "curves.svg"
    return report_page(Report(f"{task}, made 2026-01-02", NOW, [found], None, looked, NOTES, curves, probe=PROBE))


def english_in(text: str) -> set[str]:
    """Words in Latin letters that nobody allowed; Roman numerals are of skin types."""
    return {word for word in re.findall(r"[A-Za-z][A-Za-z0-9]*", text) if not re.fullmatch(r"[IVX]+", word)} - KNOWN


@pytest.mark.parametrize("task", ["disease", "suitability"])
def test_every_word_that_shows_in_the_korean_half_is_korean(run_folder: Path, task: Task) -> None:
    labels = DISEASES if task == "disease" else SUITABILITY_LABELS
    groups = {"sex": ("F", "M") * 20, "fitzpatrick": ("V",) * 3 + ("",) * 37, "age_band": ("20-39",) * 40}
    answers = drawn_scored(1, 40, patients=25, labels=labels)
    scored = replace(answers, subgroups=groups, unlikeness=np.linspace(0, 1, 40))
    shown = " ".join(KoreanHalf(page_of(run_folder, task, scored)).texts)
    assert "기저세포암" in shown or "사용 가능" in shown
    assert not english_in(shown)
    assert "(를)" not in shown
    assert "(으)" not in shown


@pytest.mark.parametrize("task", ["disease", "suitability"])
def test_all_that_the_gate_says_is_said_in_korean(task: Task) -> None:
    labels = DISEASES if task == "disease" else SUITABILITY_LABELS
    for word in told(drawn_scored(1, 24, patients=9, labels=labels), task):
        for check in word.checks:
            said = (gate_words.check_name(check.name), gate_words.wanted(check.wanted), gate_words.found(check.found))
            assert not english_in(" ".join(one.ko for one in said)), check
        assert not english_in(" ".join(gate_words.wish(one).ko for one in word.collect)), word.collect


def test_what_the_gate_warns_of_is_said_in_korean() -> None:
    for right in (2, 5):
        rows = [[0.8, 0.1, 0.1]] * 12
        scored = scored_of(rows, [0] * right + [1] * (12 - right), labels=DISEASES)
        examined = Examined("disease", scored, dict.fromkeys(DISEASES, 9))
        warnings = decide(examined, parse_policy(POLICY.format(by="observed")).with_threshold("0.3")).warnings
        assert warnings
        assert not english_in(" ".join(spoken.note(one).ko for one in warnings)), warnings


@pytest.mark.parametrize(
    ("word", "as_object", "towards"),
    [
        ("모반", "모반을", "모반으로"),
        ("기저세포암", "기저세포암을", "기저세포암으로"),
        ("편평세포", "편평세포를", "편평세포로"),
        ("물집과 고름 딸", "물집과 고름 딸을", "물집과 고름 딸로"),
        ("초점 (흐림)", "초점 (흐림)을", "초점 (흐림)으로"),
        ("type 7", "type 7을", "type 7로"),
        ("type 3", "type 3을", "type 3으로"),
        ("melanoma", "melanoma를", "melanoma로"),
        ("", "를", "로"),
    ],
)
def test_particles_follow_the_last_sound(word: str, as_object: str, towards: str) -> None:
    assert (with_object(word), with_direction(word)) == (as_object, towards)


def test_a_sentence_that_is_not_known_is_shown_as_it_is() -> None:
    for speak in (spoken.title, gate_words.check_name, gate_words.wanted, gate_words.wish):
        assert speak("something new").ko == "something new"
    assert spoken.note("something new").ko == "something new."


def test_the_gates_numbers_are_the_same_in_both_languages() -> None:
    said = gate_words.found("0.361 (0.225 to 0.524), 36 photos; 20 of 36 must be right")
    assert said.ko == "0.361 (0.225~0.524), 사진 36장; 36장 중 20장이 맞아야 함"
    wish = "nevus: 40 more to test with, 1 000 more to train on - 3 of 9 taken for usable: collect look-alikes, of both"
    assert gate_words.wish(wish).ko.startswith(
        "모반: 시험용 40장 더, 학습용 1 000장 더 - 9장 중 3장을 사용 가능으로 판정함"
    )


def test_what_gives_labels_away_is_told_with_its_numbers_in_both_languages(run_folder: Path) -> None:
    found = find("the test side", drawn_scored(1, 30, labels=DISEASES), 0.5, draws=20)
    page = report_page(Report("x", NOW, [found], probe=PROBE))
    cannot = page[page.index('class="cannot"') :]
    assert "balanced accuracy of a guess, 0.333 by chance, from resolution 0.439 (0.389 to 0.487), everything" in cannot
    assert "우연은 0.333): 해상도 0.439 (0.389~0.487)" in cannot
    assert "aspect 0.439" not in cannot, "what gives nothing away is in the table only"
    assert page.count("라벨을 드러냄") == 3
    suitability = find("y", drawn_scored(2, 30, labels=SUITABILITY_LABELS), 0.5, draws=20)
    assert "Labels are given away" not in report_page(Report("y", NOW, [suitability], probe=PROBE))


@pytest.mark.parametrize("rule", ["max_probability", "entropy"])
def test_each_way_of_calling_a_picture_unknown_is_said_in_korean(rule: Literal["max_probability", "entropy"]) -> None:
    unknown = UnknownRule(rule=rule, threshold=0.4)
    found = find("the test side", drawn_scored(1, 30, labels=DISEASES), 0.5, draws=20, unknown=unknown)
    shown = " ".join(KoreanHalf(report_page(Report("disease, made 2026-01-02", NOW, [found]))).texts)
    assert "(모르는 사진)" in shown
    assert not english_in(shown)
