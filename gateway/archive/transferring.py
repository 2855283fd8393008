"""Instances that a peer wants sent, by C-MOVE or C-GET: found by their UIDs, entered in the audit trail, opened."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from dicomweb.uids import is_uid
from gateway.access.audit import Action, Outcome
from gateway.access.caller import Caller, Permission
from gateway.archive.clauses import Clause, equals
from gateway.archive.clauses import select as select_rows
from gateway.archive.read_audit import ReadAudit
from gateway.archive.retrieval import FOUND, FROM, FoundInstance
from gateway.archive.scoping import hospitals_of, of_hospitals, of_patient
from gateway.archive.storage import ObjectStorage
from gateway.database import Database

_IN_ORDER = " ORDER BY studies.id, series.series_number, series.id, instances.instance_number, instances.id LIMIT ?"


@dataclass(frozen=True, slots=True)
class TransferKeys:
    """What is wanted, by unique keys; of each that has values one has to fit. At least one of them has some."""

    patient_ids: Sequence[str] = ()
    study_instance_uids: Sequence[str] = ()
    series_instance_uids: Sequence[str] = ()
    sop_instance_uids: Sequence[str] = ()


class ScopedTransfers:
    """What one caller may have sent somewhere."""

    def __init__(self, caller: Caller, database: Database, storage: ObjectStorage, read_audit: ReadAudit) -> None:
        self._caller = caller
        self._database = database
        self._storage = storage
        self._read_audit = read_audit

    def find(self, keys: TransferKeys, *, to: str, most: int) -> Sequence[FoundInstance]:
        """The instances at their current revision, by study, series and instance number; at most one above `most`.

        Each study leaves an entry that its instances are transferred to the AE title `to`, before this returns. Of more
        than `most` none are to be, and the entry says so.

        Raises:
            NotPermitted: the caller may not read instances.
        """
        scope = self._caller.require(Permission.READ_INSTANCES)
        with self._database.reader() as reader:
            clauses = [*_clauses(keys), of_hospitals("studies.hospital_id", hospitals_of(reader, scope))]
            patient = of_patient(scope)
            if patient is not None:
                clauses.append(patient)
            query = select_rows(FOUND, FROM, clauses, _IN_ORDER)
            found = [FoundInstance(*row) for row in reader.all(query.text, (*query.values, most + 1))]
        self._enter(found if len(found) <= most else (), to)
        return found

    def open(self, instance: FoundInstance) -> BinaryIO:
        """Open its file; raises UnknownObject where it is gone, deleted meanwhile perhaps."""
        return self._storage.open(instance.object_key)

    def _enter(self, found: Sequence[FoundInstance], to: str) -> None:
        studies = Counter(instance.study_instance_uid for instance in found)
        for study_instance_uid, count in studies.items():
            detail = {"instances": count, "to": to}
            self._read_audit.enter(self._caller, Action.TRANSFERRED, subject=study_instance_uid, detail=detail)
        if not studies:
            detail = {"instances": 0, "to": to}
            self._read_audit.enter(
                self._caller, Action.TRANSFERRED, subject="nothing", outcome=Outcome.MINOR_FAILURE, detail=detail
            )


def _clauses(keys: TransferKeys) -> list[Clause]:
    named = (
        ("studies.study_instance_uid", _uids(keys.study_instance_uids)),
        ("series.series_instance_uid", _uids(keys.series_instance_uids)),
        ("instances.sop_instance_uid", _uids(keys.sop_instance_uids)),
        ("patients.patient_id", list(keys.patient_ids)),
    )
    given = (keys.study_instance_uids, keys.series_instance_uids, keys.sop_instance_uids, keys.patient_ids)
    if not any(given):
        raise ValueError("nothing is named to be transferred")
    return [equals(column, values) for (column, values), asked in zip(named, given, strict=True) if asked]


def _uids(values: Sequence[str]) -> list[str]:
    return [value for value in values if is_uid(value)]
