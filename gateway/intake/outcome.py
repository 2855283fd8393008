"""What became of a photo, written down: the submission's row, its event, its audit entry, its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller
from gateway.database import UnitOfWork
from gateway.events.log import EventType, record
from gateway.intake import idempotency
from gateway.intake.about import about
from gateway.intake.judging import Verdict, judgement_json, ranking_json
from gateway.intake.placing import Arrival
from gateway.intake.submission import Delivery, SubmissionState, render
from gateway.intake.tables import SubmissionRow
from gateway.language import Language
from gateway.library.resemblance.showing import EXAMPLES, live_cases


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to a posted photo: an HTTP status, the JSON of the submission, and its id."""

    status: int
    body: bytes
    submission_id: str


class Withdrawn(Exception):
    """The photo was deleted before it was processed."""


@dataclass(frozen=True, slots=True)
class Work:
    """One photo on its way, and who waits for the answer; `kept` says that it has a row already.

    The bytes of a video are not held: `photo` is empty.
    """

    arrival: Arrival
    caller: Caller
    photo: bytes
    language: Language
    claim: idempotency.Claim | None = None
    kept: bool = False


def submission_row(unit_of_work: UnitOfWork, work: Work, state: SubmissionState) -> SubmissionRow:
    """The submission's row, new or the one that was kept for later, in its next state; raises Withdrawn."""
    row = None
    if work.kept:
        row = unit_of_work.session.get(SubmissionRow, work.arrival.submission_id, with_for_update=True)
        if row is None or row.state != SubmissionState.PROCESSING:
            raise Withdrawn("the photo was deleted before it was processed")
    else:
        row = SubmissionRow(
            id=work.arrival.submission_id,
            hospital_id=work.arrival.hospital,
            caller_id=work.caller.id,
            patient=work.caller.patient,
            received_at=work.arrival.received_at,
            fields=work.arrival.fields.said(),
            worklist=None if work.arrival.order_note is None else dict(work.arrival.order_note),
        )
        unit_of_work.session.add(row)
    row.state = state.value
    row.claimed_until = None
    return row


def note_models(row: SubmissionRow, verdict: Verdict) -> None:
    """Keep what the models said."""
    row.judgement = judgement_json(verdict)
    if verdict.ranking is not None:
        row.ranking = ranking_json(verdict.ranking, verdict.told) | {EXAMPLES: dict(verdict.examples)}
        row.embedding = verdict.ranking.embedding.tobytes()


def note_picture(row: SubmissionRow, key: str, offset: int, length: int, media_type: str) -> None:
    """Keep where the picture lies."""
    row.picture_key = key
    row.picture_offset = offset
    row.picture_length = length
    row.picture_media_type = media_type


def tell(unit_of_work: UnitOfWork, work: Work, event_type: EventType, data: dict[str, Any]) -> None:
    """Record the event."""
    arrival = work.arrival
    subject = f"photo/{arrival.submission_id}"
    record(unit_of_work, event_type, hospital=arrival.hospital, subject=subject, data=data)


def answer(
    unit_of_work: UnitOfWork,
    work: Work,
    row: SubmissionRow,
    *,
    status: int,
    referral: dict[str, Any],
    destinations: Sequence[str] = (),
) -> Answer:
    """Audit the submission, and give the answer, kept under its Idempotency-Key; raises KeyInFlight."""
    arrival = work.arrival
    subject = f"photo/{arrival.submission_id}"
    audit(unit_of_work.session, work.caller, Action.IMPORTED, subject=subject, hospital=arrival.hospital)
    deliveries = [Delivery(destination, "queued") for destination in destinations]
    said = about(unit_of_work.session, work.caller, [row], work.language)[row.id]
    cases = live_cases(unit_of_work.session, work.caller, [row.ranking] if row.ranking else [])
    body = orjson.dumps(render(row, said, referral, deliveries, work.language, cases=cases))
    if work.claim is not None:
        idempotency.answer(unit_of_work, work.claim, status, body)
    return Answer(status, body, arrival.submission_id)
