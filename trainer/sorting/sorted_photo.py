"""What came of one photo: the rule's verdict beside the doctor's label, or what is wrong with it; the CSV of all."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from inference.rules import USABLE
from trainer.sorting.measuring import MEASURES, Measures
from trainer.sorting.verdict import Verdict

COLUMNS = (
    "file",
    "suitability",
    "said_by",
    "rule_usable",
    "rule_label",
    "rule_reasons",
    "explanation",
    "problem",
    *MEASURES,
)


@dataclass(frozen=True, slots=True)
class SortedPhoto:
    """`file` is its name within the folder; `doctor` a doctor's label or None.

    A file that is no picture has a `problem` in words and neither `measures` nor `verdict`. `overlay` is the file
    name of the picture that explains, within the folder of explanations.
    """

    file: str
    measures: Measures | None
    verdict: Verdict | None
    doctor: str | None = None
    problem: str = ""
    overlay: str = ""

    @property
    def label(self) -> str:
        """What it is taken for: the doctor's word where there is one, the rule's otherwise; empty for no picture."""
        return self.doctor or self.rule_label

    @property
    def rule_label(self) -> str:
        """What the rules say; empty for no picture."""
        return self.verdict.label if self.verdict else ""

    @property
    def said_by(self) -> str:
        """Whose word `label` is: doctor, rule, or nobody's."""
        return "doctor" if self.doctor else "rule" if self.verdict else ""


def as_csv(photos: Sequence[SortedPhoto]) -> str:
    """The table, one line a photo, in the order given; RFC 4180. The trainer reads it as labels."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_row(one) for one in photos)
    return text.getvalue()


def _row(photo: SortedPhoto) -> list[str]:
    verdict, measures = photo.verdict, photo.measures
    reasons = " ".join(one.criterion.reason for one in verdict.reasons) if verdict else ""
    told = [
        _plain(photo.file),
        photo.label,
        photo.said_by,
        str(verdict.label == USABLE).lower() if verdict else "",
        photo.rule_label,
        reasons,
        verdict.explanation if verdict else "",
        _plain(photo.problem),
    ]
    return told + [f"{getattr(measures, name):.6g}" if measures else "" for name in MEASURES]


def _plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula (a file may be named anything)."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
