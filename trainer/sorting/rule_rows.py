"""The rules held against one photo, as rows of the page: what was measured, on a bar whose good side is shaded."""

from collections.abc import Iterable, Sequence
from html import escape

from trainer.sorting.meaning import MEANINGS
from trainer.sorting.thresholds import Criterion
from trainer.sorting.verdict import Finding, Verdict

_SHOWN = 3


def rule_rows(verdict: Verdict) -> str:
    """HTML: rules that are broken and those nearest to their bounds; all the others folded away."""
    nearest = sorted(verdict.findings, key=lambda one: one.margin)
    broken = sum(one.margin < 0 for one in nearest)
    first, rest = nearest[: max(_SHOWN, broken)], nearest[max(_SHOWN, broken) :]
    folded = f"<details><summary>{len(rest)} more, all kept</summary>{_rows(rest)}</details>" if rest else ""
    return f'<div class="rules">{_rows(first)}{folded}</div>'


def legend(criteria: Iterable[Criterion]) -> str:
    """HTML: how to read a row, and what each measure means."""
    used = dict.fromkeys(one.measure for one in criteria)
    terms = "".join(f"<dt>{escape(MEANINGS[name][0])}</dt><dd>{escape(MEANINGS[name][1])}</dd>" for name in used)
    return (
        '<details class="legend" open><summary>How to read this</summary>'
        '<div class="rules"><div class="rule"><span>what was measured</span>'
        f"{_bar(0.7, 'least', kept=True)}<span>number, bound</span></div></div>"
        "<p>The tick is the bound. The shaded side of it is the good one: right where at least so much is wanted, left "
        "where at most. The dot is this photo: green on the good side, red beyond. The right end is twice the "
        "bound or more.</p>"
        "<p>In the left picture the lesion is outlined in green, other spots in yellow, print in blue; in the right "
        "one edges are red where soft, green where sharp. Click a photo for its whole picture.</p>"
        f"<dl>{terms}</dl></details>"
    )


def _rows(findings: Sequence[Finding]) -> str:
    return "".join(_row(one) for one in findings)


def _row(finding: Finding) -> str:
    rule = finding.criterion
    name, meaning = MEANINGS[rule.measure]
    kept = finding.margin >= 0
    sign = "≥" if rule.side == "least" else "≤"
    return (
        f'<div class="rule" title="{escape(meaning)}"><span>{escape(name)}</span>'
        f"{_bar(share_of_bar(finding), rule.side, kept=kept)}"
        f'<span class="{"kept" if kept else "broken"}">{finding.value:.3g} '
        f"<small>{sign} {rule.threshold:.3g}</small></span></div>"
    )


def share_of_bar(finding: Finding) -> float:
    """Where on the bar the value stands, 0..1: the bound in the middle, the end at twice the bound."""
    threshold = finding.criterion.threshold
    return min(1.0, max(0.0, finding.value / (2 * threshold))) if threshold > 0 else float(finding.value > 0)


def _bar(share: float, side: str, *, kept: bool) -> str:
    return (
        f'<span class="bar {side}"><i class="{"kept" if kept else "broken"}" '
        f'style="left: {100 * share:.0f}%"></i></span>'
    )
