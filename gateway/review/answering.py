"""A dermatologist answers a referral: the opinion is kept, archived as a report, queued and told in one transaction.

The report's object is written and synced before; nobody knows of it until that transaction. Whatever dies before its
commit leaves nothing, whatever dies after it has done everything: so the same request again either gives the opinion
for the first time or finds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission
from gateway.archive.documents import archived_object
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.findings.concepts import Concept
from gateway.conversion.findings.facts import Opinion
from gateway.conversion.person_name import person_name
from gateway.database import UnitOfWork, now
from gateway.events.log import EventType, record
from gateway.library.diseases import diseases
from gateway.review.cases import PlaceTaken, find_case, lock_case
from gateway.review.labels import add_diagnosis
from gateway.review.opinion_reports import OpinionReports, StagedReport
from gateway.review.opinions import GivenOpinion, Said, content_id, find_opinion, keyed_id
from gateway.review.places import Case
from gateway.review.referrals import Referral, ReferralState, find_referral, locked_referral
from gateway.review.tables import OpinionRow

PhotosOfCase = Callable[[Session, str, str], Sequence[str]]
"""From a hospital and the id of a case to the ids of its photos, which nobody deletes before the transaction ends."""

MAX_ATTEMPTS = 8
"""How often a report is made where the case's study changes meanwhile."""


class OpinionKeyReused(Exception):
    """This Idempotency-Key was used with another opinion."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One opinion on its way: what becomes its row and its report."""

    id: str
    case: Case
    said: Said
    given_at: datetime

    def check_same(self, earlier: GivenOpinion) -> None:
        """Raise OpinionKeyReused where `earlier`, under the same id, says something else or of something else."""
        if (earlier.case_id, earlier.said) != (self.case.id, self.said):
            raise OpinionKeyReused("this Idempotency-Key was used with another opinion")


