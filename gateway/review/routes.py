"""Labels, referrals and opinions over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Body, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.audit import Action, audit
from gateway.access.caller import Permission
from gateway.access.http import CallerDependency, DatabaseDependency, IdempotencyKey
from gateway.config import Settings
from gateway.language import Language, choose_language
from gateway.problems import Problem, problems
from gateway.review.answering import Answering, OpinionKeyReused
from gateway.review.asking import ask_for_doctor
from gateway.review.documents import PostedOpinion, ReferralPage, ReferralView, ShownOpinion
from gateway.review.label_feed import EARLIER_KINDS, FactsOf, Kind, Source, read_labels, with_facts
from gateway.review.opinions import GivenOpinion, shown_opinion
from gateway.review.referrals import WAITING, Referral, ReferralState, UnknownReferral, list_referrals

STATUSES: Mapping[type[Exception], int] = {UnknownReferral: 404, OpinionKeyReused: 422}

router = APIRouter(tags=["review"], responses=problems(401, 403, 422))


class SampleFactsView(BaseModel):
    """What a trainer may know of a labelled photo; who is shown cannot be found by it."""

    model_config = ConfigDict(from_attributes=True)

    patient: str | None = Field(description="the same for all photos of one patient; null where nobody was named")
    lesion: str | None
    sex: str | None
    age: int | None = Field(description="in whole years; 90 for all who are older")
    body_site: str | None
    kind: str


class LabelView(BaseModel):
    """What a doctor or a rule said of a photo; `said_by` is the key or account that posted it."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    hospital: str
    photo_id: str
    kind: Kind = Field(description="deletion: the photo is gone, and nothing that was said of it counts any more")
    usable: bool | None
    reason: str | None
    diagnosis: str | None = Field(description="a code of GET /api/v1/diseases")
    alternatives: list[str] = Field(description="what the same doctor holds possible as well")
    withdrawn: bool = Field(description="the same caller takes back what was said before")
    superseded: bool = Field(description="the same caller has said something else since, or the photo is gone")
    source: Source
    said_at: datetime
    said_by: str
    about: SampleFactsView | None = Field(description="for the role trainer, of photos that are still there")


class LabelPage(BaseModel):
    """One page of labels; `next` is the `after` of the following one, `more` says whether it may hold any yet."""

    labels: list[LabelView]
    next: int
    more: bool


@router.get("/labels")
def get_labels(
    *,
    request: Request,
    caller: CallerDependency,
    database: DatabaseDependency,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    kind: Annotated[list[Kind], Query(max_length=3)] = list(EARLIER_KINDS),  # noqa: B006 - FastAPI copies it
) -> LabelPage:
    """List what doctors and rules said of photos, numbered above `after`, in order.

    `kind`, once or more, asks for `diagnosis` and `deletion` as well; a reader who says none gets `suitability` alone.
    """
    with database.read() as session:
        labels = read_labels(session, caller, after=after, limit=limit, kinds=kind)
        if labels and caller.may(Permission.READ_SAMPLE_FACTS):
            facts_of: FactsOf = request.app.state.sample_facts
            labels = with_facts(session, caller, labels, facts_of)
    if labels and caller.may(Permission.READ_SAMPLE_FACTS):
        with database.write() as unit_of_work:
            audit(unit_of_work.session, caller, Action.EXPORTED, subject="labels", detail={"labels": len(labels)})
    return LabelPage(
        labels=[LabelView.model_validate(label) for label in labels],
        next=labels[-1].number if labels else after,
        more=len(labels) == limit,
    )


@router.get("/referrals")
def get_referrals(
    request: Request,
    caller: CallerDependency,
    database: DatabaseDependency,
    state: Annotated[list[ReferralState], Query(max_length=len(ReferralState))] = list(WAITING),  # noqa: B006 - FastAPI copies it
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReferralPage:
    """List the referrals that wait for an answer, the oldest first; `state`, once or more, asks for others."""
    language = _language(request)
    with database.write() as unit_of_work:
        found = list_referrals(unit_of_work, caller, states=state, limit=limit)
    return ReferralPage(referrals=[_view(referral, opinion, language) for referral, opinion in found])


async def _no_words(request: Request) -> None:
    """A referral keeps no words: whoever sends some is told before anything happens, and where they are kept."""
    if not _says_nothing(await request.body()):
        fault = {"field": "body", "fault": "is not taken: what the doctor should know goes with a photo, as its `note`"}
        raise Problem(422, "the request cannot be used as it is", errors=[fault])


def _says_nothing(body: bytes) -> bool:
    """Nothing, null or an object without members: some clients always send a body."""
    try:
        return not body.strip() or orjson.loads(body) in (None, {})
    except orjson.JSONDecodeError:
        return False


@router.post("/cases/{case_id}/referral", responses=problems(404, 413))
def post_referral(
    request: Request,
    caller: CallerDependency,
    database: DatabaseDependency,
    case_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")],
    _nothing: Annotated[None, Depends(_no_words)],
) -> ReferralView:
    """Ask that a dermatologist looks at a case, whatever the models say of it; asked twice is one referral.

    It takes no words: what the doctor should know goes with a photo of the case, as its `note`.
    """
    with database.write() as unit_of_work:
        referral, opinion = ask_for_doctor(unit_of_work, caller, case_id)
    return _view(referral, opinion, _language(request))


@router.post("/referrals/{referral_id}/opinion", status_code=201, responses=problems(400, 404, 408, 409, 413, 503, 507))
def post_opinion(
    request: Request,
    caller: CallerDependency,
    referral_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")],
    opinion: Annotated[PostedOpinion, Body()],
    idempotency_key: IdempotencyKey = None,
) -> ShownOpinion:
    """Answer a referral with a dermatologist's opinion: it becomes a verified report in the case's study.

    The same request again gives the same opinion, by its `Idempotency-Key` or else by what it says.
    """
    answering: Answering = request.app.state.answering
    given = answering.give(caller, referral_id, opinion.said(), idempotency_key=idempotency_key)
    return ShownOpinion.model_validate(shown_opinion(given, _language(request)))


def _view(referral: Referral, opinion: GivenOpinion | None, language: Language) -> ReferralView:
    return ReferralView(
        id=referral.id,
        hospital=referral.hospital,
        case_id=referral.case_id,
        state=referral.state,
        reasons=list(referral.reasons),
        opened_at=referral.opened_at,
        opinion=None if opinion is None else ShownOpinion.model_validate(shown_opinion(opinion, language)),
    )


def _language(request: Request) -> Language:
    settings: Settings = request.app.state.settings
    return choose_language(request.headers.get("accept-language"), settings.site.language)
