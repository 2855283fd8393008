"""Ctrl-C and SIGTERM as a wish that the loop asks for between two steps; the second one stops at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Wish:
    """Whether the run was told to stop."""

    def __init__(self) -> None:
        self.told = False


@contextmanager
def listening() -> Iterator[Wish]:
    """Listen for both signals; outside of the main thread Python does not allow it, and nothing is heard."""
    wish = Wish()
    if threading.current_thread() is not threading.main_thread():
        yield wish
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def hear(number: int, _frame: FrameType | None) -> None:
        wish.told = True
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, hear)
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
