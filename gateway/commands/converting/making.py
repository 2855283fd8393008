"""One photo becomes its object: read, cleaned, placed, made; every value from the photo and what is said of it.

Nothing is taken from the clock or by chance, so that the same photo under the same name, with the same fields,
always gives the same bytes. Where nobody said when a photo was taken and it does not say so itself, its file's time of
change stands for that.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from gateway.commands.converting.planning import Task
from gateway.commands.converting.terms import Terms
from gateway.config import DEFAULT_HOSPITAL
from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import ConversionError
from gateway.conversion.facts import ObjectFacts, SopClass
from gateway.conversion.part10 import DicomObject
from gateway.conversion.photo import choose_sop_class, photo_to_dicom
from gateway.conversion.picture import CleanPicture
from gateway.conversion.uids import derived_uid
from gateway.intake.facts import (
    device_facts,
    discriminator,
    instance_uid,
    is_identified,
    object_facts,
    patient_key,
    series_uid,
)
from gateway.review.places import Case, Place

_KEPT_LEADS = 256


class NotAFile(ConversionError):
    """The path is no regular file, or a file larger than allowed."""

    code = "not_a_file"


@dataclass(frozen=True, slots=True)
class MadeObject:
    """A photo's object, with the photo and the facts it was made from."""

    photo: bytes
    facts: ObjectFacts
    dicom: DicomObject


@dataclass(frozen=True, slots=True)
class _Lead:
    """What a case takes from its first file."""

    digest: str
    taken: datetime


class Maker:
    """Makes objects, and remembers the leads of cases. Not for use by two threads at a time."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._leads: dict[Path, _Lead] = {}

    def make(self, task: Task) -> MadeObject:
        """The object of one photo. Raises ConversionError, OSError."""
        photo, picture, own = self._look(task.path)
        moment = task.fields.captured_at or own.taken
        lead = _Lead(own.digest, moment) if task.path == task.lead else self._lead(task.lead, own)
        submission = _key("photo", own.digest, task.name, task.case, orjson.dumps(task.fields.said()).decode())
        case = self._case(task, submission, lead)
        sop_class = self._sop_class(task, picture)
        facts = self._facts(task, case, submission, sop_class, moment)
        return MadeObject(photo, facts, photo_to_dicom(picture, facts, sop_class))

    def _look(self, path: Path) -> tuple[bytes, CleanPicture, _Lead]:
        photo, changed_at = read_photo(path, self._terms.max_bytes)
        picture = clean_picture(photo, max_pixels=self._terms.max_pixels)
        taken = picture.exif.taken
        own = _Lead(hashlib.sha256(photo).hexdigest(), changed_at if taken is None else taken.at(self._terms.site.zone))
        if len(self._leads) >= _KEPT_LEADS:
            self._leads.clear()
        self._leads[path] = own
        return photo, picture, own

    def _lead(self, path: Path, otherwise: _Lead) -> _Lead:
        """What the case's first file says; the photo itself where that file cannot be used."""
        if path not in self._leads:
            try:
                self._look(path)
            except (ConversionError, OSError):
                return otherwise
        return self._leads[path]

    def _case(self, task: Task, submission: str, lead: _Lead) -> Case:
        fields, site = task.fields, self._terms.site
        identity = (fields.issuer_of_patient_id, fields.patient_id) if is_identified(fields) else (lead.digest,)
        if task.case:
            case_id = _key("case", *identity, task.case)
        elif fields.study_instance_uid:
            case_id = _key("study", fields.study_instance_uid)
        else:
            case_id = submission
        study = fields.study_instance_uid or derived_uid(DEFAULT_HOSPITAL, "study", case_id, root=site.uid_root or "")
        return Case(
            id=case_id,
            patient=patient_key(fields, site, DEFAULT_HOSPITAL, case_id),
            study_instance_uid=study,
            accession_number=fields.accession_number,
            started_at=task.started_at or lead.taken,
        )

    def _facts(self, task: Task, case: Case, submission: str, sop_class: SopClass, moment: datetime) -> ObjectFacts:
        site = self._terms.site
        series = series_uid(DEFAULT_HOSPITAL, case, discriminator(task.fields, sop_class), site.uid_root or "")
        return object_facts(
            task.fields,
            site=site,
            case=case,
            place=Place(series, task.series_number, task.instance_number),
            sop_instance_uid=instance_uid(DEFAULT_HOSPITAL, submission, sop_class, site.uid_root or ""),
            received_at=moment,
            software_version=self._terms.software_version,
        )

    def _sop_class(self, task: Task, picture: CleanPicture) -> SopClass:
        return choose_sop_class(
            task.fields.kind,
            device_facts(task.fields),
            picture.exif,
            secondary_capture=self._terms.store_as == "secondary_capture",
            frames=picture.frames,
        )


def read_photo(path: Path, max_bytes: int) -> tuple[bytes, datetime]:
    """A photo's bytes and its file's time of change; raises NotAFile, OSError."""
    # Without O_NONBLOCK opening a pipe would wait for its writer for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb", buffering=0) as source:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFile("is no regular file")
        # No more room than the file needs: fresh pages cost as much as the reading.
        photo = source.read(min(status.st_size, max_bytes) + 1)
    if len(photo) > max_bytes:
        raise NotAFile(f"is larger than {max_bytes} bytes")
    return photo, datetime.fromtimestamp(status.st_mtime, UTC)


def _key(*parts: str) -> str:
    """32 hexadecimal digits that these parts always give; differently divided parts give others."""
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()[:32]
