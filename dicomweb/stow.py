"""STOW-RS: taking parts into the archive and telling what became of them (PS3.18 10.5, Annex I), apart from HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from dicomweb.archive import Archive, JsonObject, StoreOutcome, StoreSession, StoreStatus
from dicomweb.multipart import Event, PartBegin, PartData, PartEnd

_SOP_CLASS = "00081150"
_SOP_INSTANCE = "00081155"
_RETRIEVE_URL = "00081190"
_FAILURE_REASON = "00081197"
_FAILED_SEQUENCE = "00081198"
_REFERENCED_SEQUENCE = "00081199"
_OTHER_FAILURES_SEQUENCE = "0008119A"


class StoreIntake:
    """Writes the parts of one request into a store session, which begins with the first part. Blocking."""

    def __init__(self, archive: Archive, study_instance_uid: str | None) -> None:
        self._archive = archive
        self._study_instance_uid = study_instance_uid
        self._session: StoreSession | None = None

    def apply(self, events: Sequence[Event]) -> None:
        """Write what the parser found."""
        for event in events:
            if isinstance(event, PartData):
                self._begun().write(event.data)
            elif isinstance(event, PartEnd):
                self._begun().end_part()
            elif isinstance(event, PartBegin):
                self._begun()

    def _begun(self) -> StoreSession:
        if self._session is None:
            self._session = self._archive.begin_store(self._study_instance_uid)
        return self._session

    def commit(self) -> Sequence[StoreOutcome]:
        """Make the good parts durable; one outcome a part, none where there was no part."""
        if self._session is None:
            return ()
        session, self._session = self._session, None
        return session.commit()

    def abort(self) -> None:
        """Forget what was written and not committed."""
        if self._session is not None:
            session, self._session = self._session, None
            session.abort()


def store_status(outcomes: Sequence[StoreOutcome]) -> HTTPStatus:
    """200 when all are stored, 202 when some are, 409 when none is (PS3.18 10.5.3.1), 400 without any part."""
    if not outcomes:
        return HTTPStatus.BAD_REQUEST
    stored = sum(outcome.status is StoreStatus.STORED for outcome in outcomes)
    if stored == len(outcomes):
        return HTTPStatus.OK
    return HTTPStatus.ACCEPTED if stored else HTTPStatus.CONFLICT


def store_response(
    outcomes: Sequence[StoreOutcome], base_url: str, study_instance_uid: str | None = None
) -> JsonObject:
    """The Store Instances Response Module (PS3.18 Annex I.2) as DICOM JSON."""
    stored = [outcome for outcome in outcomes if outcome.status is StoreStatus.STORED]
    failed = [outcome for outcome in outcomes if outcome.status is not StoreStatus.STORED]
    sequences = {
        _FAILED_SEQUENCE: [_failed_item(outcome) for outcome in failed if outcome.sop_instance_uid],
        _REFERENCED_SEQUENCE: [_stored_item(outcome, base_url) for outcome in stored],
        _OTHER_FAILURES_SEQUENCE: [_reason(outcome) for outcome in failed if not outcome.sop_instance_uid],
    }
    study = study_instance_uid or _only_study(stored)
    url = [f"{base_url}/studies/{study}"] if study and stored else []
    response: JsonObject = {_RETRIEVE_URL: _attribute("UR", *url)}
    response.update({tag: _attribute("SQ", *items) for tag, items in sequences.items() if items})
    return response


def store_problems(outcomes: Sequence[StoreOutcome]) -> list[str]:
    """What was wrong with each part that failed, by its number from 1."""
    return [
        f"part {number}: {outcome.detail}"
        for number, outcome in enumerate(outcomes, 1)
        if outcome.status is not StoreStatus.STORED and outcome.detail
    ]


def _only_study(stored: Sequence[StoreOutcome]) -> str | None:
    studies = {outcome.study_instance_uid for outcome in stored}
    return studies.pop() if len(studies) == 1 else None


def _stored_item(outcome: StoreOutcome, base_url: str) -> JsonObject:
    url = (
        f"{base_url}/studies/{outcome.study_instance_uid}/series/{outcome.series_instance_uid}"
        f"/instances/{outcome.sop_instance_uid}"
    )
    return {**_references(outcome), _RETRIEVE_URL: _attribute("UR", url)}


def _failed_item(outcome: StoreOutcome) -> JsonObject:
    return {**_references(outcome), **_reason(outcome)}


def _references(outcome: StoreOutcome) -> JsonObject:
    return {
        _SOP_CLASS: _attribute("UI", *filter(None, [outcome.sop_class_uid])),
        _SOP_INSTANCE: _attribute("UI", *filter(None, [outcome.sop_instance_uid])),
    }


def _reason(outcome: StoreOutcome) -> JsonObject:
    return {_FAILURE_REASON: _attribute("US", int(outcome.status))}


def _attribute(vr: str, *values: Any) -> JsonObject:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}
