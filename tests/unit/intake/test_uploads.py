"""The room that posted bodies share."""

from contextlib import suppress

import pytest

from gateway.intake.uploads import LARGEST_AT_ONCE, NoRoom, Uploads


def test_room_is_given_back_at_the_end_whatever_comes() -> None:
    uploads = Uploads(10)
    for _ in range(3):
        with suppress(ValueError), uploads.hold() as hold:
            hold.add(LARGEST_AT_ONCE * 10)
            int("the form is malformed")


def test_what_does_not_fit_is_refused_and_takes_nothing() -> None:
    uploads = Uploads(10)
    with uploads.hold() as first, uploads.hold() as second:
        first.add(LARGEST_AT_ONCE * 10 - 5)
        with pytest.raises(NoRoom):
            second.add(6)
        second.add(5)


def test_a_slow_sender_holds_only_what_it_has_sent() -> None:
    uploads = Uploads(10)
    slow = [uploads.hold() for _ in range(1000)]
    slow[0].add(1)
    with uploads.hold() as quick:
        quick.add(10)
