"""The rules: from measures and thresholds to usable, or not and why. Pure; no pictures here."""

from dataclasses import dataclass

from inference.rules import USABLE
from trainer.sorting.measuring import Measures
from trainer.sorting.thresholds import Criterion, Thresholds

WORDS = {
    "lesion_share": "the lesion's share of the frame",
    "lesion_diameter": "the lesion's diameter over the short side",
    "lesion_count": "the number of separate lesions",
    "lesion_on_border": "the share of the frame's outline that the lesion lies on",
    "focus": "the sharpness of the strongest edges",
    "lesion_focus": "the sharpness of the lesion",
    "haze": "the veil over the darkest places",
    "contrast": "the contrast",
    "print_score": "the number of glyphs in rows",
    "bar_share": "the share of the frame under bars",
    "repeat_score": "how strongly strokes repeat",
    "blown_share": "the share of blown-out pixels",
    "black_share": "the share of black pixels",
    "blown_red": "the share of blown-out red samples",
    "blown_green": "the share of blown-out green samples",
    "blown_blue": "the share of blown-out blue samples",
    "median_luminance": "the middle brightness",
    "skin_share": "the share of the frame that has skin's colour",
    "colour_spread": "the spread of colours",
    "tone_angle": "the skin's tone angle",
}
"""Each measure in words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A criterion and what was measured; `margin` is how far on the good side, over the threshold: below 0 is bad."""

    criterion: Criterion
    value: float

    @property
    def margin(self) -> float:
        """-1 .. 1 for bounds from below, down to minus infinity for bounds from above."""
        threshold = self.criterion.threshold
        gap = self.value - threshold if self.criterion.side == "least" else threshold - self.value
        return gap / threshold if threshold > 0 else gap

    @property
    def in_words(self) -> str:
        """One phrase: what was measured, and the bound it broke or kept."""
        bound = "at least" if self.criterion.side == "least" else "at most"
        kept = "keeps" if self.margin >= 0 else "breaks"
        measured = f"{WORDS[self.criterion.measure]} is {self.value:.3g}"
        return f"{measured}, which {kept} {bound} {self.criterion.threshold:.3g}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` are the broken criteria, one for each reason, the one that explains most first; `findings` all."""

    reasons: tuple[Finding, ...]
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing is broken."""
        return not self.reasons

    @property
    def label(self) -> str:
        """`usable` or the code of the first reason."""
        return USABLE if self.usable else self.reasons[0].criterion.reason

    @property
    def explanation(self) -> str:
        """In words, by numbers."""
        if self.usable:
            closest = min(self.findings, key=lambda one: one.margin)
            return f"usable; nearest to its bound: {closest.in_words}"
        return "; ".join(f"{one.criterion.reason}: {one.in_words}" for one in self.reasons)


# Where several reasons apply, a later one is often the consequence of an earlier: nothing else can be said of a photo
# that shows no skin or is too dark, and a soft photo hides its lesions.
_FIRST = (
    "underexposed",
    "overexposed",
    "not_skin",
    "watermark",
    "out_of_focus",
    "scattered_lesions",
    "lesion_too_small",
)


def judge(measures: Measures, thresholds: Thresholds) -> Verdict:
    """Hold every criterion against the measures."""
    findings = tuple(Finding(one, float(getattr(measures, one.measure))) for one in thresholds.criteria)
    worst: dict[str, Finding] = {}
    for finding in findings:
        reason = finding.criterion.reason
        if finding.margin < 0 and (reason not in worst or finding.margin < worst[reason].margin):
            worst[reason] = finding
    ordered = sorted(worst.values(), key=lambda one: _FIRST.index(one.criterion.reason))
    return Verdict(tuple(ordered), findings)
