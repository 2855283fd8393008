"""Pictures of who goes to a doctor: over one setting, and label by label."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from trainer.evaluation.bootstrap import point
from trainer.evaluation.numbers.referral import LabelReferral, outcome_statistics
from trainer.evaluation.numbers.sweeps import Setting, rule_at
from trainer.evaluation.plots.canvas import ACCENT, FAINT, INK, SECOND, WARN, canvas, drawing, svg
from trainer.evaluation.referring import ReferralRule
from trainer.evaluation.scored import Scored
from trainer.metrics import Estimate

_SIDE, _TALL = 3.6, 4.4  # with a legend below the axes
_VALUES = np.linspace(0, 1, 101)
_LINES = (
    ("referred", ACCENT, "go to a doctor"),
    ("rightly", SECOND, "of those, rightly"),
    ("missed", WARN, "malignant that do not go"),
)
_LETTER = 0.085  # inches of a letter, on average


def sweep_curves(scored: Scored, rule: ReferralRule, setting: Setting, value: float, key: str) -> str:
    """The shares over all values of one setting, with a line at the one in force; SVG."""
    with drawing(key):
        figure, axes = canvas(_SIDE, _TALL)
        drawn: dict[str, list[float]] = {name: [] for name, _, _ in _LINES}
        for place in _VALUES.tolist():
            statistics = outcome_statistics(scored, rule_at(rule, setting, place))
            for name, values in drawn.items():
                values.append(point(statistics[name], len(scored)))
        for name, colour, title in _LINES:
            if np.isfinite(drawn[name]).any():
                axes.plot(_VALUES, drawn[name], color=colour, label=title, drawstyle="steps-post")
        axes.axvline(value, color=INK, linestyle=(0, (4, 3)), linewidth=1.2)
        side = (4, "left") if value < 0.6 else (-4, "right")
        axes.annotate(
            f"in force {value:.2f}", (value, 1.03), xytext=(side[0], 2), textcoords="offset points", ha=side[1]
        )
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.03), xlabel=setting, ylabel="share of photos")
        axes.set_aspect("equal")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16))
        return svg(figure, f"Who goes to a doctor over {setting}")


def label_dots(labels: Sequence[LabelReferral], names: Mapping[str, str], key: str) -> str:
    """Of each label the share that goes to a doctor above its recall, with intervals, malignant on top; SVG."""
    rows = sorted(labels, key=lambda one: (not one.malignant, one.referred.value))
    with drawing(key):
        beside = _LETTER * max(len(names[one.label]) for one in rows)
        figure, axes = canvas(3.4 + beside, 1.9 + 0.5 * len(rows))
        for place, one in enumerate(rows):
            _dot(axes, place - 0.14, one.referred, WARN if one.malignant else ACCENT, "o")
            _dot(axes, place + 0.16, one.recall, FAINT, "s")
            axes.annotate(
                f"n = {one.recall.n}", (1, place), xytext=(10, 0), textcoords="offset points", va="center",
                color=FAINT, annotation_clip=False,
            )  # fmt: skip
        for colour, mark, title in (
            (WARN, "o", "malignant, goes to a doctor"),
            (ACCENT, "o", "benign, goes to a doctor"),
            (FAINT, "s", "recall of the first disease"),
        ):
            axes.plot([], [], mark, color=colour, markersize=6, label=title)
        axes.set_yticks(range(len(rows)), [names[one.label] for one in rows])
        axes.set(xlim=(-0.01, 1.01), ylim=(len(rows) - 0.4, -0.6), xlabel="share, with 95 % interval")
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False, axis="y")
        figure.legend(loc="outside lower center")
        return svg(figure, "Of each label the share that goes to a doctor, and its recall")


def _dot(axes: Axes, place: float, one: Estimate, colour: str, mark: str) -> None:
    axes.plot([one.low, one.high], [place, place], color=colour, linewidth=4, alpha=0.28)
    axes.plot([one.value], [place], mark, color=colour, markersize=6, clip_on=False)
