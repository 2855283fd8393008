"""Asks a DICOMweb server whether it holds what was sent to it, by QIDO-RS (PS3.18 10.6)."""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydicom.uid import generate_uid

from gateway.delivery.proving.prover import CannotAsk, NotOffered, ProofKind, SentObject, TooSlow
from gateway.delivery.stow.answers import DICOM_JSON, data_sets, is_json, values_of, words_of_search
from gateway.delivery.stow.channel import Channel
from gateway.delivery.stow.credentials import TokenSource, authorization
from gateway.delivery.stow.errors import ExchangeFailed, NoToken
from gateway.delivery.stow.messages import Answer, Request

LONGEST_LOOK_SECONDS = 300.0
"""For all objects of one look together; a server that needs longer is asked again later."""

SOP_CLASS_UID, SOP_INSTANCE_UID = "00080016", "00080018"
STUDY_INSTANCE_UID, SERIES_INSTANCE_UID = "0020000D", "0020000E"
PATIENT_ID = "00100020"

NOT_FOUND = 404
_NOTHING_THERE = frozenset({204, NOT_FOUND})
_NO_SEARCH = frozenset({400, 405, 406, 410, 501})


class QidoProver:
    """Looks for each object by itself, in its own series: the question that every server answers from an index.

    Of one that was corrected, the study is asked for too, as one of the patient it was corrected to.
    """

    kind = ProofKind.QIDO

    def __init__(self, channel: Channel, token: TokenSource) -> None:
        self._channel = channel
        self._token = token
        self._has_searches = False

    def held(self, objects: Sequence[SentObject]) -> frozenset[str]:
        """SOP Instance UIDs of those among the objects that the server shows, where and as what they were sent.

        Raises CannotAsk, TooSlow, NotOffered.
        """
        deadline = time.monotonic() + LONGEST_LOOK_SECONDS
        found = set()
        for sent in objects:
            if time.monotonic() > deadline:
                raise TooSlow("the server takes too long to answer searches")
            if self._shows(sent):
                found.add(sent.sop_instance_uid)
        return frozenset(found)

    def abort(self) -> None:
        """Break off, for good."""
        self._channel.abort()

    def _shows(self, sent: SentObject) -> bool:
        if not any(_is(match, sent) for match in _matches(self._asked(_target(sent)))):
            return False
        if sent.patient_id is None:
            return True
        studies = _matches(self._asked(_study_target(sent.study_instance_uid, sent.patient_id)))
        return any(_is_of(study, sent.patient_id) for study in studies)

    def _asked(self, target: str) -> Answer:
        """The answer to a search. Raises CannotAsk, NotOffered."""
        answer = self._exchanged(target)
        if answer.status == NOT_FOUND and not self._has_searches:
            self._look_for_searches()
            self._has_searches = True
        return answer

    def _look_for_searches(self) -> None:
        """A server that does not have a series may say 404; one that says so of its studies has no searches at all."""
        answer = self._exchanged(f"/studies?StudyInstanceUID={generate_uid()}&limit=1")
        if answer.status == NOT_FOUND:
            raise NotOffered(f"the server does not answer searches (HTTP {NOT_FOUND})")
        _matches(answer)  # raises where it is no answer

    def _exchanged(self, target: str) -> Answer:
        try:
            headers = {"Accept": DICOM_JSON, **authorization(self._token)}
            return self._channel.exchange(Request("GET", target, headers))
        except (ExchangeFailed, NoToken) as failure:
            raise CannotAsk(str(failure)) from failure


def _target(sent: SentObject) -> str:
    study, series, instance = (
        quote(uid, safe="") for uid in (sent.study_instance_uid, sent.series_instance_uid, sent.sop_instance_uid)
    )
    return f"/studies/{study}/series/{series}/instances?SOPInstanceUID={instance}&limit=1"


def _study_target(study_instance_uid: str, patient_id: str) -> str:
    study, patient = quote(study_instance_uid, safe=""), quote(patient_id, safe="")
    return f"/studies?StudyInstanceUID={study}&PatientID={patient}&limit=1"


def _matches(answer: Answer) -> Sequence[Mapping[str, Any]]:
    """What a search found. Raises CannotAsk, NotOffered where it answers something else."""
    if answer.status in _NOTHING_THERE:
        return ()
    if answer.status in _NO_SEARCH:
        raise NotOffered(f"the server does not answer searches (HTTP {answer.status})")
    if answer.status != 200 or answer.body is None:
        raise CannotAsk(f"search: HTTP {answer.status}: {words_of_search(answer)}")
    if not is_json(answer.body):
        raise CannotAsk("search: HTTP 200 without an answer in DICOM JSON")
    return data_sets(answer.body)


def _is(match: Mapping[str, Any], sent: SentObject) -> bool:
    """Whether a match is the object; what it does not say of itself is taken from the question."""
    expected = {
        SOP_CLASS_UID: sent.sop_class_uid,
        STUDY_INSTANCE_UID: sent.study_instance_uid,
        SERIES_INSTANCE_UID: sent.series_instance_uid,
    }
    same = all(list(values_of(match, tag)) in ([], [uid]) for tag, uid in expected.items())
    return same and sent.sop_instance_uid in values_of(match, SOP_INSTANCE_UID)


def _is_of(study: Mapping[str, Any], patient_id: str) -> bool:
    """Whether a study is the patient's; who does not return the patient was asked to match by it."""
    values = values_of(study, PATIENT_ID)
    return PATIENT_ID not in study or str(values[0] if values else "").strip() == patient_id
