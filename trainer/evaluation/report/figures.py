"""Plots as figures of the page, their words in both languages."""

import re

from trainer.evaluation.report import words
from trainer.evaluation.report.markup import Html, both, element
from trainer.evaluation.said import Said

_NUMBERED = re.compile(r"(\d+)  (.+)")
_KOREAN = words.IN_PLOTS | words.FIT_IN_PLOTS | {one.en: one.ko for one in words.LABELS.values()}


def plot(svg: str, caption: Said | None = None) -> Html:
    """A plot above its caption; on a screen too narrow for its letters it scrolls by itself."""
    below = [element("figcaption", both(caption))] if caption else []
    return element("figure", element("div", Html(_in_both(svg)), kind="scroll"), *below, kind="plot")


def _in_both(svg: str) -> str:
    return re.sub(r">([^<>]+)</text>", _spoken, svg)


def _spoken(match: re.Match[str]) -> str:
    korean = _korean(match[1])
    if korean is None:
        return match[0]
    return f'><tspan lang="en">{match[1]}</tspan><tspan lang="ko">{korean}</tspan></text>'


def _korean(english: str) -> str | None:
    """The words of a plot in Korean: a term, one before a number, or a label behind its own; None for what is none."""
    if english in _KOREAN:
        return _KOREAN[english]
    numbered = _NUMBERED.fullmatch(english)
    if numbered is not None and numbered[2] in _KOREAN:
        return f"{numbered[1]}  {_KOREAN[numbered[2]]}"
    word, _, figure = english.rpartition(" ")
    return f"{words.WITH_NUMBER_IN_PLOTS[word]} {figure}" if word in words.WITH_NUMBER_IN_PLOTS else None
