"""What goes in an instance's place, and how long a refusal is remembered."""

from collections.abc import Sequence

import pytest
from pydicom.uid import SecondaryCaptureImageStorage, VLPhotographicImageStorage

from dimse.fallback import CannotCopy, Copy, FallbackSender, RefusedClasses
from dimse.outgoing import OutgoingInstance, SendResult, SentCopy
from dimse.reactions import Reaction
from tests.unit.dimse.samples import photo

PHOTO = photo().outgoing
CAPTURE = photo(2, sop_class=SecondaryCaptureImageStorage).outgoing
SENT = SentCopy(SecondaryCaptureImageStorage, CAPTURE.sop_instance_uid, "1.2.3")
STORED = SendResult(0, Reaction.STORED, "0x0000: stored")
REFUSED = SendResult(None, Reaction.FALLBACK_CLASS, "the peer does not take the SOP class")
REFUSED_BY_STATUS = SendResult(0x0122, Reaction.FALLBACK_CLASS, "0x0122: not supported")
MISMATCH = SendResult(0xA900, Reaction.MISMATCH, "0xA900: does not match")
UNKNOWN = SendResult(None, Reaction.UNKNOWN_OUTCOME, "no answer")
DEAD = SendResult(0x0117, Reaction.PERMANENT, "0x0117: invalid")


class Script:
    """Answers from a list; what was sent."""

    def __init__(self, answers: Sequence[SendResult]) -> None:
        self._answers = list(answers)
        self.sent: list[str] = []

    def send(self, instance: OutgoingInstance) -> SendResult:
        self.sent.append(instance.sop_instance_uid)
        return self._answers.pop(0)

    def close(self) -> None:
        self.sent.append("closed")

    def abort(self) -> None:
        self.sent.append("aborted")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def made(_instance: OutgoingInstance) -> Copy:
    return Copy(CAPTURE, "1.2.3")


def no_copy(_instance: OutgoingInstance) -> Copy:
    raise CannotCopy("only photos have a copy")


def test_what_no_copy_can_be_made_of_stays_refused_and_says_why() -> None:
    script = Script([REFUSED, REFUSED])
    sender = FallbackSender(script, no_copy, RefusedClasses())
    for _ in range(2):
        result = sender.send(PHOTO)
        assert (result.reaction, result.copy) == (Reaction.FALLBACK_CLASS, None)
        assert result.message == f"{REFUSED.message}; only photos have a copy"
    assert script.sent == [PHOTO.sop_instance_uid] * 2, "nothing is remembered that would not help"


@pytest.mark.parametrize("refusal", [REFUSED, REFUSED_BY_STATUS, MISMATCH], ids=["context", "0122", "A900"])
def test_a_copy_that_is_refused_as_well_leaves_the_first_answer(refusal: SendResult) -> None:
    result = FallbackSender(Script([refusal, REFUSED]), made, RefusedClasses()).send(PHOTO)
    assert (result.status, result.reaction, result.copy) == (refusal.status, refusal.reaction, None)
    assert refusal.message in result.message
    assert REFUSED.message in result.message


@pytest.mark.parametrize("refusal", [REFUSED, REFUSED_BY_STATUS, MISMATCH], ids=["context", "0122", "A900"])
def test_the_copy_goes_in_the_place_of_what_is_refused(refusal: SendResult) -> None:
    result = FallbackSender(Script([refusal, STORED]), made, RefusedClasses()).send(PHOTO)
    assert result == SendResult(0, Reaction.STORED, "as a copy: 0x0000: stored", copy=SENT)


@pytest.mark.parametrize("answer", [STORED, UNKNOWN, DEAD], ids=["stored", "unknown", "dead"])
def test_other_answers_ask_for_no_copy(answer: SendResult) -> None:
    script = Script([answer])
    assert FallbackSender(script, made, RefusedClasses()).send(PHOTO) == answer
    assert len(script.sent) == 1


@pytest.mark.parametrize("answer", [UNKNOWN, DEAD], ids=["unknown", "dead"])
def test_what_becomes_of_the_copy_is_what_became_of_the_instance(answer: SendResult) -> None:
    result = FallbackSender(Script([REFUSED, answer]), made, RefusedClasses()).send(PHOTO)
    assert (result.status, result.reaction, result.copy) == (answer.status, answer.reaction, SENT)


def test_a_refused_class_is_remembered_by_all_senders_and_asked_for_again_later() -> None:
    clock = Clock()
    refused = RefusedClasses(60, clock)
    assert FallbackSender(Script([REFUSED, STORED]), made, refused).send(PHOTO).copy == SENT
    other = Script([STORED, STORED])
    sender = FallbackSender(other, made, refused)
    assert sender.send(PHOTO).copy == SENT
    clock.now = 60
    assert sender.send(PHOTO).copy is None
    assert other.sent == [CAPTURE.sop_instance_uid, PHOTO.sop_instance_uid]


def test_one_object_that_does_not_fit_its_class_says_nothing_of_the_others() -> None:
    script = Script([MISMATCH, STORED, STORED])
    sender = FallbackSender(script, made, RefusedClasses())
    assert sender.send(PHOTO).copy == SENT
    assert sender.send(PHOTO).copy is None


def test_a_copy_that_is_no_longer_taken_makes_the_class_be_tried_anew() -> None:
    refused = RefusedClasses()
    refused.note(PHOTO.pair)
    script = Script([REFUSED, STORED])
    sender = FallbackSender(script, made, refused)
    result = sender.send(PHOTO)
    assert result.reaction is Reaction.FALLBACK_CLASS
    assert VLPhotographicImageStorage in result.message
    assert sender.send(PHOTO).copy is None


def test_the_end_is_passed_on() -> None:
    script = Script([])
    sender = FallbackSender(script, made, RefusedClasses())
    sender.abort()
    sender.close()
    assert script.sent == ["aborted", "closed"]
