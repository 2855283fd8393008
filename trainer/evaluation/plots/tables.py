"""Pictures of how often each label was found, and taken for what."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from trainer.evaluation.headline import Numbers
from trainer.evaluation.plots.canvas import ACCENT, FAINT, INK, PAPER, WARN, canvas, drawing, svg
from trainer.metrics import Confusion

_FAINTEST = 0.03
_CELL = 0.5  # inches: wide enough for 100%
_LETTER = 0.085  # inches of a letter, on average


def confusion_map(table: Confusion, names: Sequence[str], key: str) -> str:
    """Rows what the photos are, columns, by the rows' numbers, what they were taken for: counts, shares; SVG."""
    size = len(table.labels)
    totals = np.maximum(table.counts.sum(1, keepdims=True), 1)
    shares = table.counts / totals
    with drawing(key):
        beside = _LETTER * max(len(name) for name in names) + 0.7
        figure, axes = canvas(beside + _CELL * size, 0.7 + _CELL * size)
        for row, column in np.ndindex(size, size):
            _cell(axes, row, column, int(table.counts[row, column]), float(shares[row, column]))
        axes.set(xlim=(0, size), ylim=(size, 0), xlabel="taken for", ylabel="truth")
        axes.set_aspect("equal")
        axes.set_xticks(np.arange(size) + 0.5, [str(number) for number in range(1, size + 1)])
        axes.set_yticks(np.arange(size) + 0.5, [f"{number}  {name}" for number, name in enumerate(names, 1)])
        axes.xaxis.set_label_position("bottom")
        axes.xaxis.tick_top()
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        return svg(figure, "Confusion table: rows what the photos are, columns what they were taken for")


def recall_dots(labels: Mapping[str, Numbers], names: Mapping[str, str], key: str) -> str:
    """Recall of each label with its interval, weakest on top; SVG."""
    ascending = sorted(labels, key=lambda label: labels[label]["recall"].value)
    with drawing(key):
        figure, axes = canvas(4.2, 0.9 + 0.36 * len(ascending))
        for place, label in enumerate(ascending):
            recall = labels[label]["recall"]
            colour = ACCENT if recall.value >= 0.5 else WARN
            axes.plot([recall.low, recall.high], [place, place], color=colour, linewidth=5, alpha=0.28)
            axes.plot([recall.value], [place], "o", color=colour, markersize=7)
            beside = ((f"{recall.value:.2f}", INK, 8), (f"n = {recall.n}", FAINT, 40))
            for said, ink, gap in beside:  # gaps in points: letters do not shrink with the axes
                axes.annotate(
                    said, (1, place), xytext=(gap, 0), textcoords="offset points", va="center", color=ink,
                    annotation_clip=False,
                )  # fmt: skip
        axes.set_yticks(range(len(ascending)), [names[label] for label in ascending])
        axes.set(xlim=(-0.01, 1.01), ylim=(len(ascending) - 0.5, -0.5), xlabel="recall, with 95 % interval")
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False, axis="y")
        return svg(figure, "Recall of each label with its interval")


def _cell(axes: Axes, row: int, column: int, count: int, share: float) -> None:
    colour = ACCENT if row == column else WARN
    inset = Rectangle((column + 0.02, row + 0.02), 0.96, 0.96, facecolor=colour, alpha=max(share, _FAINTEST))
    axes.add_patch(inset)
    if not count:
        axes.text(column + 0.5, row + 0.5, "0", ha="center", va="center", color=FAINT, alpha=0.7)
        return
    ink = PAPER if share > 0.55 else INK
    axes.text(column + 0.5, row + 0.36, str(count), ha="center", va="center", color=ink, fontsize=11)
    axes.text(column + 0.5, row + 0.72, f"{share:.0%}", ha="center", va="center", color=ink, fontsize=9, alpha=0.9)
