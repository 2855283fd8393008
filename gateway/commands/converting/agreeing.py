"""A study that lies in the folder already is not made to contradict itself by what a later run adds to it.

What its objects say (the study's moment, the numbers) follows from all files of the case. Where one of them would have
to become another than the one that is there, the others would disagree with it.
"""

from collections.abc import Iterable
from contextlib import suppress

from gateway.commands.converting.outcome import Outcome, skipped

_REASON = (
    "files of its case are there already, with other content, and would contradict it: "
    "convert the case anew with --overwrite, or into another folder"
)


def in_agreement(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes, where nothing that was written now stands beside older objects of its study that disagree."""
    ended = list(outcomes)
    divided = {each.kept_out_of for each in ended if each.kept_out_of}
    return [_taken_back(each) if _study(each) in divided and each.fresh else each for each in ended]


def _study(outcome: Outcome) -> str:
    return "" if outcome.written is None else outcome.written.dicom["study_instance_uid"]


def _taken_back(outcome: Outcome) -> Outcome:
    for path in outcome.fresh:
        with suppress(OSError):
            path.unlink()
    return skipped(outcome.name, _REASON, "case_differs")