@dataclass(frozen=True, slots=True)
class Answering:
    """Takes opinions on referrals; `reports` makes and archives their reports.

    What is said first of a case becomes the label of each of its photos, which `photos_of` names.
    """

    reports: OpinionReports
    photos_of: PhotosOfCase

    def give(self, caller: Caller, referral_id: str, said: Said, *, idempotency_key: str | None) -> GivenOpinion:
        """The opinion as it is kept, now or before: the same request again changes nothing.

        Raises NotPermitted, UnknownReferral, OpinionKeyReused, InvalidFactsError, StoreRefused; PlaceTaken where
        the case changes all the time.
        """
        scope = caller.require_hospital_wide(Permission.REVIEW)
        with self.reports.database.read() as session:
            referral = find_referral(session, scope, referral_id)
            case = find_case(session, scope, referral.case_id)
            answer = self._begin(caller, referral, case, self._complete(said), idempotency_key)
            earlier = find_opinion(session, answer.id)
        if earlier is not None:
            return self._again(caller, answer, earlier)
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return self._give(caller, referral_id, answer)
            except PlaceTaken:
                continue
        return self._give(caller, referral_id, answer)

    def _complete(self, said: Said) -> Said:
        """With the site's institution where no organization was named; raises InvalidFactsError."""
        organization = said.organization or self.reports.settings.site.institution
        if not organization:
            raise InvalidFactsError("organization", "is missing, and the settings name no institution")
        if not said.diagnoses and not said.comment:
            raise InvalidFactsError("diagnoses", "are missing, and so is a comment: nothing is said")
        return Said(said.doctor, organization, tuple(said.diagnoses), said.comment)

    @staticmethod
    def _begin(caller: Caller, referral: Referral, case: Case, said: Said, idempotency_key: str | None) -> _Answer:
        if idempotency_key is None:
            opinion_id = content_id(caller.id, referral.id, referral.opened_at, said)
        else:
            opinion_id = keyed_id(caller.id, idempotency_key)
        return _Answer(opinion_id, case, said, now())

    def _again(self, caller: Caller, answer: _Answer, earlier: GivenOpinion) -> GivenOpinion:
        answer.check_same(earlier)
        with self.reports.database.write() as unit_of_work:
            _audit(unit_of_work, caller, answer)
        return earlier

    def _give(self, caller: Caller, referral_id: str, answer: _Answer) -> GivenOpinion:
        opinion = self._opinion(answer)
        with (
            self.reports.made(answer.case, answer.id, opinion) as report,
            self.reports.database.write() as unit_of_work,
        ):
            lock_case(unit_of_work.session, answer.case.id)  # first, as photos of the case do
            referral = locked_referral(unit_of_work.session, answer.case.id)
            earlier = find_opinion(unit_of_work.session, answer.id)
            _audit(unit_of_work, caller, answer)
            if earlier is not None:  # the same request, at the same moment
                answer.check_same(earlier)
                return earlier
            # Before the study is touched, as who deletes a photo does: else both could wait for each other.
            photos = self._labelled(unit_of_work.session, answer)
            given = self._keep(unit_of_work, caller, answer, report)
            self._label(unit_of_work, caller, answer, photos)
            if referral is not None:
                referral.state = ReferralState.ANSWERED.value
            data = {"opinion_id": answer.id, "case_id": answer.case.id}
            hospital, subject = answer.case.patient.hospital, f"referral/{referral_id}"
            record(unit_of_work, EventType.OPINION_READY, hospital=hospital, subject=subject, data=data)
            return given

    def _labelled(self, session: Session, answer: _Answer) -> Sequence[str]:
        """The photos that the answer is a word on; a comment alone is none, and holds up nobody who deletes one."""
        if not answer.said.diagnoses:
            return ()
        return self.photos_of(session, answer.case.patient.hospital, answer.case.id)

    @staticmethod
    def _label(unit_of_work: UnitOfWork, caller: Caller, answer: _Answer, photos: Sequence[str]) -> None:
        """What was said first is a word on each photo."""
        if not photos:
            return
        first, *others = answer.said.diagnoses
        for photo_id in photos:
            add_diagnosis(
                unit_of_work,
                caller,
                hospital=answer.case.patient.hospital,
                photo_id=photo_id,
                diagnosis=first,
                alternatives=others,
                under=Permission.REVIEW,
            )

    def _opinion(self, answer: _Answer) -> Opinion:
        said, hangul_group = answer.said, self.reports.settings.site.hangul_group
        doctor = person_name(said.doctor, hangul_group=hangul_group, field="doctor")
        return Opinion(doctor, said.organization, answer.given_at, _concepts(said.diagnoses), said.comment)

    def _keep(
        self, unit_of_work: UnitOfWork, caller: Caller, answer: _Answer, report: StagedReport | None
    ) -> GivenOpinion:
        """Archive the report and add the row."""
        archived = None
        if report is not None:
            archived = archived_object(self.reports.index(unit_of_work, caller, answer.case, report))
        said = answer.said
        row = OpinionRow(
            id=answer.id,
            hospital_id=answer.case.patient.hospital,
            case_id=answer.case.id,
            given_at=answer.given_at,
            given_by=caller.id,
            doctor=said.doctor,
            organization=said.organization,
            diagnoses=list(said.diagnoses),
            comment=said.comment,
            report=archived,
        )
        unit_of_work.session.add(row)
        try:
            unit_of_work.session.flush()
        except IntegrityError as error:  # of two cases at the same moment
            raise OpinionKeyReused("this Idempotency-Key was used with another opinion") from error
        return GivenOpinion(answer.id, answer.case.id, said, answer.given_at, archived)


def _concepts(slugs: Sequence[str]) -> tuple[Concept, ...]:
    known = [diseases()[slug] for slug in slugs]
    return tuple(Concept(disease.code, disease.scheme, disease.meaning) for disease in known)


def _audit(unit_of_work: UnitOfWork, caller: Caller, answer: _Answer) -> None:
    subject, hospital = f"case/{answer.case.id}", answer.case.patient.hospital
    audit(unit_of_work.session, caller, Action.PATIENT_RECORD, subject=subject, hospital=hospital)
