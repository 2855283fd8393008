"""STOW-RS: telling what became of the parts of a store request (PS3.18 10.5.3, Annex I), apart from HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from dicomweb.archive import JsonObject, StoreOutcome, StoreStatus

_SOP_CLASS = "00081150"
_SOP_INSTANCE = "00081155"
_RETRIEVE_URL = "00081190"
_FAILURE_REASON = "00081197"
_FAILED_SEQUENCE = "00081198"
_REFERENCED_SEQUENCE = "00081199"
_OTHER_FAILURES_SEQUENCE = "0008119A"


def store_status(outcomes: Sequence[StoreOutcome]) -> HTTPStatus:
    """200 when all are stored, 202 when some are, 409 when none is (PS3.18 10.5.3.1).

    400 without any part; 507 where nothing but room was wanting, so that the sender can try again.
    """
    if not outcomes:
        return HTTPStatus.BAD_REQUEST
    if all(outcome.status is StoreStatus.OUT_OF_RESOURCES for outcome in outcomes):
        return HTTPStatus.INSUFFICIENT_STORAGE
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
    """What was wrong with each part that failed, and which one it was."""
    return [one.detail for one in outcomes if one.status is not StoreStatus.STORED and one.detail]


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
