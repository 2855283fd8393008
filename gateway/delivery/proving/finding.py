"""Looking for what was sent by C-FIND at the level of instances (PS3.4 C.6.2).

Of what was corrected, the study is asked for as one of the patient it was corrected to: at the level of instances no
patient can be asked for, unless that was negotiated (PS3.4 C.4.1.2.1).
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from pydicom.dataset import Dataset
from pydicom.uid import UID

from dimse.addresses import RemoteAE, Timeouts
from dimse.asking import Answered, Asking, HungUp, QueryFailed, Question, asking
from dimse.association import AssociationFailed, Obstacle
from dimse.querying import FindStatus
from dimse.sockets import DialingSocket
from gateway.delivery.proving.prover import CannotAsk, NotOffered, ProofKind, SentObject, TooSlow
from gateway.hospitals.identifiers import UnreadableIdentifier, read_identifier

STUDY_ROOT = UID("1.2.840.10008.5.1.4.1.2.2.1")
UIDS_AT_ONCE = 40
"""In one query: a list of UIDs of at most 64 characters each, which all but the smallest PDUs hold."""

_LASTING = (FindStatus.SOP_CLASS_NOT_SUPPORTED, FindStatus.NOT_AUTHORISED)
_UNFIT = (range(0xA900, 0xAA00), range(0xC000, 0xD000))
"""Statuses that may be about the question itself rather than about the moment (PS3.4 table C.4-1)."""
_MOST_ANSWERS = 4 * UIDS_AT_ONCE
LONGEST_LOOK_SECONDS = 300.0
"""For all objects of one look together; a destination that needs longer is asked again later."""


class FindProver:
    """Queries one destination, several objects of a series at once where it matches lists of UIDs (PS3.4 C.2.2.2.2).

    Some do not, and answer nothing: what a list does not find is then asked for by itself once, to know. Others refuse
    the question: the next one asks for a single object.
    """

    kind = ProofKind.QUERY

    def __init__(self, remote: RemoteAE, calling_ae_title: str, timeouts: Timeouts) -> None:
        self._remote = remote
        self._calling_ae_title = calling_ae_title
        self._timeouts = timeouts
        self._dialing: DialingSocket | None = None
        self._aborted = False
        self._matches_lists: bool | None = None

    def held(self, objects: Sequence[SentObject]) -> frozenset[str]:
        """As `Prover` has it."""
        deadline = time.monotonic() + LONGEST_LOOK_SECONDS
        try:
            with asking(
                self._remote, self._calling_ae_title, [STUDY_ROOT], self._timeouts, self._note_dialing
            ) as association:
                look = _Look(association, self._timeouts.dimse_seconds, deadline)
                found = frozenset().union(*(self._held_of_series(look, group) for group in _by_series(objects)))
                return found - _under_another_patient(look, [one for one in objects if one.sop_instance_uid in found])
        except QueryFailed as failure:
            raise _translated(failure, self._calling_ae_title) from failure

    def abort(self) -> None:
        """As `Prover` has it."""
        self._aborted = True
        if self._dialing is not None:
            self._dialing.hang_up()

    def _note_dialing(self, dialing: DialingSocket) -> None:
        self._dialing = dialing
        if self._aborted:
            dialing.hang_up()

    def _held_of_series(self, look: "_Look", group: Sequence[SentObject]) -> frozenset[str]:
        if self._matches_lists is False:
            return _held_singly(look, group)
        found = self._found_by_list(look, group)
        if found or len(group) == 1:
            self._matches_lists = self._matches_lists or len(group) > 1
            return found
        first = look.instances(group[:1])
        if not first:
            return found
        self._matches_lists = False
        return first | _held_singly(look, group[1:])

    def _found_by_list(self, look: "_Look", group: Sequence[SentObject]) -> frozenset[str]:
        try:
            return look.instances(group)
        except QueryFailed as failure:
            if self._matches_lists is None and len(group) > 1 and _is_unfit(failure):
                self._matches_lists = False
            raise


@dataclass(frozen=True, slots=True)
class _Look:
    """The questions of one look, each over one association, none begun after `deadline`."""

    association: Asking
    seconds: float
    deadline: float

    def instances(self, group: Sequence[SentObject]) -> frozenset[str]:
        """Those of the same series that are shown as what they are."""
        return _same(group, self._ask(_identifier(group)))

    def is_of_patient(self, study_instance_uid: str, patient_id: str) -> bool:
        """Whether the study is shown as one of this patient."""
        answered = self._ask(_study_identifier(study_instance_uid, patient_id))
        return any(_is_of(shown, patient_id) for shown in _readable(answered))

    def _ask(self, identifier: Dataset) -> Answered:
        if time.monotonic() > self.deadline:
            raise TooSlow("the destination takes too long to answer queries")
        return self.association.ask(Question(STUDY_ROOT, identifier, _MOST_ANSWERS, self.seconds))


def _held_singly(look: _Look, group: Sequence[SentObject]) -> frozenset[str]:
    return frozenset(uid for one in group for uid in look.instances([one]))


def _under_another_patient(look: _Look, found: Iterable[SentObject]) -> frozenset[str]:
    """Those of them whose study is not that of the patient they were corrected to."""
    corrected = [one for one in found if one.patient_id is not None]
    patients = {(one.study_instance_uid, str(one.patient_id)) for one in corrected}
    right = {place for place in patients if look.is_of_patient(*place)}
    return frozenset(
        one.sop_instance_uid for one in corrected if (one.study_instance_uid, str(one.patient_id)) not in right
    )


def _by_series(objects: Iterable[SentObject]) -> Iterable[Sequence[SentObject]]:
    def series(one: SentObject) -> tuple[str, str]:
        return one.study_instance_uid, one.series_instance_uid

    for _series, group in groupby(sorted(objects, key=series), series):
        members = list(group)
        for start in range(0, len(members), UIDS_AT_ONCE):
            yield members[start : start + UIDS_AT_ONCE]


def _identifier(group: Sequence[SentObject]) -> Dataset:
    keys = Dataset()
    keys.QueryRetrieveLevel = "IMAGE"
    keys.StudyInstanceUID = group[0].study_instance_uid
    keys.SeriesInstanceUID = group[0].series_instance_uid
    keys.SOPInstanceUID = [one.sop_instance_uid for one in group]
    keys.SOPClassUID = ""
    return keys


def _study_identifier(study_instance_uid: str, patient_id: str) -> Dataset:
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = study_instance_uid
    keys.PatientID = patient_id
    return keys


def _same(group: Iterable[SentObject], answered: Answered) -> frozenset[str]:
    """Those of the group that an answer is about, and that are there what they were when they were sent."""
    expected = {one.sop_instance_uid: one for one in group}
    found = set()
    for shown in _readable(answered):
        uid = str(shown.get("SOPInstanceUID", ""))
        if uid in expected and _agrees(shown, expected[uid]):
            found.add(uid)
    return frozenset(found)


def _readable(answered: Answered) -> Iterator[Dataset]:
    for answer in answered.answers:
        with suppress(UnreadableIdentifier):
            yield read_identifier(answer.data, implicit=answer.implicit)


def _agrees(shown: Dataset, sent: SentObject) -> bool:
    """Whether what is shown is what was sent; a destination need not return what it was not asked to match by."""
    pairs = (
        (shown.get("StudyInstanceUID"), sent.study_instance_uid),
        (shown.get("SeriesInstanceUID"), sent.series_instance_uid),
        (shown.get("SOPClassUID"), sent.sop_class_uid),
    )
    return all(not there or str(there) == here for there, here in pairs)


def _is_of(shown: Dataset, patient_id: str) -> bool:
    """Whether a study is the patient's; who does not return the patient was asked to match by it."""
    return "PatientID" not in shown or str(shown.PatientID or "").strip() == patient_id


def _is_unfit(failure: QueryFailed) -> bool:
    return failure.status is not None and any(failure.status in codes for codes in _UNFIT)


def _translated(failure: QueryFailed, calling_ae_title: str) -> CannotAsk:
    cause = failure.__cause__
    if isinstance(cause, AssociationFailed) and cause.obstacle is Obstacle.NO_PRESENTATION_CONTEXT:
        return NotOffered("the destination takes no queries")
    if isinstance(failure, HungUp):
        return CannotAsk(f"{failure.words}: perhaps our title {calling_ae_title} is not registered there")
    return NotOffered(failure.words) if failure.status in _LASTING else CannotAsk(failure.words)
