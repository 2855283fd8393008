"""Figures as SVG that belongs to the page it stands in: its colours follow light and dark, its text stays text."""

import io
import re
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Colours that stand for the page's own; they become CSS variables.
INK = "#010101"
FAINT = "#020202"
LINE = "#030303"
PAPER = "#040404"
ACCENT = "#050505"
SECOND = "#060606"
WARN = "#070707"

_VARIABLES = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    LINE: "var(--line)",
    PAPER: "var(--paper)",
    ACCENT: "var(--accent)",
    SECOND: "var(--second)",
    WARN: "var(--warn)",
}
_SETTINGS: Any = {  # matplotlib types its settings by a literal of every key there is
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": LINE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
}


def drawing(name: str) -> AbstractContextManager[None]:
    """The style, for the time of drawing; `name` keeps the inner names of figures on one page apart."""
    return mpl.rc_context({**_SETTINGS, "svg.hashsalt": name})


_POINT = 4 / 3  # CSS pixels; at this size ten points are a little less than the page's own letters
_LEAST_SCALE = 0.8


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure of so many inches with one pair of axes; no window, no global state."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    return figure, axes


def svg(figure: Figure, description: str) -> str:
    """The figure as an `<svg>` element to stand in a page; call within `drawing`. `description` is read aloud."""
    file = io.StringIO()
    # Cut to what is drawn: nothing sticks out, however long a name is.
    figure.savefig(
        file,
        format="svg",
        bbox_inches="tight",
        pad_inches=0.04,
        metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
    )
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r'(<svg[^>]*?) width="([\d.]+)pt"', _sized, text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, variable)
    label = _attribute(description)
    return text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def _sized(match: re.Match[str]) -> str:
    """As broad as its letters want; narrower where the page is, but not so that nobody can read it."""
    width = float(match[2]) * _POINT
    return f'{match[1]} style="max-width: {width:.0f}px; min-width: {width * _LEAST_SCALE:.0f}px"'


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
