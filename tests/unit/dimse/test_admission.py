from dimse.admission import REFRESH_SECONDS, Admission, Seats, plain_address, resolved
from dimse.incoming import Peer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Names:
    """A resolver whose answers a test can change."""

    def __init__(self, **addresses: str) -> None:
        self.addresses = addresses
        self.asked = 0

    def __call__(self, host: str) -> frozenset[str]:
        self.asked += 1
        return frozenset({self.addresses[host]} if host in self.addresses else ())


class Holder:
    def __init__(self) -> None:
        self.alive = True

    def is_alive(self) -> bool:
        return self.alive


def test_without_a_list_everybody_may_call() -> None:
    admission = Admission([])
    assert admission.allows("ANYBODY", "192.0.2.7")
    assert admission.knows_address("192.0.2.7")


def test_the_right_title_from_the_wrong_address_may_not_call() -> None:
    admission = Admission([Peer("CAMERA", "192.0.2.1")])
    assert not admission.allows("CAMERA", "192.0.2.2")
    assert not admission.knows_address("192.0.2.2")


def test_the_wrong_title_from_the_right_address_may_not_call() -> None:
    admission = Admission([Peer("CAMERA", "192.0.2.1"), Peer("PACS", "192.0.2.2")])
    assert admission.knows_address("192.0.2.1")
    assert not admission.allows("PACS", "192.0.2.1")
    assert not admission.allows("camera", "192.0.2.1")


def test_a_listed_peer_may_call_over_either_family() -> None:
    admission = Admission([Peer("CAMERA", "192.0.2.1")])
    assert admission.allows("CAMERA", "192.0.2.1")
    assert admission.allows("CAMERA", "::ffff:192.0.2.1")


def test_a_host_that_moved_is_found_after_a_while_but_not_looked_up_at_every_call() -> None:
    clock, names = Clock(), Names(camera="192.0.2.1")
    admission = Admission([Peer("CAMERA", "camera")], names, clock)
    names.addresses["camera"] = "192.0.2.9"
    assert not admission.allows("CAMERA", "192.0.2.9")
    assert names.asked == 1
    clock.now += REFRESH_SECONDS
    assert admission.allows("CAMERA", "192.0.2.9")
    assert not admission.allows("CAMERA", "192.0.2.1")
    assert names.asked == 2


def test_a_resolver_that_fails_for_a_while_locks_nobody_out() -> None:
    clock, names = Clock(), Names(camera="192.0.2.1")
    admission = Admission([Peer("CAMERA", "camera")], names, clock)
    names.addresses.clear()
    clock.now += REFRESH_SECONDS
    assert not admission.allows("STRANGER", "192.0.2.66")
    assert names.asked == 2
    assert admission.allows("CAMERA", "192.0.2.1")
    assert admission.knows_address("192.0.2.1")


def test_an_unknown_host_name_admits_nobody() -> None:
    admission = Admission([Peer("CAMERA", "nowhere")], Names(), Clock())
    assert not admission.knows_address("192.0.2.1")


def test_addresses_resolve_to_themselves_and_impossible_names_to_nothing() -> None:
    assert resolved("192.0.2.1") == {"192.0.2.1"}
    assert resolved("::1") == {"::1"}
    assert resolved("x" * 70 + ".example") == frozenset()
    assert plain_address("::FFFF:10.0.0.1") == "10.0.0.1"


def test_seats_are_as_many_as_said_and_free_again_when_their_holder_ends() -> None:
    seats, first, second = Seats(1), Holder(), Holder()
    assert seats.take(first)
    assert not seats.take(second)
    first.alive = False
    assert seats.take(second)
