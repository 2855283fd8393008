"""A case gets its right patient and order: every object of its study is corrected, in one transaction.

The corrected objects are written and synced before it, outside of any transaction; where the study has changed since,
they are made again. Whatever dies on the way leaves the case as it was, and the same request again does it.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import update

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission
from gateway.archive.errors import UnknownObject
from gateway.archive.indexing import Origin
from gateway.archive.known_study import ACCESSION_NUMBER, KnownStudy, known_study
from gateway.archive.rewriting import rewritten
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.archive.storage import ObjectStorage
from gateway.archive.whole_study import HeldObject, held_objects, is_held, lock_study
from gateway.config import Settings
from gateway.conversion.correction import Correction, correct
from gateway.conversion.uids import unidentified_patient_id
from gateway.database import Database, UnitOfWork, now
from gateway.delivery.superseding import supersede
from gateway.reconciling.right import Right
from gateway.review.cases import PlaceTaken, find_case, lock_case
from gateway.review.places import Case
from gateway.review.tables import CASE_NUMBER_LENGTH, CASE_TEXT_LENGTH, CaseRow

MAX_ATTEMPTS = 8
"""How often the objects are made where the study changes meanwhile."""


class NothingToReconcile(Exception):
    """The case has no archived object."""


class SettledOtherwise(Exception):
    """What the case's study says by now leaves nothing to be reconciled."""


