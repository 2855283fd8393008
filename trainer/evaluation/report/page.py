"""One self-contained HTML file: no request leaves it, nothing in it runs, it prints, and every name is escaped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trainer.evaluation.comparing import Comparison
from trainer.evaluation.findings import Findings
from trainer.evaluation.report import gate_words, spoken
from trainer.evaluation.report.chapter import chapter
from trainer.evaluation.report.comparison import comparison_section
from trainer.evaluation.report.fit import fit_section
from trainer.evaluation.report.gallery import Thumbnail
from trainer.evaluation.report.markup import Html, both, element, escaped, listed, table
from trainer.evaluation.report.paper import paper
from trainer.evaluation.report.shortcuts import shortcut_section, warnings
from trainer.evaluation.said import Said
from trainer.photos.probe import Probe


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One demand of the gate: what was wanted and found, in words; `passed` None where it was not come to."""

    name: str
    wanted: str
    found: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class GateWord:
    """The gate's word as the report shows it; `collect` are sentences on which photos are missing."""

    passed: bool
    checks: tuple[GateCheck, ...]
    collect: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """How often a frozen set of photos was looked at, this time included."""

    photos: int
    times: int


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What a report holds. `title` names the model or models; `notes` are sentences on the data.

    `curves` is a picture (SVG or PNG) of the fit, drawn anew where `epochs.csv` lies beside it. `probe` is what gives
    the diagnoses of the photos away, None where it was not asked; `thumbnails` by the title of the findings that
    they belong to. `comparisons` show what the patient's facts are worth.
    """

    title: str
    made_at: datetime
    findings: Sequence[Findings]
    gate: GateWord | None = None
    looked: tuple[Looked, ...] = ()
    notes: tuple[str, ...] = ()
    curves: Path | None = None
    thumbnails: Mapping[str, tuple[Thumbnail, ...]] | None = None
    probe: Probe | None = None
    comparisons: tuple[Comparison, ...] = ()


def report_page(report: Report) -> str:
    """The whole file as text (UTF-8). Raises BadData where the fit's curves cannot be read."""
    fit = fit_section(report.curves)
    compared = [comparison_section(one) for one in report.comparisons]
    body = [_top(report), _gate(report.gate), shortcut_section(report.probe), fit, *compared, *_chapters(report)]
    return paper(report.title, *body)


def _chapters(report: Report) -> Iterator[Html]:
    thumbnails = report.thumbnails or {}
    given_away = warnings(report.probe)
    for number, one in enumerate(report.findings):
        # The probe asks after diagnoses.
        told = () if one.judges_suitability else given_away
        yield chapter(one, f"chapter{number}", thumbnails.get(one.title, ()), told)


_STANDING = Said(
    "Numbers on these photos, and on no others. Not a medical device by itself; a doctor stays in the loop.",
    "이 사진들에 대한 수치일 뿐이며 다른 사진에는 적용되지 않음. 그 자체로 의료기기가 아니며, 의사가 함께 판단함.",
)


def _top(report: Report) -> Html:
    made = escaped(f"{report.made_at:%Y-%m-%d %H:%M %Z}")
    looked = [
        Said(
            f"These {one.photos} photos were looked at {_times(one.times)} so far.",
            f"이 사진 {one.photos}장은 지금까지 {one.times}번 평가에 쓰임.",
        )
        for one in report.looked
    ]
    sentences = [both(one) for one in looked] + [both(spoken.note(note)) for note in report.notes]
    return element(
        "header",
        element("p", both(Said("Evaluation", "평가")), Html(" · "), made, kind="kicker"),
        element("h1", both(spoken.title(report.title))),
        element("p", both(_STANDING), kind="standing"),
        listed(sentences, kind="facts") if sentences else Html(""),
    )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _gate(gate: GateWord | None) -> Html:
    if gate is None:
        return Html("")
    word = Said("The gate lets it pass", "게이트 통과") if gate.passed else Said("The gate refuses it", "게이트 거부")
    head = (Said("Check", "항목"), Said("Wanted", "기준"), Said("Found", "결과"), Said("", ""))
    rows = [
        (both(gate_words.check_name(one.name)), both(gate_words.wanted(one.wanted)), both(gate_words.found(one.found)),
         _mark(one.passed))
        for one in gate.checks
    ]  # fmt: skip
    collect = [
        element("h3", both(Said("What to collect", "더 모을 것"))),
        listed(both(gate_words.wish(one)) for one in gate.collect),
    ]
    return element(
        "section",
        element("h2", both(word)),
        table(head, rows),
        *(collect if gate.collect else ()),
        kind=f"gate {'passed' if gate.passed else 'refused'}",
    )


def _mark(passed: bool | None) -> Html:
    if passed is None:
        return Html("–")
    return element("b", Html("✓" if passed else "✗"), kind="yes" if passed else "no")
