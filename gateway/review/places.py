"""Whom a case is of, and where its instances go: values and their rules only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from gateway.conversion.uids import unidentified_patient_id

REPORTS_OFFSET = 100
"""What the number of a series of reports is above that of its images."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom a case is of; all three together tell one patient from another."""

    hospital: str
    issuer_of_patient_id: str
    patient_id: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case as others see it; `started_at` is the date and time of its study."""

    id: str
    patient: Patient
    study_instance_uid: str
    accession_number: str
    started_at: datetime

    @property
    def is_identified(self) -> bool:
        """Whether anybody has said who the patient is."""
        return self.patient.patient_id != unidentified_patient_id(self.id)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a case's study an instance goes; both numbers count from 1."""

    series_instance_uid: str
    series_number: int
    instance_number: int


def next_series_number(last: int, used: Collection[int] = ()) -> int:
    """The number of the next series of images after `last` (0 for none): `used` ones stay others'.

    Hundreds are dealt out in turns, 1 to 99 to images and 101 to 199 to their reports, 201 to 299 to images again:
    so that the numbers of reports follow their images' and never meet any. No image has a round hundred: opinions
    have 1000.
    """
    number = last + 1
    while not _is_for_images(number) or number in used or number + REPORTS_OFFSET in used:
        number += 1
    return number


def _is_for_images(number: int) -> bool:
    hundreds, rest = divmod(number, REPORTS_OFFSET)
    return hundreds % 2 == 0 and rest != 0
