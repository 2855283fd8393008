"""From what was said about a photo to the facts its DICOM object is made from."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from gateway.config import SiteSettings
from gateway.conversion.body_sites import UNSPECIFIED, body_sites
from gateway.conversion.facts import (
    DeviceFacts,
    ObjectFacts,
    PatientFacts,
    PhotoFacts,
    SeriesFacts,
    SiteFacts,
    SopClass,
    StudyBegin,
    StudyFacts,
)
from gateway.conversion.uids import derived_uid, unidentified_patient_id
from gateway.intake.request import PhotoFields
from gateway.review.places import Case, Patient, Place

_SIDES = {"R": "right", "L": "left", "B": "both sides"}
_FACE = "face"


def patient_key(fields: PhotoFields, site: SiteSettings, hospital: str, submission_id: str) -> Patient:
    """Whom the photo is of; somebody unknown gets an id of their own under the gateway's own issuer.

    The issuer of an id that the sender names is the sender's to say: a hospital's number is none of the gateway's.
    """
    if not fields.patient_id:
        return Patient(hospital, site.patient_id_issuer, unidentified_patient_id(submission_id))
    return Patient(hospital, fields.issuer_of_patient_id, fields.patient_id)


def is_identified(fields: PhotoFields) -> bool:
    """Whether the sender said who the patient is."""
    return bool(fields.patient_id)


def discriminator(fields: PhotoFields, sop_class: SopClass, device: DeviceFacts | None = None) -> str:
    """What tells one series of a case from another: body site, side, kind, `device`, operator and order.

    Videos are by themselves, and so are dermoscopic photos that no dermoscopic object could be made of: a series
    has one modality, one piece of equipment, and says once who was at work on what (PS3.3 C.7.3.1, C.7.5.1).
    """
    if device is not None and not _keeps_serials(fields) and sop_class is not SopClass.DERMOSCOPIC:
        device = replace(device, serial=fields.device_serial)
    kept_apart = ""
    if sop_class is SopClass.VIDEO_PHOTOGRAPHIC:
        kept_apart = "/video"
    elif fields.kind == "dermoscopic" and sop_class is not SopClass.DERMOSCOPIC:
        kept_apart = "/XC"
    return (
        f"{fields.kind}/{fields.body_site or UNSPECIFIED}/{fields.laterality or 'U'}{kept_apart}{_by(fields, device)}"
    )


def _by(fields: PhotoFields, device: DeviceFacts | None) -> str:
    """Operator, order and camera, shortened; nothing where nothing of them is known."""
    words = [fields.operator, fields.requested_procedure_id, fields.scheduled_procedure_step_id]
    if device is not None:
        words += [device.maker, device.model, device.serial, device.software]
    if not any(words):
        return ""
    return "/" + hashlib.sha256("".join(f"{len(word)}:{word}" for word in words).encode()).hexdigest()[:16]


def series_uid(hospital: str, case: Case, kind: str, root: str) -> str:
    """The UID of the series that a first photo of this kind (its discriminator) would begin in its case."""
    return derived_uid(hospital, "series", case.id, kind, root=root)


def instance_uid(hospital: str, submission_id: str, sop_class: SopClass, root: str) -> str:
    """The UID of a submission's object as one SOP class: a retry arrives at the same."""
    return derived_uid(hospital, submission_id, "1", sop_class.value, root=root)


