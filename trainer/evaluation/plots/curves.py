"""Pictures of what holds over all thresholds at once: ROC, reliability, risk and coverage, the score itself."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from inference.rules import USABLE
from trainer.evaluation.numbers.probability import BINS, ReliabilityBin
from trainer.evaluation.numbers.ranking import RocCurve, roc_curve
from trainer.evaluation.numbers.selection import risk_coverage
from trainer.evaluation.plots.canvas import ACCENT, FAINT, INK, LINE, SECOND, WARN, canvas, drawing, svg
from trainer.evaluation.scored import Scored

_SIDE = 3.6
_TALL = 4.2  # with a legend below the axes


def roc_curves(scored: Scored, key: str, malignant: Sequence[str] = ()) -> str:
    """One thin curve for each label, a bold one for usable or malignant against the rest; SVG."""
    with drawing(key):
        figure, axes = canvas(_SIDE, _TALL)
        axes.plot([0, 1], [0, 1], color=LINE, linestyle=(0, (4, 4)), linewidth=1)
        for label in scored.labels:
            if label != USABLE and scored.is_truly(label).any():
                _trace(axes, roc_curve(scored.probability_of(label), scored.is_truly(label)), FAINT, 0.9, None)
        bold = _bold_curve(scored, malignant)
        if bold is not None:
            title, curve = bold
            _trace(axes, curve, ACCENT, 2.4, title)
        axes.plot([], [], color=FAINT, linewidth=0.9, label="each label against the rest")
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel="false positive rate", ylabel="true positive rate")
        axes.set_aspect("equal")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16))
        return svg(figure, "ROC curves")


def reliability_diagram(bins: Sequence[ReliabilityBin], confidence: Sequence[float], key: str) -> str:
    """How often answers of each confidence are right, over how many there are; SVG."""
    with drawing(key):
        figure, axes = canvas(_SIDE, _SIDE)
        axes.plot([0, 1], [0, 1], color=LINE, linestyle=(0, (4, 4)), linewidth=1)
        counts, edges = np.histogram(confidence, bins=BINS, range=(0, 1))
        axes.bar(edges[:-1], counts / max(counts.max(), 1) * 0.25, 1 / BINS, align="edge", color=FAINT, alpha=0.25)
        sure = [one.confidence for one in bins]
        right = [one.right.value for one in bins]
        spread = [[one.right.value - one.right.low for one in bins], [one.right.high - one.right.value for one in bins]]
        axes.errorbar(sure, right, yerr=spread, color=ACCENT, fmt="o", markersize=6, elinewidth=1.2)
        axes.set(xlim=(0, 1.01), ylim=(-0.01, 1.03), xlabel="confidence", ylabel="share that is right")
        axes.set_aspect("equal")
        return svg(figure, "Reliability diagram with the histogram of confidence")


def risk_coverage_curve(scored: Scored, threshold: float | None, key: str) -> str:
    """Error among the most confident answers as more are given; a mark where the threshold lies; SVG."""
    curve = risk_coverage(scored)
    with drawing(key):
        figure, axes = canvas(_SIDE, _SIDE)
        axes.plot(curve.coverage, curve.risk, color=ACCENT, drawstyle="steps-post")
        axes.fill_between(curve.coverage, curve.risk, color=ACCENT, alpha=0.12, step="post", linewidth=0)
        if threshold is not None and (curve.confidence >= threshold).any():
            place = int((curve.confidence >= threshold).sum()) - 1
            axes.plot([curve.coverage[place]], [curve.risk[place]], "o", color=WARN, markersize=7)
            axes.annotate(
                f"confidence {threshold:.2f}", (curve.coverage[place], curve.risk[place]),
                xytext=(-6, 9), textcoords="offset points", ha="right", color=WARN,
            )  # fmt: skip
        top = max(float(curve.risk.max(initial=0)) * 1.15, 0.05)
        axes.set(xlim=(0, 1.01), ylim=(0, min(top, 1)), xlabel="share of photos answered", ylabel="error among them")
        return svg(figure, "Risk-coverage curve")


def score_histogram(scored: Scored, threshold: float, key: str) -> str:
    """P(usable) of usable photos above the line and of unusable ones below, as shares of each; SVG."""
    probability, usable = scored.probability_of(USABLE), scored.is_truly(USABLE)
    edges = np.linspace(0, 1, 26)
    with drawing(key):
        figure, axes = canvas(_SIDE, _SIDE)
        sides = ((usable, 1, ACCENT, "usable photos"), (~usable, -1, SECOND, "unusable photos"))
        for side, way, colour, title in sides:
            counts = np.histogram(probability[side], bins=edges)[0] / max(int(side.sum()), 1)
            axes.bar(edges[:-1], way * counts, np.diff(edges), align="edge", color=colour, alpha=0.75, label=title)
        axes.axhline(0, color=LINE, linewidth=0.8)
        axes.axvline(threshold, color=INK, linestyle=(0, (4, 3)), linewidth=1.2)
        top = axes.get_ylim()[1]
        axes.annotate(f"threshold {threshold:.2f}", (threshold, top), xytext=(4, -8), textcoords="offset points")
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0%}")
        axes.set(xlim=(0, 1), xlabel="P(usable)", ylabel="share of photos")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, columnspacing=1.0)
        return svg(figure, "Histogram of P(usable) for usable and unusable photos")


def _bold_curve(scored: Scored, malignant: Sequence[str]) -> tuple[str, RocCurve] | None:
    if USABLE in scored.labels:
        return "usable against all faults", roc_curve(scored.probability_of(USABLE), scored.is_truly(USABLE))
    places = [scored.labels.index(label) for label in malignant if label in scored.labels]
    if not places:
        return None
    curve = roc_curve(scored.probabilities[:, places].sum(1), np.isin(scored.truth, places))
    return "malignant against benign", curve


def _trace(axes: Axes, curve: RocCurve, colour: str, width: float, title: str | None) -> None:
    axes.plot(curve.false_positive_rate, curve.true_positive_rate, color=colour, linewidth=width, label=title)
