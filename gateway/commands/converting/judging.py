"""What the models say of a file that is converted, and the report of it; the file is converted whatever they say.

Imported only where it is asked for: the runtime of the models takes as long to load as all else.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from PIL import Image

from gateway.commands.converting.making import MadeObject
from gateway.commands.converting.terms import JudgeTerms
from gateway.config import DEFAULT_HOSPITAL, Settings, SiteSettings
from gateway.conversion.findings.document import ReportObject
from gateway.conversion.picture import CleanPicture
from gateway.intake.context import patient_context
from gateway.intake.findings import Reported, findings_report
from gateway.intake.judging import Verdict, judgement_json, ranking_json
from gateway.intake.request import PhotoFields
from inference.bundling import BUNDLED
from inference.context import PatientContext, told_facts
from inference.disease import rank
from inference.errors import InferenceError, TooSmall
from inference.picture import MIN_SIDE_PIXELS, Picture, decode_picture
from inference.prepared import PreparedPicture
from inference.runtime import load_model
from inference.store import ModelStore
from inference.suitability import judge


def judge_terms(settings: Settings) -> JudgeTerms:
    """The models that serve by the settings; the bundled ones where there is no store. Raises InferenceError."""
    store = ModelStore(settings.models.store)
    if not store.root.exists():
        store = ModelStore(BUNDLED)
        versions = (store.versions("suitability")[-1], store.versions("disease")[-1])
    else:
        versions = (store.serving("suitability"), store.serving("disease"))
    return JudgeTerms(
        suitability=store.folder("suitability", versions[0]),
        disease=store.folder("disease", versions[1]),
        disease_threshold=settings.models.disease_threshold,
        refer_malignant=settings.models.refer_malignant,
        unknown_threshold=settings.models.unknown_threshold,
        report=settings.intake.report,
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What is told of a file, and its report where it has one."""

    verdict: dict[str, Any]
    report: ReportObject | None = None


class BatchJudge:
    """Both models in this process, one thread each: the other cores have photos of their own. Raises InferenceError."""

    def __init__(self, terms: JudgeTerms, site: SiteSettings) -> None:
        self._terms = terms
        self._site = site
        self._suitability = load_model(terms.suitability, threads=1)
        self._disease = load_model(terms.disease, threads=1)

    def judged(self, made: MadeObject, fields: PhotoFields) -> Judged:
        """The judgement, and ranking and report where it can be used; or the `problem` that kept the models off."""
        try:
            return self._judged(made, fields)
        except InferenceError as error:
            return Judged({"problem": str(error)})
        except Exception as error:  # noqa: BLE001 - a fault of judging's keeps no file from being converted
            return Judged({"problem": f"cannot be judged: {type(error).__name__}"})

    def _judged(self, made: MadeObject, fields: PhotoFields) -> Judged:
        context = patient_context(fields, made.placed.facts.received_at)
        verdicts = [self._verdict(picture, frame, context) for frame, picture in pictures_of(made)]
        # Of a video that frame stands for all which the suitability model is surest of.
        verdict = max(verdicts, key=lambda each: (each.judgement.usable, each.judgement.probability))
        ranking = None if verdict.ranking is None else ranking_json(verdict.ranking, verdict.told)
        told = {"judgement": judgement_json(verdict), "ranking": ranking}
        return Judged(told, self._report(made, verdict, told) if self._terms.report else None)

    def _verdict(self, picture: Picture, frame: int | None, context: PatientContext) -> Verdict:
        prepared = PreparedPicture(picture)
        asked = [self._suitability]
        judgement = judge(self._suitability, prepared)
        ranking = None
        told: tuple[str, ...] = ()
        if judgement.usable:
            asked.append(self._disease)
            told = told_facts(context, self._disease.manifest.context)
            terms = self._terms
            limits = terms.disease_threshold, terms.refer_malignant
            unknown = terms.unknown_threshold
            ranking = rank(self._disease, prepared, context, *limits, unknown_threshold=unknown)
        files = {model.manifest.task: model.manifest.model_sha256 for model in asked}
        return Verdict(judgement, ranking, files, frame, told)

    def _report(self, made: MadeObject, verdict: Verdict, told: dict[str, Any]) -> ReportObject | None:
        """The report, whose UID follows from what it says: other models' report of the same file is another one."""
        said = hashlib.sha256(orjson.dumps([told, sorted(verdict.model_files.items())])).hexdigest()
        about = Reported(DEFAULT_HOSPITAL, made.placed.submission, made.dicom, made.placed.facts)
        return findings_report(about, verdict, self._site, said)


def pictures_of(made: MadeObject) -> Iterator[tuple[int | None, Picture]]:
    """What is in the object, upright and in its colours, not what was in the file: a photo, or frames of a video.

    Frames come with their numbers. Raises inference's PictureError.
    """
    if made.picture is not None:
        yield None, _archived(made.picture)
    for still in made.stills:
        yield still.number, _decoded(still.jpeg, made.dicom.header.Rows, made.dicom.header.Columns)


def _archived(picture: CleanPicture) -> Picture:
    """The first frame of a clean picture, from its samples where they are at hand."""
    if picture.native is None:
        return _decoded(picture.stream, picture.rows, picture.columns)
    size = picture.columns, picture.rows
    if min(size) < MIN_SIDE_PIXELS:
        raise TooSmall(f"{size[0]} x {size[1]} pixels: the short side needs at least {MIN_SIDE_PIXELS}")
    first = picture.native[: picture.rows * picture.columns * picture.samples]
    mode = "L" if picture.samples == 1 else "RGB"
    image = Image.frombuffer(mode, size, first, "raw", mode, 0, 1).convert("RGB")
    return Picture(image, 1, *size, picture.media_type.removeprefix("image/"))


def _decoded(stream: bytes, rows: int, columns: int) -> Picture:
    return decode_picture(stream, max_pixels=rows * columns)
