"""Room for answers that take much memory: no more at a time than there is, and no endless waiting."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from starlette.exceptions import HTTPException

from dicomweb.making import MakingRoom


def test_who_finds_no_room_for_long_is_told_to_come_again() -> None:
    room = MakingRoom(1, wait_seconds=0.01)
    with room.taken(), ThreadPoolExecutor(1) as thread:

        def other() -> None:
            with room.taken():
                raise AssertionError("there is no room")

        with pytest.raises(HTTPException) as caught:
            thread.submit(other).result()
    assert caught.value.status_code == 503
    assert int((caught.value.headers or {})["Retry-After"]) > 0
    with room.taken():
        pass


def test_room_comes_back_after_a_fault() -> None:
    room = MakingRoom(1, wait_seconds=0.01)
    for _ in range(3):
        with pytest.raises(ValueError, match="spoilt"), room.taken():
            raise ValueError("spoilt")


def test_as_many_as_there_is_room_for_are_made_at_a_time_and_the_next_waits() -> None:
    room, both, end = MakingRoom(2), Barrier(3), Event()
    done: list[int] = []

    def make(number: int) -> None:
        with room.taken():
            if number < 2:
                both.wait(5)
                end.wait(5)
            done.append(number)

    with ThreadPoolExecutor(3) as threads:
        makers = [threads.submit(make, number) for number in range(2)]
        both.wait(5)
        makers.append(threads.submit(make, 2))
        assert done == []
        end.set()
        for maker in makers:
            maker.result()
    assert sorted(done) == [0, 1, 2]
