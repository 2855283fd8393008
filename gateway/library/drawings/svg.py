"""Writing SVG: elements as text, numbers short, and nothing that could carry a script."""

from collections.abc import Iterable
from html import escape

Point = tuple[float, float]


def element(name: str, *children: str, **attributes: float | str | None) -> str:
    """One element with what is in it; `stroke_width` becomes `stroke-width`, and None leaves an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(children)
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def words(text: str, name: str, **attributes: float | str | None) -> str:
    """An element that holds words (`text`, `title`), which stay words."""
    return element(name, escape(text), **attributes)


def number(value: float) -> str:
    """A number with at most one decimal, as short as it can be."""
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")
    )


def line_through(points: Iterable[Point]) -> str:
    """The path data of straight lines through the points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _value(value: float | str) -> str:
    return escape(value) if isinstance(value, str) else f"{round(value, 3):g}"
