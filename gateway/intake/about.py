"""What submissions show and of whom, as far as a caller may know it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.caller import Caller, Permission
from gateway.archive.storage import Kind
from gateway.archive.subjects import Subject, subjects
from gateway.conversion.body_sites import find_body_site
from gateway.conversion.uids import unidentified_patient_id
from gateway.intake.explainable import explanation_place
from gateway.intake.tables import SubmissionRow
from gateway.language import Language

_WRITTEN = ("symptoms", "onset", "shape", "size_mm", "note")


def about(
    session: Session, caller: Caller, rows: Sequence[SubmissionRow], language: Language
) -> Mapping[str, dict[str, Any]]:
    """By the submissions' ids, those members of their JSON that say what was posted and of whom."""
    archived = subjects(session, [row.instance_id for row in rows if row.instance_id is not None])
    return {row.id: _about(row, archived.get(row.instance_id or 0), _knows_patients(caller), language) for row in rows}


def _knows_patients(caller: Caller) -> bool:
    """Whether patients are named to the caller: only to who may find the same in every DICOM object of the hospital."""
    return caller.patient is None and caller.may(Permission.READ_INSTANCES)


def _about(row: SubmissionRow, subject: Subject | None, names_patient: bool, language: Language) -> dict[str, Any]:
    said = row.fields
    return {
        "patient_id": _patient_id(row, subject) if names_patient else None,
        "body_site": _body_site(said.get("body_site", ""), language),
        "laterality": said.get("laterality"),
        "kind": said.get("kind", "clinical"),
        "said": _written_beside(said) if names_patient else None,
        "media": _media(row),
        "frames": None if subject is None else subject.frames,
        "picture": None if row.picture_key is None else f"/api/v1/photos/{row.id}/picture",
        "explanation": explanation_place(row),
    }


def _written_beside(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """What its sender wrote of it, who may have named somebody; None where that is nothing."""
    written = {name: said[name] for name in _WRITTEN if said.get(name)}
    return {**dict.fromkeys(_WRITTEN), **written} if written else None


def _patient_id(row: SubmissionRow, subject: Subject | None) -> str | None:
    """As the archive has it, where photos of the case may have told or corrected it since; else as it was said."""
    if subject is None:
        return row.fields.get("patient_id")
    unknown = subject.patient_id == unidentified_patient_id(row.case_id or "")
    return None if unknown else subject.patient_id or None


def _body_site(slug: str, language: Language) -> dict[str, str] | None:
    site = find_body_site(slug)
    return None if site is None else {"slug": site.slug, "name": site.korean if language == "ko" else site.english}


def _media(row: SubmissionRow) -> str | None:
    """`photo` or `video`; None of what could not be processed, which may have been anything."""
    if row.problem is not None:
        return None
    waits_as_video = (row.upload_key or "").endswith(f".{Kind.VIDEO}")
    return "video" if waits_as_video or "frame" in (row.judgement or {}) else "photo"
