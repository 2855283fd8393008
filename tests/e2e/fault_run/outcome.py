"""What a fault run came to: what was archived, what each destination's own store holds, and what the outbox says."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydicom import dcmread

from tests.e2e.fault_run.hospital import DESTINATIONS, FAULTY, ORTHANC, WEB, Hospital
from tests.e2e.fault_run.outbox import DeliveryRecord, archived, attempts, deliveries
from tests.e2e.fault_run.shelf import Arrival, sha256_of_data_set

INSTANCES_OF_A_PHOTO = 2
"""Itself, and its report."""
_PROVEN = {ORTHANC: {"commitment", "query"}, FAULTY: {"commitment", "query"}, WEB: {"qido"}}
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found when a run had settled, or its time was over.

    `archived` is the SHA-256 of each data set in the gateway's archive, by SOP Instance UID; `held` that of everything
    at each destination; `complaints` what `dermgate verify` found, and how the gateways ended.
    """

    photos: int
    took_seconds: float
    archived: Mapping[str, str]
    held: Mapping[str, Sequence[tuple[str, str]]]
    deliveries: Sequence[DeliveryRecord]
    attempts: Mapping[str, Counter[str]]
    arrivals: Sequence[Arrival]
    accidents: Counter[str]
    complaints: Sequence[str]

    def faults(self) -> list[str]:
        """Everything that is not as it should be, in words; at most some of each kind."""
        found = [self._of_archive(), self._of_deliveries(), *map(self._of_store, DESTINATIONS), self._of_arrivals()]
        return [*self.complaints, *(line for lines in found for line in list(lines)[:_SHOWN])]

    def figures(self) -> str:
        """What happened on the way, for people."""
        proofs = Counter(f"{one.destination}: {one.state} ({one.proof_kind})" for one in self.deliveries)
        came = Counter(arrival.sop_instance_uid for arrival in self.arrivals)
        lines = [
            f"{self.photos} photos, {len(self.archived)} instances, {len(self.deliveries)} deliveries",
            f"settled after {self.took_seconds:.0f} s",
            f"proofs: {_counted(proofs)}",
            *(f"attempts at {name}: {_counted(self.attempts[name])}" for name in DESTINATIONS),
            f"sent again for want of proof: {sum(one.resends for one in self.deliveries)}",
            f"arrivals at {FAULTY}: {len(self.arrivals)}, of the same instance at most {max(came.values(), default=0)}",
            f"what became of them: {_counted(Counter(arrival.fate for arrival in self.arrivals))}",
            f"accidents at {FAULTY}: {_counted(self.accidents)}",
        ]
        return "\n".join(lines)

    def _of_archive(self) -> Iterator[str]:
        if len(self.archived) != INSTANCES_OF_A_PHOTO * self.photos:
            yield f"{len(self.archived)} instances are archived of {self.photos} photos"
        if len(self.deliveries) != len(DESTINATIONS) * len(self.archived):
            yield f"{len(self.deliveries)} deliveries for {len(self.archived)} instances"

    def _of_deliveries(self) -> Iterator[str]:
        for one in self.deliveries:
            stands_by_commitment = one.state == "committed"
            is_proven = one.state in {"committed", "confirmed"} and one.proof_kind in _PROVEN[one.destination]
            names_proof = (one.proof_transaction_uid is not None) is stands_by_commitment
            if not (is_proven and names_proof and stands_by_commitment is (one.proof_kind == "commitment")):
                yield f"not proven: {one}"

    def _of_store(self, name: str) -> Iterator[str]:
        times = Counter(uid for uid, _sha256 in self.held[name])
        yield from (f"{name} holds what nobody sent: {uid}" for uid in times.keys() - self.archived.keys())
        yield from (f"{name} lacks {uid}" for uid in self.archived.keys() - times.keys())
        yield from (f"{name} holds {uid} {count} times" for uid, count in times.items() if count > 1)
        yield from (
            f"{name} holds {uid} with other bytes"
            for uid, sha256 in self.held[name]
            if sha256 != self.archived.get(uid, sha256)
        )

    def _of_arrivals(self) -> Iterator[str]:
        for arrival in self.arrivals:
            if arrival.sha256 != self.archived.get(arrival.sop_instance_uid):
                yield f"what came to {FAULTY} as {arrival.sop_instance_uid} was something else ({arrival.fate})"


def gather(hospital: Hospital, photos: int, took_seconds: float) -> Outcome:
    """Look into everything; the gateways are stopped for that."""
    at_orthanc = list(_held_by_orthanc(hospital))
    gateways = {"gateway": hospital.gateway, WEB: hospital.web}
    complaints = [f"{name} ended with {code}" for name, process in gateways.items() if (code := process.stop()) != 0]
    for name, process in gateways.items():
        verified = process.run("verify")
        if verified.returncode:
            complaints.append(f"dermgate verify at {name}: {verified.stdout}{verified.stderr}")
    database = hospital.gateway.database
    return Outcome(
        photos=photos,
        took_seconds=took_seconds,
        archived=dict(archived(database)),
        held={
            ORTHANC: at_orthanc,
            FAULTY: [(uid, sha256_of_data_set(file)) for uid, file in hospital.faulty.files().items()],
            WEB: archived(hospital.web.database),
        },
        deliveries=deliveries(database),
        attempts={name: attempts(database, name) for name in DESTINATIONS},
        arrivals=hospital.faulty.arrivals(),
        accidents=hospital.faulty.accidents(),
        complaints=complaints,
    )


def _held_by_orthanc(hospital: Hospital) -> Iterator[tuple[str, str]]:
    for orthanc_id in hospital.orthanc.instances():
        file = hospital.orthanc.fetch_file(orthanc_id)
        uid = str(dcmread(io.BytesIO(file), stop_before_pixels=True).SOPInstanceUID)
        yield uid, sha256_of_data_set(file)


def _counted(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counter.items(), key=lambda item: -item[1]))
