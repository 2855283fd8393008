"""The report of a whole evaluation, with thumbnails where they are asked for."""

from pathlib import Path

from trainer.evaluation.record import Evaluation
from trainer.evaluation.report.gallery import Thumbnail, thumbnail, worst
from trainer.evaluation.report.page import Looked, Report, report_page
from trainer.evaluation.session import Tried
from trainer.evaluation.trying import shown


def report_of(evaluation: Evaluation, curves: Path | None, *, thumbnails: bool) -> str:
    """The HTML file of an evaluation. Raises BadData where a photo or the curves' picture cannot be read."""
    galleries = {one.findings.title: _thumbnails(one) for one in evaluation.tried} if thumbnails else {}
    return report_page(
        Report(
            title=evaluation.title,
            made_at=evaluation.made_at,
            findings=[one.findings for one in evaluation.tried],
            looked=(Looked(evaluation.photos, evaluation.times),),
            notes=evaluation.notes,
            curves=curves,
            thumbnails=galleries,
            probe=evaluation.probe,
            comparisons=evaluation.comparisons,
        )
    )


def _thumbnails(tried: Tried) -> tuple[Thumbnail, ...]:
    scored = tried.findings.scored
    return tuple(thumbnail(scored, place, shown(tried.trials[place])) for place in worst(scored))
