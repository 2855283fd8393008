"""Somebody asks for a doctor: the patient of a case, or whoever sends photos for the clinic."""

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission
from gateway.database import UnitOfWork
from gateway.review.cases import find_case
from gateway.review.opinions import GivenOpinion, newest_opinion
from gateway.review.referrals import ASKED, Referral, refer, referral_of


def ask_for_doctor(unit_of_work: UnitOfWork, caller: Caller, case_id: str) -> tuple[Referral, GivenOpinion | None]:
    """The case's referral as it stands now, `asked` among its reasons, and its newest opinion.

    Asked twice is one referral; one that was answered opens again. It writes the audit entry. Raises NotPermitted,
    and UnknownCase for a case that the caller does not see.
    """
    scope = caller.require(Permission.SUBMIT_PHOTOS)
    session = unit_of_work.session
    case = find_case(session, scope, case_id)
    hospital = case.patient.hospital
    refer(unit_of_work, hospital=hospital, case_id=case.id, reasons=[ASKED])
    audit(session, caller, Action.PROCEDURE_RECORD, subject=f"case/{case.id}", hospital=hospital)
    session.flush()
    referral = referral_of(session, case.id)
    assert referral is not None
    return referral, newest_opinion(session, case.id)
