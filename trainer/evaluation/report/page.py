"""One self-contained HTML file: no request leaves it, nothing in it runs, it prints, and every name is escaped."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from trainer.errors import BadData
from trainer.evaluation.findings import Findings
from trainer.evaluation.report.chapter import chapter
from trainer.evaluation.report.gallery import Thumbnail
from trainer.evaluation.report.markup import Html, both, element, escaped, joined, listed, table
from trainer.evaluation.said import Said

MAX_CURVES_BYTES = 8 * 1024 * 1024
_PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


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

    `curves` is a picture (SVG or PNG) of the fit; `thumbnails` by the title of the findings that they belong to.
    """

    title: str
    made_at: datetime
    findings: Sequence[Findings]
    gate: GateWord | None = None
    looked: tuple[Looked, ...] = ()
    notes: tuple[str, ...] = ()
    curves: Path | None = None
    thumbnails: Mapping[str, tuple[Thumbnail, ...]] | None = None


def report_page(report: Report) -> str:
    """The whole file as text (UTF-8). Raises BadData where the curves' picture cannot be read."""
    fit = _curves(report.curves)
    thumbnails = report.thumbnails or {}
    chapters = [
        chapter(one, f"chapter{number}", thumbnails.get(one.title, ())) for number, one in enumerate(report.findings)
    ]
    body = [_top(report), _gate(report.gate), fit, *chapters]
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escaped(report.title)}</title><style>{style}</style></head><body>"
        f"{_SWITCH}<main>{joined(body)}</main></body></html>\n"
    )


_SWITCH = Html(
    '<input type="radio" name="language" id="in-english" checked>'
    '<input type="radio" name="language" id="in-korean">'
    '<nav><label for="in-english">English</label><label for="in-korean">한국어</label></nav>'
)
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
    sentences = [both(one) for one in looked] + [escaped(f"{note[:1].upper()}{note[1:]}.") for note in report.notes]
    return element(
        "header",
        element("p", both(Said("Evaluation", "평가")), Html(" · "), made, kind="kicker"),
        element("h1", escaped(report.title)),
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
    rows = [(escaped(one.name), escaped(one.wanted), escaped(one.found), _mark(one.passed)) for one in gate.checks]
    collect = [element("h3", both(Said("What to collect", "더 모을 것"))), listed(escaped(one) for one in gate.collect)]
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


def _curves(path: Path | None) -> Html:
    if path is None:
        return Html("")
    media = _PICTURES.get(path.suffix.lower())
    if media is None:
        raise BadData(f"{path.name}: curves must be a picture, {' or '.join(_PICTURES)}")
    try:
        if path.stat().st_size > MAX_CURVES_BYTES:
            raise BadData(f"{path.name} has more than {MAX_CURVES_BYTES} bytes")
        data = base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        raise BadData(f"{path.name} cannot be read: {error.strerror}") from error
    picture = Html(f'<img alt="" src="data:{media};base64,{data}">')
    return element(
        "section", element("h2", both(Said("The fit", "학습 과정"))), element("figure", picture, kind="curves")
    )
