"""Explanations within a caller's scope: found where they are kept, else made and kept."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gateway.access.audit import Action, audit
from gateway.access.caller import SYSTEM, Caller, Permission
from gateway.archive.storage import ObjectStorage
from gateway.config import Settings
from gateway.database import Database
from gateway.explanation.documents import ShownExplanation, shown
from gateway.explanation.errors import NothingToExplain
from gateway.explanation.kept import Explanation
from gateway.explanation.making import Maker
from gateway.explanation.overlay import as_png, heat, overlay, shown_size
from gateway.explanation.shelf import Shelf
from gateway.explanation.turns import OneAfterAnother
from gateway.explanation.words import legend_of
from gateway.intake.explainable import Explainable, explanation_place, what_to_explain
from gateway.intake.submission import find_submission
from gateway.intake.tables import SubmissionRow
from gateway.language import Language
from gateway.serving.answering import AnsweringModels
from inference.orientation import turn

Layer = Literal["overlay", "heat"]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A map to be drawn: `etag` changes with what would be drawn, which `draw` does, as a PNG."""

    etag: str
    draw: Callable[[], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    row: SubmissionRow
    wanted: Explainable
    explanation: Explanation


class Explaining:
    """What answers stand on, for those who may see the photo."""

    def __init__(self, database: Database, storage: ObjectStorage, models: AnsweringModels, settings: Settings) -> None:
        self._database = database
        self._shelf = Shelf(database, storage)
        self._maker = Maker(storage, models, settings.intake.max_pixels)
        self._turns = OneAfterAnother(settings.explanation.max_waiting)
        self._is_on = settings.explanation.when != "never"

    def close(self) -> None:
        """End; what is being made is finished first."""
        self._turns.close()

    def ahead(self, submission_id: str) -> None:
        """Make and keep an explanation before anybody asks; raises as `shown` does."""
        self._found(SYSTEM, submission_id)

    def shown(self, caller: Caller, submission_id: str, language: Language) -> ShownExplanation:
        """The explanation of a photo.

        Raises NotPermitted, UnknownSubmission, NothingToExplain, TooManyAsked, NoPicture, UnknownObject, PictureError,
        NoModelServes, ModelFailed, TookTooLong, StorageError.
        """
        found = self._found(caller, submission_id)
        self._audit(caller, Action.PATIENT_RECORD, found.row)
        place = explanation_place(found.row)
        assert place is not None
        return shown(found.explanation, found.wanted, place, language)

    def drawing(self, caller: Caller, submission_id: str, layer: Layer, language: Language) -> Drawing:
        """The same as a picture: the map over the photo, or alone; raises as `shown` does, drawing too."""
        found = self._found(caller, submission_id)
        self._audit(caller, Action.ACCESSED, found.row)
        etag = _etag(found.explanation.model_dump_json(), layer, language)
        return Drawing(etag, lambda: self._turns.do(etag, lambda: self._drawn(found, layer, language)))

    def _found(self, caller: Caller, submission_id: str) -> _Found:
        scope = caller.require(Permission.READ_PHOTOS)
        with self._database.read() as session:
            row = find_submission(session, scope, submission_id)
        wanted = what_to_explain(row) if self._is_on else None
        if wanted is None:
            raise NothingToExplain(
                "the photo has no answer yet that could be explained" if self._is_on else "explanations are turned off"
            )
        kept = self._shelf.find(row.id)
        if kept is None or not self._maker.still_holds(kept, wanted):
            kept = self._turns.do(row.id, lambda: self._made(caller, row, wanted))
        return _Found(row, wanted, kept)

    def _made(self, caller: Caller, row: SubmissionRow, wanted: Explainable) -> Explanation:
        explanation = self._maker.make(row, wanted)
        self._shelf.keep(caller, row.id, explanation)
        return explanation

    def _drawn(self, found: _Found, layer: Layer, language: Language) -> bytes:
        picture = self._maker.picture(found.row)
        plane = found.explanation.plane if found.explanation.clear else None
        if layer == "heat":
            return as_png(heat(plane, shown_size(picture.width, picture.height)))
        legend = legend_of(found.explanation, found.wanted, language)
        upright = turn(picture.image, picture.orientation)
        return as_png(overlay(upright, plane, found.explanation.level, legend))

    def _audit(self, caller: Caller, action: Action, row: SubmissionRow) -> None:
        with self._database.write() as unit_of_work:
            audit(unit_of_work.session, caller, action, subject=f"photo/{row.id}", hospital=row.hospital_id)


def _etag(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
