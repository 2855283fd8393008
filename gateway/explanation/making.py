"""Making an explanation: the picture is decoded once more, and the model that answered is asked about its parts."""

from gateway.archive.storage import ObjectStorage
from gateway.database import now
from gateway.explanation.errors import NothingToExplain
from gateway.explanation.kept import Explanation
from gateway.intake.context import patient_context
from gateway.intake.explainable import Explainable
from gateway.intake.pictures import read_picture
from gateway.intake.request import kept_fields
from gateway.intake.tables import SubmissionRow
from gateway.serving.answering import AnsweringModels
from gateway.serving.models import NoModelServes
from inference.explaining.saliency import Saliency, explain_disease, explain_fault
from inference.picture import Picture, decode_picture
from inference.prepared import PreparedPicture
from inference.runtime import LoadedModel


class Maker:
    """Makes explanations; takes about as long as sixty answers of the model."""

    def __init__(self, storage: ObjectStorage, models: AnsweringModels, max_pixels: int) -> None:
        self._storage = storage
        self._models = models
        self._max_pixels = max_pixels

    def picture(self, row: SubmissionRow) -> Picture:
        """The submission's picture, decoded. Raises NoPicture, UnknownObject, PictureError."""
        return decode_picture(read_picture(self._storage, row).data, max_pixels=self._max_pixels)

    def make(self, row: SubmissionRow, wanted: Explainable) -> Explanation:
        """Explain an answer, by the model that gave it, else by the one that serves.

        Raises NothingToExplain where that does not know the code, NoModelServes, ModelFailed, TookTooLong, and what
        `picture` raises.
        """
        model = self._models.named(wanted.task, wanted.model) or self._models.serving(wanted.task)
        try:
            saliency = self._asked(model, row, wanted)
        except KeyError as error:
            raise NothingToExplain(
                f"{wanted.model}, which answered, is not there any more, and {model.manifest.name} does not know this"
            ) from error
        manifest = model.manifest
        return Explanation.of(saliency, wanted.model, manifest.name, manifest.demonstration, now())

    def still_holds(self, kept: Explanation, wanted: Explainable) -> bool:
        """Whether an explanation is of this answer, by the model that gave it or else by the one that serves now."""
        if (kept.code, kept.answered_by) != (wanted.code, wanted.model):
            return False
        if kept.explained_by == wanted.model:
            return True
        try:
            return kept.explained_by == self._models.serving(wanted.task).manifest.name
        except NoModelServes:
            return True  # there is none that could tell better

    def _asked(self, model: LoadedModel, row: SubmissionRow, wanted: Explainable) -> Saliency:
        prepared = PreparedPicture(self.picture(row))
        if wanted.task == "suitability":
            return explain_fault(model, prepared, wanted.code)
        context = patient_context(kept_fields(row.fields), row.received_at)
        return explain_disease(model, prepared, context, wanted.code)
