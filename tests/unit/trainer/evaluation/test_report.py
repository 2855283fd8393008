"""The report is one file that asks nothing of the world, holds no script, and takes every name as text."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.rules import SUITABILITY_LABELS
from tests.unit.trainer.evaluation.cases import drawn_scored
from trainer.errors import BadData
from trainer.evaluation.findings import Findings, find
from trainer.evaluation.report.gallery import thumbnail, worst
from trainer.evaluation.report.page import GateCheck, GateWord, Looked, Report, report_page
from trainer.evaluation.scored import Scored

HOSTILE = '<script>alert("x")</script>&'
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def hostile(scored: Scored) -> Scored:
    """The same answers with names and groups that try to break out."""
    names = tuple(f"{HOSTILE}{number}.jpg" for number in range(len(scored)))
    values = tuple([HOSTILE, "II"][number % 2] for number in range(len(scored)))
    subgroups = {"body_site": values, "fitzpatrick": tuple("II" for _ in values)}
    return Scored(scored.labels, scored.probabilities, scored.truth, scored.patients, names, subgroups)


@pytest.fixture(scope="module")
def disease() -> Findings:
    scored = hostile(drawn_scored(1, 60, patients=25, labels=("nevus", "melanoma", "<b>x")))
    return find(f"disease {HOSTILE}", scored, 0.5, ("melanoma",), draws=50)


@pytest.fixture(scope="module")
def suitability() -> Findings:
    return find("suitability", drawn_scored(2, 80, patients=25, labels=SUITABILITY_LABELS), 0.5, draws=50)


def page(*findings: Findings, **more: object) -> str:
    return report_page(Report("disease/7", NOW, findings, **more))  # type: ignore[arg-type]  # named fields of Report


@pytest.fixture(scope="module")
def whole(disease: Findings, suitability: Findings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with everything in it, the fit's curves a picture with a script inside."""
    curves = tmp_path_factory.mktemp("run") / "curves.svg"
    curves.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", encoding="utf-8")
    gate = GateWord(False, (GateCheck(HOSTILE, HOSTILE, HOSTILE, False), GateCheck("b", "", "", None)), (HOSTILE,))
    looked = (Looked(60, 2),)
    return page(disease, suitability, curves=curves, gate=gate, notes=(HOSTILE,), looked=looked)


class Outline(HTMLParser):
    """What elements there are, that they close, and what they ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.asked: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "input", "img", "br"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "action", "srcset") and value:
                self.asked.append(value)
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_names_of_all_kinds_are_text(whole: str) -> None:
    outline = Outline(whole)
    assert "script" not in outline.tags
    assert not outline.handlers
    assert not outline.open
    assert "&lt;script&gt;" in whole
    assert "The gate refuses it" in whole


def test_nothing_is_asked_of_the_world(whole: str) -> None:
    outline = Outline(whole)
    assert all(one.startswith(("data:image/", "#")) for one in outline.asked)
    assert "script" not in outline.tags, "the picture of the fit is shown as a picture"
    assert "default-src 'none'" in whole
    assert not re.search(r"url\((?!#)", whole), "no font, no picture by address"
    assert not re.search(r"@import|<link", whole)


def test_both_languages_are_there_and_one_shows(whole: str) -> None:
    assert len(re.findall(r'span lang="en">', whole)) == len(re.findall(r'span lang="ko">', whole)) > 100
    for korean in ("할 수 없거나 알 수 없는 것", "흑색종", "재현율과 95 % 신뢰구간", "임계값 0.50"):
        assert korean in whole
    assert "피츠패트릭 V·VI형 사진이 없음" in whole


def test_every_number_stands_with_its_interval_and_count(whole: str, suitability: Findings) -> None:
    one = suitability.numbers["accuracy"]
    cells = (f"<strong>{one.value:.3f}</strong>", f"{one.low:.3f}–{one.high:.3f}", "80")
    assert "".join(f"<td>{cell}</td>" for cell in cells) in whole
    assert "80 photos of" in whole


def test_inner_names_of_plots_are_used_once(whole: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', whole)
    assert len(ids) == len(set(ids))


def test_what_it_cannot_do_is_said_on_top(whole: str) -> None:
    assert whole.index("No photo of Fitzpatrick type V or VI") < whole.index("Numbers</span>")
    assert "nan" not in re.sub(r"<[^>]*>", " ", whole).lower().split()


def test_curves_that_are_no_picture_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="must be a picture"):
        page(curves=tmp_path / "curves.html")
    with pytest.raises(BadData, match="cannot be read"):
        page(curves=tmp_path / "gone.svg")


def test_the_same_findings_give_the_same_file(suitability: Findings) -> None:
    assert page(suitability) == page(suitability)


def test_the_worst_mistakes_come_first_and_are_small(whole: str, disease: Findings) -> None:
    scored = disease.scored
    places = worst(scored, 5)
    given = [float(scored.probabilities[place, scored.truth[place]]) for place in places]
    assert given == sorted(given)
    assert not scored.right[places].any()
    photo = Image.fromarray(np.full((400, 900, 3), 128, dtype=np.uint8))
    shown = thumbnail(scored, places[0], photo)
    assert len(shown.jpeg) < 20_000
    assert "data:image/jpeg;base64," in page(disease, thumbnails={disease.title: (shown,)})
    assert "data:image/jpeg" not in whole, "no photo unless asked for"


def test_nothing_to_say_makes_a_page_all_the_same() -> None:
    one = drawn_scored(1, 1, labels=("a", "b"))
    assert "1 photos of 1 patients" in page(find("one photo", one, 0.5, draws=20))
