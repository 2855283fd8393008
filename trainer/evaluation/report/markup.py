"""HTML that holds both languages; a switch in the page shows one."""

import html
from collections.abc import Iterable, Sequence
from typing import NewType

from trainer.evaluation.said import Said

Html = NewType("Html", str)
"""Text that is HTML already; everything else is escaped on its way in."""


def both(said: Said) -> Html:
    """Both languages, one of them hidden."""
    if said.en == said.ko:
        return escaped(said.en)
    return Html(f'<span lang="en">{escaped(said.en)}</span><span lang="ko">{escaped(said.ko)}</span>')


def escaped(text: object) -> Html:
    """Any value as text."""
    return Html(html.escape(str(text)))


def joined(parts: Iterable[Html]) -> Html:
    """One after the other."""
    return Html("".join(parts))


def element(tag: str, *inside: Html, kind: str = "") -> Html:
    """An element around HTML; `kind` is its class."""
    mark = f' class="{html.escape(kind)}"' if kind else ""
    return Html(f"<{tag}{mark}>{joined(inside)}</{tag}>")


def listed(items: Iterable[Html], kind: str = "") -> Html:
    """A list of points."""
    return element("ul", *(element("li", item) for item in items), kind=kind)


def table(head: Sequence[Said], rows: Sequence[Sequence[Html]], kind: str = "") -> Html:
    """A table that scrolls by itself where the page is too narrow; the first column names the row."""
    top = element("tr", *(element("th", both(one)) for one in head))
    body = (element("tr", element("th", row[0]), *(element("td", cell) for cell in row[1:])) for row in rows)
    whole = element("table", element("thead", top), element("tbody", *body), kind=kind)
    return element("div", whole, kind="scroll")
