"""Asks a modality worklist for what is scheduled (Basic Worklist Management, PS3.4 Annex K)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from pydicom.dataset import Dataset
from pydicom.uid import UID

from dimse.addresses import RemoteAE, Timeouts
from dimse.asking import Answered, EncodedAnswer, Question, asking

MODALITY_WORKLIST_FIND: Final = UID("1.2.840.10008.5.1.4.31")

CharacterSet = Literal["ISO_IR 192", "ISO 2022 IR 149"]
"""What text beyond ASCII is asked in; PS3.3 C.12.1.1.2 wants the latter behind an empty first value."""

_RETURNED: Final = (
    *("AccessionNumber", "ReferringPhysicianName", "PatientName", "PatientID", "IssuerOfPatientID"),
    *("PatientBirthDate", "PatientSex", "StudyInstanceUID", "RequestingPhysician", "RequestingService"),
    *("RequestedProcedureDescription", "RequestedProcedureID", "AdmissionID"),
)
_RETURNED_SEQUENCES: Final = ("RequestedProcedureCodeSequence",)
_RETURNED_OF_STEP: Final = (
    *("Modality", "ScheduledStationAETitle", "ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime"),
    *("ScheduledPerformingPhysicianName", "ScheduledProcedureStepDescription", "ScheduledProcedureStepID"),
)
_RETURNED_SEQUENCES_OF_STEP: Final = ("ScheduledProtocolCodeSequence",)


@dataclass(frozen=True, slots=True)
class WorklistKeys:
    """What is looked for; empty for anything. Texts may hold the wildcards * and ?; `modality` is one.

    `dates` are the first and the last day on which a step may begin.
    """

    patient_id: str = ""
    patient_name: str = ""
    accession_number: str = ""
    requested_procedure_id: str = ""
    scheduled_procedure_step_id: str = ""
    modality: str = ""
    station_ae_title: str = ""
    dates: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class WorklistPeer:
    """The system that has the worklist, under which title we ask it, how long it may take, and in which text."""

    remote: RemoteAE
    calling_ae_title: str
    seconds: float
    character_set: CharacterSet = "ISO_IR 192"


def ask_worklist(peer: WorklistPeer, keys: WorklistKeys, modalities: Sequence[str], limit: int) -> Answered:
    """The scheduled steps that match, at most `limit`, of each of the modalities in turn (none: of any).

    Modality is matched by one value (PS3.4 K.2.2.1.1), so each is a query of its own, over one association; the time
    is for all of them. Raises dimse.asking.QueryFailed.
    """
    timeouts = Timeouts(peer.seconds, peer.seconds, peer.seconds, peer.seconds)
    deadline = time.monotonic() + peer.seconds
    answers: list[EncodedAnswer] = []
    more = left_aside = False
    with asking(peer.remote, peer.calling_ae_title, [MODALITY_WORKLIST_FIND], timeouts) as association:
        for modality in modalities or ("",):
            wanted = replace(keys, modality=modality)
            identifier = identifier_of(wanted, peer.character_set)
            room = limit - len(answers)  # none at last: whether there are more is asked all the same
            left = max(deadline - time.monotonic(), 0.0)
            found = association.ask(Question(MODALITY_WORKLIST_FIND, identifier, room, left))
            answers += found.answers
            more, left_aside = more or found.more, left_aside or found.keys_left_aside
    return Answered(tuple(answers), more, left_aside)


def identifier_of(keys: WorklistKeys, character_set: CharacterSet = "ISO_IR 192") -> Dataset:
    """The identifier of a query: the keys, and every attribute of the worklist that is of use, empty."""
    step = _empty(_RETURNED_OF_STEP, _RETURNED_SEQUENCES_OF_STEP)
    step.Modality = keys.modality
    step.ScheduledStationAETitle = keys.station_ae_title
    step.ScheduledProcedureStepID = keys.scheduled_procedure_step_id
    step.ScheduledProcedureStepStartDate = _range(keys.dates)
    identifier = _empty(_RETURNED, _RETURNED_SEQUENCES)
    identifier.PatientID = keys.patient_id
    identifier.PatientName = keys.patient_name
    identifier.AccessionNumber = keys.accession_number
    identifier.RequestedProcedureID = keys.requested_procedure_id
    identifier.ScheduledProcedureStepSequence = [step]
    identifier.SpecificCharacterSet = _declared(keys, character_set)
    return identifier


def _empty(keywords: Sequence[str], sequences: Sequence[str]) -> Dataset:
    dataset = Dataset()
    for keyword in keywords:
        setattr(dataset, keyword, "")
    for keyword in sequences:
        setattr(dataset, keyword, [])
    return dataset


def _range(dates: tuple[date, date] | None) -> str:
    if dates is None:
        return ""
    first, last = dates
    return f"{first:%Y%m%d}" if first == last else f"{first:%Y%m%d}-{last:%Y%m%d}"


def _declared(keys: WorklistKeys, character_set: CharacterSet) -> str | list[str]:
    """Nothing for ASCII, which some systems cannot read under the name of any other set."""
    texts = (keys.patient_id, keys.patient_name, keys.accession_number, keys.requested_procedure_id)
    if all(text.isascii() for text in texts):
        return ""
    return ["", character_set] if character_set.startswith("ISO 2022") else character_set