def object_facts(
    fields: PhotoFields,
    *,
    site: SiteSettings,
    case: Case,
    place: Place,
    sop_instance_uid: str,
    received_at: datetime,
    software_version: str,
    begin: StudyBegin | None = None,
    lesion_issuer: str | None = None,
) -> ObjectFacts:
    """Everything the object says beside its pixels.

    `begin` is how the case's study says when it began, where it has objects already; `lesion_issuer` the issuer that
    the patient's lesions are named by, where it is not the patient's own.
    """
    return ObjectFacts(
        patient=PatientFacts(
            patient_id=case.patient.patient_id,
            issuer_of_patient_id=case.patient.issuer_of_patient_id,
            name=fields.patient_name,
            birth_date=fields.patient_birth_date,
            sex=fields.patient_sex,
            age=fields.patient_age or "",
        ),
        study=StudyFacts(
            study_instance_uid=case.study_instance_uid,
            study_id=fields.requested_procedure_id or case.id[:12].upper(),
            started_at=case.started_at,
            accession_number=case.accession_number,
            admission_id=fields.admission_id,
            begin=begin,
            description=fields.study_description,
            requesting_service=fields.requesting_service,
            requested_procedure_id=fields.requested_procedure_id,
            scheduled_step_id=fields.scheduled_procedure_step_id,
        ),
        series=SeriesFacts(place.series_instance_uid, place.series_number, _series_description(fields)),
        sop_instance_uid=sop_instance_uid,
        instance_number=place.instance_number,
        received_at=received_at,
        software_version=software_version,
        device=device_facts(fields),
        photo=_photo_facts(fields, case, site, lesion_issuer),
        site=site_facts(site),
        operator=fields.operator,
        referring_physician=fields.referring_physician,
        burned_in_annotation=fields.burned_in_annotation,
        recognizable_features=is_recognizable(fields),
        keeps_serials=_keeps_serials(fields),
    )


def device_facts(fields: PhotoFields) -> DeviceFacts:
    """The camera, as far as the sender named it."""
    return DeviceFacts(fields.device_maker, fields.device_model, fields.device_serial, fields.device_software)


def site_facts(site: SiteSettings) -> SiteFacts:
    """The place, for conversion."""
    return SiteFacts(
        institution=site.institution,
        station=site.station,
        department=site.department,
        timezone=site.zone,
        hangul_group=site.hangul_group,
        content_qualification=site.content_qualification,
    )


def is_recognizable(fields: PhotoFields) -> bool | None:
    """Whether somebody may be known by the picture, as the sender says; unsaid, by a face; None: not told."""
    return (_shows_face(fields) or None) if fields.recognizable is None else fields.recognizable


def _keeps_serials(fields: PhotoFields) -> bool:
    """Whether the camera may be told from all others: not the telephone of the patient, who is known by it."""
    return fields.taken_by != "patient"


def _photo_facts(fields: PhotoFields, case: Case, site: SiteSettings, lesion_issuer: str | None) -> PhotoFacts:
    lesion = ""
    if fields.lesion_id:
        patient = case.patient
        issuer = patient.issuer_of_patient_id if lesion_issuer is None else lesion_issuer
        key = (patient.hospital, "lesion", issuer, patient.patient_id, fields.lesion_id)
        lesion = derived_uid(*key, root=site.uid_root or "")
    return PhotoFacts(
        kind=fields.kind,
        body_site=fields.body_site,
        laterality=fields.laterality,
        captured_at=fields.captured_at,
        polarized=fields.polarized,
        contact=fields.contact,
        immersion=fields.immersion,
        magnification=fields.magnification,
        size_mm=fields.size_mm,
        pixel_spacing_mm=_spacing(fields),
        shape=fields.shape,
        symptoms=fields.symptoms,
        onset=fields.onset,
        note=fields.note,
        tracking_uid=lesion,
        tracking_id=fields.lesion_id,
    )


def _spacing(fields: PhotoFields) -> tuple[float, float] | None:
    if fields.pixel_spacing_mm is None:
        return None
    rows, columns = map(float, fields.pixel_spacing_mm.split("\\"))
    return rows, columns


def _series_description(fields: PhotoFields) -> str:
    """As a viewer lists it: `Clinical, Forearm, left`."""
    site = body_sites().get(fields.body_site or UNSPECIFIED)
    words = (fields.kind.capitalize(), "" if site is None else site.english, _SIDES.get(fields.laterality or "U", ""))
    return ", ".join(word for word in words if word)


def _shows_face(fields: PhotoFields) -> bool:
    """Whether a photo is said to be of the face, a part of it, or what it is a part of, as the head is.

    Others may show one as well: nobody looks. Skin that nobody named is of no place.
    """
    named = fields.body_site or UNSPECIFIED
    if fields.kind != "clinical" or named == UNSPECIFIED:
        return False
    return _FACE in _with_ancestors(named) or named in _with_ancestors(_FACE)


def _with_ancestors(slug: str) -> Iterator[str]:
    site = body_sites().get(slug)
    while site is not None:
        yield site.slug
        site = body_sites().get(site.parent or "")
