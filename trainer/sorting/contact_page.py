"""One HTML page over all sorted photos: works from the folder it lies in, asks nothing of any network."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from inference.rules import SUITABILITY_LABELS
from trainer.sorting.explanation import HEAD, PANEL, WIDTH
from trainer.sorting.rule_rows import legend, rule_rows
from trainer.sorting.sorted_photo import SortedPhoto

_STYLE = """
:root { color-scheme: light dark; --paper: #fafaf8; --card: #fff; --ink: #1c2026; --faint: #69717b;
  --good: #22795a; --bad: #b93a2a; --track: #e4e6e8; --wash: #a9d9c4 }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --card: #1f242a; --ink: #eceff2; --faint: #9aa3ad;
  --good: #5bc79a; --bad: #ff8d7d; --track: #343b41; --wash: #2d6650 } }
body { margin: 0 auto; max-width: 1400px; padding: 2rem 1.5rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif }
nav a { margin-right: 1.2rem; color: inherit }
h1 { margin: 0; font-size: 1.7rem } h2 { margin: 2.5rem 0 1rem; font-size: 1.2rem }
h2 span { color: var(--faint); font-weight: 400 }
.photos { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 1rem }
figure { margin: 0; background: var(--card); border-radius: 10px; overflow: hidden; border-top: 4px solid var(--good) }
figure.unusable { border-color: var(--bad) }
.picture { display: block; overflow: hidden; aspect-ratio: PANELS }
.picture img { display: block; width: 100%; margin-top: HEAD }
.rules { margin-top: .6rem; font-size: .8rem }
.rule { display: grid; grid-template-columns: 8.5rem minmax(3rem, 1fr) 7rem; gap: .6rem; align-items: center }
.rule small { color: var(--faint); font-size: inherit }
.rule > :last-child { text-align: right; font-variant-numeric: tabular-nums }
.bar { position: relative; height: .55rem; border-radius: .3rem; background: var(--track) }
.bar::before { content: ""; position: absolute; inset: 0 0 0 50%; background: var(--wash);
  border-radius: 0 .3rem .3rem 0 }
.bar.most::before { inset: 0 50% 0 0; border-radius: .3rem 0 0 .3rem }
.bar::after { content: ""; position: absolute; left: 50%; top: -.2rem; bottom: -.2rem; width: 2px; margin-left: -1px;
  background: var(--ink) }
.bar i { position: absolute; z-index: 1; top: -.1rem; width: .75rem; height: .75rem; margin-left: -.375rem;
  border-radius: 50%; background: var(--good) } .bar i.broken { background: var(--bad) }
.kept { color: var(--good) } .broken { color: var(--bad) } summary { cursor: pointer; color: var(--faint) }
.legend { margin: 1rem 0; padding: .8rem 1rem; background: var(--card); border-radius: 10px; font-size: .9rem }
.legend .rules { max-width: 30rem } .legend p { max-width: 60rem }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1.2rem; margin: 0 }
@media (max-width: 700px) { dl { display: block } dt { margin-top: .4rem } }
dt { font-weight: 600 } dd { margin: 0; color: var(--faint) }
figcaption { padding: .7rem .9rem; font-size: .85rem; overflow-wrap: anywhere } figcaption b { font-size: .95rem }
.why, .empty, pre { color: var(--faint) } pre { white-space: pre-wrap; font: inherit }
"""


# Of the picture that explains, the page shows the panels: its words would be too small here, and stand below as text.
_STYLE = _STYLE.replace("PANELS", f"{WIDTH} / {PANEL}").replace("HEAD", f"{-100 * HEAD / WIDTH:.1f}%")


def contact_page(photos: Sequence[SortedPhoto], summary: Sequence[str]) -> str:
    """The page: photos grouped by label, usable first, each with the picture that explains it."""
    groups = [(label, [one for one in photos if one.label == label]) for label in (*SUITABILITY_LABELS, "")]
    filled = [(label or "no picture", of_it) for label, of_it in groups if of_it]
    links = "".join(f'<a href="#{label.replace(" ", "-")}">{_words(label)} {len(of_it)}</a>' for label, of_it in filled)
    sections = "".join(_section(label, of_it) for label, of_it in filled)
    told = escape("\n".join(summary))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file:; "
        "style-src 'unsafe-inline'\">"
        f"<title>Sorted photos</title><style>{_STYLE}</style></head><body>"
        f"<h1>{len(photos)} photos sorted</h1><pre>{told}</pre>{_legend(photos)}"
        f"<nav>{links}</nav>{sections}</body></html>\n"
    )


def _legend(photos: Sequence[SortedPhoto]) -> str:
    judged = next((one.verdict for one in photos if one.verdict), None)
    return legend(one.criterion for one in judged.findings) if judged else ""


def _section(label: str, photos: Sequence[SortedPhoto]) -> str:
    cards = "".join(_card(one) for one in photos)
    return (
        f'<h2 id="{label.replace(" ", "-")}">{_words(label)} <span>{len(photos)}</span></h2>'
        f'<div class="photos">{cards}</div>'
    )


def _card(photo: SortedPhoto) -> str:
    place = f"explained/{quote(photo.overlay)}"
    picture = (
        f'<a class="picture" href="{place}"><img loading="lazy" alt="" src="{place}"></a>' if photo.overlay else ""
    )
    rules = rule_rows(photo.verdict) if photo.verdict else ""
    kind = "" if photo.label == "usable" else ' class="unusable"'
    doctor = f" · a doctor says {_words(photo.doctor)}" if photo.doctor else ""
    why = photo.verdict.explanation if photo.verdict else photo.problem
    return (
        f"<figure{kind}>{picture}<figcaption><b>{escape(photo.file)}</b>{doctor}"
        f'<div class="why">{escape(why)}</div>{rules}</figcaption></figure>'
    )


def _words(label: str) -> str:
    return escape(label.replace("_", " "))
