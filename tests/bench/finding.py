"""C-FIND of the gateway beside Orthanc's: same machine, same objects, same run.

    python -m tests.bench.finding [--catalog 1000] [--rounds 5] [--seconds 1]

Both archives are filled with the catalog of `tests.bench.catalog` first (100 000 instances take some 15 minutes). Then
each is asked in turn, over an association of its own, for so many seconds in each round, by the gateway's client, which
lets no answer wait for an acknowledgement. What both find is compared before it is timed. Printed are medians over the
rounds: milliseconds of a query, those of the server's CPU, and how many times as long Orthanc takes.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from dimse.addresses import RemoteAE, Timeouts
from dimse.asking import Asking, Question, asking
from dimse.query_models import STUDY_ROOT_FIND
from tests.bench.catalog import IN_STUDY, Place, place
from tests.bench.dicomweb import Server, cpu_seconds, load
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK, Orthanc

AIM = 10.0
"""How many times as long Orthanc is to take by patient id, among 100 000 instances."""
QUERIES: dict[str, Callable[[Place], dict[str, str]]] = {
    "patient id": lambda at: {"PatientID": at.patient_id},
    "study UID": lambda at: {"StudyInstanceUID": at.study},
    "name stem": lambda at: {"PatientName": f"{at.stem}*"},
    "date": lambda at: {"StudyDate": f"{at.day}-{at.day}"},
}
_RETURNED = ("PatientID", "PatientName", "StudyDate", "StudyInstanceUID")
_MOST_ANSWERS = 1000
_QUERY_SECONDS = 60.0
_COMPARED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A server, and where it is asked."""

    server: Server
    remote: RemoteAE


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of a query, and of the server's CPU for it."""

    took: float
    cpu: float


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalog", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Orthanc(SyncStorageArea=True) as orthanc,
        GatewayProcess(Path(folder)) as gateway,
    ):
        asked = (_gateway(gateway), _orthanc(orthanc))
        for one in asked:
            load(one.server, options.catalog)
        _measure_all(asked, options)


def _gateway(gateway: GatewayProcess) -> Asked:
    assert gateway.process is not None
    server = Server("gateway", gateway.http_port, gateway.process.pid)
    return Asked(server, RemoteAE(LOOPBACK, gateway.dimse_port, "DERMGATE"))


def _orthanc(orthanc: Orthanc) -> Asked:
    assert orthanc.http_port is not None
    server = Server("Orthanc", orthanc.http_port, orthanc.pid)
    return Asked(server, RemoteAE(LOOPBACK, orthanc.dicom_port, orthanc.ae_title))


def _measure_all(asked: tuple[Asked, Asked], options: argparse.Namespace) -> None:
    studies = max(options.catalog // IN_STUDY, 1)
    print(f"{options.catalog} instances; medians of {options.rounds} rounds; ms of a query, and of the server's CPU")
    print(f"{'C-FIND by':12} {'gateway':>16} {'Orthanc':>16}   ratio (aim {AIM:g} by patient id at 100 000)")
    for name, keys in QUERIES.items():
        questions = [_question(keys(place(number * 7 % studies * IN_STUDY, 0))) for number in range(studies)]
        _compare(asked, questions[:_COMPARED], name)
        rounds: tuple[list[Round], list[Round]] = ([], [])
        for _ in range(options.rounds):
            for one, done in zip(asked, rounds, strict=True):
                done.append(_round(one, questions, options.seconds))
        ours, theirs = map(_median, rounds)
        told = f"{ours.took:8.2f} {ours.cpu:7.2f} {theirs.took:8.2f} {theirs.cpu:7.2f}"
        print(f"{name:12} {told} {theirs.took / ours.took:7.1f}", flush=True)


def _question(keys: dict[str, str]) -> Question:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = "STUDY"
    for keyword in _RETURNED:
        setattr(identifier, keyword, keys.get(keyword, ""))
    return Question(STUDY_ROOT_FIND, identifier, _MOST_ANSWERS, _QUERY_SECONDS)


def _round(asked: Asked, questions: Sequence[Question], seconds: float) -> Round:
    done = 0
    with asking(asked.remote, "BENCH", [STUDY_ROOT_FIND], Timeouts()) as conversation:
        cpu, started = cpu_seconds(asked.server.pid), time.perf_counter()
        while done == 0 or time.perf_counter() < started + seconds:
            conversation.ask(questions[done % len(questions)])
            done += 1
        took = time.perf_counter() - started
        cpu = cpu_seconds(asked.server.pid) - cpu
    return Round(took * 1000 / done, cpu * 1000 / done)


def _median(rounds: Sequence[Round]) -> Round:
    return Round(statistics.median(one.took for one in rounds), statistics.median(one.cpu for one in rounds))


def _compare(asked: Sequence[Asked], questions: Sequence[Question], name: str) -> None:
    """Refuse to time queries that find different numbers of studies, or none."""
    told = []
    for one in asked:
        with asking(one.remote, "BENCH", [STUDY_ROOT_FIND], Timeouts()) as conversation:
            told.append([_found(conversation, question) for question in questions])
    if told[0] != told[1] or not all(told[0]):
        raise SystemExit(f"by {name} the servers find different numbers of studies: {told[0]} and {told[1]}")


def _found(conversation: Asking, question: Question) -> int:
    return len(conversation.ask(question).answers)


if __name__ == "__main__":
    main()
