import threading

from dimse.inflight import InFlight


def test_with_nothing_under_way_it_is_finished_at_once() -> None:
    assert InFlight().finish(0)


def test_a_store_not_done_is_waited_for_no_longer_than_said() -> None:
    in_flight = InFlight()
    in_flight.begin("a")
    assert not in_flight.finish(0.01)


def test_what_has_ended_is_not_waited_for() -> None:
    in_flight = InFlight()
    in_flight.begin("a")
    in_flight.ended("a")
    in_flight.ended("b")
    assert in_flight.finish(0)


def test_no_store_begins_after_the_end() -> None:
    in_flight = InFlight()
    in_flight.finish(0)
    assert not in_flight.begin("a")
    assert in_flight.finish(0)


def test_the_last_to_end_wakes_who_waits() -> None:
    in_flight = InFlight()
    in_flight.begin("a")
    threading.Timer(0.02, in_flight.ended, ("a",)).start()
    assert in_flight.finish(5)
