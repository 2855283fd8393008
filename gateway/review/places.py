"""Whom a case is of, and where its instances go: values only."""

from dataclasses import dataclass
from datetime import datetime


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


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a case's study an instance goes; both numbers count from 1."""

    series_instance_uid: str
    series_number: int
    instance_number: int