Condition = Callable[[KnownStudy], bool]
"""Whether a case is to be corrected, as its study stands."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of a case: how many of its objects were corrected, how many were right, and where they go."""

    case: Case
    corrected: int
    unchanged: int
    destinations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """A case, everything its study held, and the corrected objects of those that were not right, durable."""

    case: Case
    was_unknown: bool
    held: tuple[HeldObject, ...]
    changed: tuple[HeldObject, ...]
    staged: tuple[StagedObject, ...]


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Corrects cases."""

    database: Database
    archive: ArchiveService
    storage: ObjectStorage
    settings: Settings

    def hospital_of(self, caller: Caller, case_id: str) -> str:
        """Whose case it is, for who may correct it: raises NotPermitted, UnknownCase."""
        scope = caller.require_hospital_wide(Permission.RECONCILE)
        with self.database.read() as session:
            return find_case(session, scope, case_id).patient.hospital

    def reconcile(
        self, caller: Caller, case_id: str, right: Right, only_if: Condition = lambda _study: True
    ) -> Reconciled:
        """Let a case be of the right patient and order; what is right already stays as it is.

        Raises NotPermitted, UnknownCase, NothingToReconcile, StudyTooLarge, StoreRefused, StorageError;
        SettledOtherwise where the study, as it stands when it is corrected, is not as `only_if` wants it; PlaceTaken
        where the study changes all the time.
        """
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return self._reconcile(caller, case_id, right, only_if)
            except PlaceTaken:
                continue
        return self._reconcile(caller, case_id, right, only_if)

    def _reconcile(self, caller: Caller, case_id: str, right: Right, only_if: Condition) -> Reconciled:
        scope = caller.require_hospital_wide(Permission.RECONCILE)
        with self.database.read() as session:
            case = find_case(session, scope, case_id)
            held = held_objects(session, case.patient.hospital, case.study_instance_uid)
            study = known_study(session, case.patient.hospital, case.study_instance_uid)
        if not held or study is None:
            raise NothingToReconcile("the case has no archived object")
        if not only_if(study):
            raise SettledOtherwise("the case has been settled otherwise meanwhile")
        was_unknown = study.patient_id in {"", unidentified_patient_id(case.id)}
        correction = right.correction(case.study_instance_uid, self.settings.site, now())
        staged: list[StagedObject] = []
        try:
            changed = tuple(each for each in held if self._stage(each, correction, staged))
            with self.database.write() as unit_of_work:
                made = _Made(case, was_unknown, tuple(held), changed, tuple(staged))
                return self._make_true(unit_of_work, caller, right, made)
        finally:
            self.archive.settle(staged)

    def _stage(self, held: HeldObject, correction: Correction, staged: list[StagedObject]) -> bool:
        """Write the corrected object beside the one that is held; False where that is right as it is."""
        with ExitStack() as opened:
            stream = opened.enter_context(self._opened(held))
            parts = opened.enter_context(rewritten(stream, lambda header: correct(header, correction)))
            if parts is None:
                return False
            staged.append(self.archive.stage(parts))
            return True

    def _opened(self, held: HeldObject) -> BinaryIO:
        """The held object; raises PlaceTaken where it has been deleted meanwhile."""
        try:
            return self.storage.open(held.object_key)
        except UnknownObject:
            with self.database.read() as session:
                if is_held(session, held):
                    raise
            raise PlaceTaken("the case is changing at this moment") from None

    def _make_true(self, unit_of_work: UnitOfWork, caller: Caller, right: Right, made: _Made) -> Reconciled:
        session, case, hospital = unit_of_work.session, made.case, made.case.patient.hospital
        lock_case(session, case.id)
        lock_study(session, hospital, case.study_instance_uid)
        if tuple(held_objects(session, hospital, case.study_instance_uid)) != made.held:
            raise PlaceTaken("the case is changing at this moment")
        revised = self.archive.revise(
            unit_of_work, caller, made.staged, reason=right.reason, under=Permission.RECONCILE
        )
        _note_whose(unit_of_work, case)
        _audit(unit_of_work, caller, case, len(revised))
        names = self._queue(unit_of_work, made, [each.revision for each in revised])
        return Reconciled(case, len(revised), len(made.held) - len(revised), names)

    def _queue(self, unit_of_work: UnitOfWork, made: _Made, revisions: Sequence[int]) -> tuple[str, ...]:
        """Let destinations get the corrected objects; their names."""
        case, names = made.case, dict[str, None]()
        for one, revision in zip(made.changed, revisions, strict=True):
            everywhere = self._was_held(made) and one.origin == Origin.INTAKE.value
            destinations = self.settings.destinations
            hospital = case.patient.hospital
            sent = supersede(unit_of_work, hospital, one.instance_id, revision, destinations, everywhere=everywhere)
            names.update(dict.fromkeys(sent))
        return tuple(names)

    def _was_held(self, made: _Made) -> bool:
        """Whether the case's objects were kept back until somebody says whose they are."""
        return self.settings.intake.unidentified == "hold" and made.was_unknown


def _note_whose(unit_of_work: UnitOfWork, case: Case) -> None:
    """Let the case be of whom its study is, and of its order: what comes when its objects are gone asks the case."""
    study = known_study(unit_of_work.session, case.patient.hospital, case.study_instance_uid)
    if study is None:
        return
    number = study.texts.get(ACCESSION_NUMBER, "")
    unit_of_work.session.execute(
        update(CaseRow)
        .where(CaseRow.id == case.id)
        .values(
            issuer_of_patient_id=_if_it_fits(study.issuer_of_patient_id, CASE_TEXT_LENGTH),
            patient_id=_if_it_fits(study.patient_id, CASE_TEXT_LENGTH),
            accession_number=_if_it_fits(number, CASE_NUMBER_LENGTH),
        )
        .execution_options(synchronize_session=False)
    )


def _if_it_fits(text: str, limit: int) -> str:
    """What others stored may be longer than its attribute allows; an identity is never cut."""
    return text if len(text) <= limit else ""


def _audit(unit_of_work: UnitOfWork, caller: Caller, case: Case, corrected: int) -> None:
    audit(
        unit_of_work.session, caller, Action.PATIENT_RECORD,
        subject=f"case/{case.id}", hospital=case.patient.hospital, detail={"act": "reconcile", "instances": corrected},
    )  # fmt: skip
