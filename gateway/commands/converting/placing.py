"""Where a file's object belongs and what it is called: case, series and identifiers, all from what is given.

Nothing is taken from the clock or by chance, so that the same file under the same name, with the same fields, always
gives the same identifiers. Where nobody said when a photo was taken and it does not say so itself, its file's time of
change stands for that, and is part of what the identifiers are made of: with another one it is another object.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import orjson

from gateway.commands.converting.planning import Task
from gateway.config import DEFAULT_HOSPITAL, SiteSettings
from gateway.conversion.facts import ObjectFacts, SopClass
from gateway.conversion.uids import derived_uid
from gateway.intake.facts import discriminator, instance_uid, is_identified, object_facts, patient_key, series_uid
from gateway.review.places import Case, Place

DatedBy = Literal["said", "picture", "file"]
"""Who told when a photo was taken: whoever described it, the photo or video itself, or its file's time of change."""


@dataclass(frozen=True, slots=True)
class Own:
    """What one file says of itself: the digest of its bytes in hexadecimal, and when it was taken (aware).

    `from_file` says that this is the file's time of change, since the picture tells nothing.
    """

    digest: str
    taken: datetime
    from_file: bool = False

    @classmethod
    def of(cls, digest: str, taken: datetime | None, changed_at: datetime) -> "Own":
        """What a file says that tells its moment, or (None) does not and was changed last at `changed_at`."""
        return cls(digest, changed_at, from_file=True) if taken is None else cls(digest, taken)


@dataclass(frozen=True, slots=True)
class Placed:
    """A file as a submission, all that its object says beside its pixels, and who told its moment."""

    submission: str
    facts: ObjectFacts
    dated_by: DatedBy


@dataclass(frozen=True, slots=True)
class Placing:
    """Places files by the site's settings."""

    site: SiteSettings
    software_version: str

    def place(self, task: Task, own: Own, lead: Own, sop_class: SopClass) -> Placed:
        """The place of one file; `lead` is what the first file of its case says, or `own` where it is that."""
        said = orjson.dumps(task.fields.said()).decode()
        submission = _key("photo", own.digest, task.name, task.case, said, *_changes(task, own, lead))
        case, root = self._case(task, submission, lead), self.site.uid_root or ""
        series = series_uid(DEFAULT_HOSPITAL, case, discriminator(task.fields, sop_class), root)
        facts = object_facts(
            task.fields,
            site=self.site,
            case=case,
            place=Place(series, task.series_number, task.instance_number),
            sop_instance_uid=instance_uid(DEFAULT_HOSPITAL, submission, sop_class, root),
            received_at=task.fields.captured_at or own.taken,
            software_version=self.software_version,
        )
        return Placed(submission, facts, _dated_by(task, own))

    def _case(self, task: Task, submission: str, lead: Own) -> Case:
        fields, site = task.fields, self.site
        identity = (fields.issuer_of_patient_id, fields.patient_id) if is_identified(fields) else (lead.digest,)
        if task.case:
            case_id = _key("case", *identity, task.case, *_change("begun", task.started_at, lead))
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


def _dated_by(task: Task, own: Own) -> DatedBy:
    if task.fields.captured_at is not None:
        return "said"
    return "file" if own.from_file else "picture"


def _changes(task: Task, own: Own, lead: Own) -> list[str]:
    """The times of change that stand in the object: its file's, and that of the case's first file."""
    return [*_change("taken", task.fields.captured_at, own), *_change("begun", task.started_at, lead)]


def _change(what: str, said: datetime | None, own: Own) -> list[str]:
    """A time of change, where it stands for a moment that nobody said."""
    return [what, own.taken.isoformat()] if said is None and own.from_file else []


def _key(*parts: str) -> str:
    """32 hexadecimal digits that these parts always give; differently divided parts give others."""
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()[:32]
