"""A report laid out for people: HTML without scripts, and plain text; both UTF-8."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from dicomweb.rendering.reports.content import Node, Report

HTML: Final = "text/html"
PLAIN: Final = "text/plain"
HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""What is said in a report came from outside: a browser runs and loads nothing of it."""

_STYLE: Final = (
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "dt{font-weight:bold;float:left;clear:left;min-width:9em}dd{margin-left:10em}"
    "ul{list-style:none;padding-left:1.2em;border-left:1px solid #ccc}b{font-weight:600}"
)


def as_html(report: Report) -> bytes:
    """A whole document; every word of the report is escaped."""
    title = escape(report.title)
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in report.facts)
    page = (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1><dl>{facts}</dl>{_list(report.content)}</body></html>\n"
    )
    return page.encode("utf-8", "replace")


def _list(nodes: Sequence[Node]) -> str:
    return f"<ul>{''.join(map(_entry, nodes))}</ul>" if nodes else ""


def _entry(node: Node) -> str:
    name = f"<b>{escape(node.name)}</b>" if node.name else ""
    value = escape(node.value).replace("\n", "<br>")
    return f"<li>{name}{': ' if name and value else ''}{value}{_list(node.children)}</li>"


def as_plain_text(report: Report) -> bytes:
    """The same as lines, indented by depth."""
    lines = [report.title, "", *(f"{name}: {value}" for name, value in report.facts), ""]
    lines += _lines(report.content, 0)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8", "replace")


def _lines(nodes: Sequence[Node], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for node in nodes:
        first, *more = node.value.splitlines() or [""]
        yield indent + (f"{node.name}: {first}" if node.name and first else node.name + first)
        yield from (f"{indent}  {line}" for line in more)
        yield from _lines(node.children, depth + 1)
