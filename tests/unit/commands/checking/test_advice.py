"""What `dermgate check` says of an association that could not be had: why, how long it lasts, what to change where."""

import pytest

from dimse.association import AssociationFailed, Obstacle
from dimse.listener_kind import ListenerKind
from dimse.reactions import Reaction
from dimse.rejection import (
    CALLED_AE_NOT_RECOGNISED,
    CALLING_AE_NOT_RECOGNISED,
    LOCAL_LIMIT_EXCEEDED,
    NO_REASON_GIVEN,
    Rejection,
    explain,
)
from dimse.tls_words import TlsFault
from gateway.commands.checking.advice import UNEXPLAINED, explained

REJECTIONS = [
    (CALLING_AE_NOT_RECOGNISED, "register", "DERMGATE", "stays"),
    (CALLED_AE_NOT_RECOGNISED, "correct the destination's AE title", "PACS", "stays"),
    (NO_REASON_GIVEN, "without giving a reason", "", "stays"),
    (LOCAL_LIMIT_EXCEEDED, "as many associations as it allows", "", "passes by itself"),
    (Rejection(2, 1, 1), "rejected", "", "passes by itself"),
    (Rejection(1, 2, 2), "version of the protocol", "", "stays"),
    (Rejection(2, 3, 1), "congested", "", "passes by itself"),
    (Rejection(1, 3, 1), "congested", "", "passes by itself"),
    (Rejection(9, 9, 9), "source 9, reason 9", "", "passes by itself"),
]


@pytest.mark.parametrize(("rejection", "words", "name", "lasts"), REJECTIONS)
def test_a_rejection_says_who_has_to_change_what_and_whether_it_passes(
    rejection: Rejection, words: str, name: str, lasts: str
) -> None:
    reason = explain(rejection, "DERMGATE", "PACS")
    told = explained(AssociationFailed(Obstacle.REJECTED, reason.words, reason.reaction), None, "DERMGATE")
    assert words in told
    assert name in told
    assert lasts in told


LISTENERS = [
    (ListenerKind.WEB, "HTTP port"),
    (ListenerKind.TLS, "TLS is spoken there"),
    (ListenerKind.GREETING, "speaks first"),
    (ListenerKind.NOBODY, "firewall"),
    (ListenerKind.SILENT, "register DERMGATE"),
]


@pytest.mark.parametrize(("kind", "words"), LISTENERS)
@pytest.mark.parametrize("obstacle", UNEXPLAINED)
def test_whatever_listens_there_instead_has_its_advice(obstacle: Obstacle, kind: ListenerKind, words: str) -> None:
    told = explained(AssociationFailed(obstacle, "it broke off"), kind, "DERMGATE")
    assert told.startswith("it broke off: ")
    assert words in told


@pytest.mark.parametrize("obstacle", list(Obstacle))
def test_every_obstacle_has_words(obstacle: Obstacle) -> None:
    assert explained(AssociationFailed(obstacle, "so it was", Reaction.UNREACHABLE), None, "A").startswith("so it was")


def test_every_kind_of_listener_has_advice() -> None:
    assert {kind for kind, _words in LISTENERS} == set(ListenerKind)


@pytest.mark.parametrize("fault", sorted(set(TlsFault) - {TlsFault.OTHER}))
def test_every_fault_of_tls_that_can_be_named_says_what_to_change(fault: TlsFault) -> None:
    failure = AssociationFailed(Obstacle.TLS, "no TLS", tls_fault=fault)
    assert explained(failure, None, "A").startswith("no TLS: ")
