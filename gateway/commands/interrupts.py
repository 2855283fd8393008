"""What Ctrl-C does at each point of a command.

A KeyboardInterrupt is raised wherever the program happens to be: in the middle of an import, or of a fork, where it is
lost or leaves half of something behind. So it is only raised where a command's own code awaits it.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn

INTERRUPTED = 130
"""The exit code, as shells have it of a program that Ctrl-C ended."""


@dataclass(slots=True)
class Interrupts:
    """How often the user asked for the end."""

    number: int = 0


def leave_from_now_on() -> None:
    """Let Ctrl-C end this process at once, without a word, until `raising` or `counting` says otherwise."""
    _install([signal.SIGINT], _leave)


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """Ctrl-C ends the process at once within the block, which holds nothing that has to be ended orderly."""
    with _handled([signal.SIGINT], _leave):
        yield


@contextmanager
def raising() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt within the block."""
    with _handled([signal.SIGINT], signal.default_int_handler):
        yield


@contextmanager
def counting() -> Iterator[Interrupts]:
    """Ctrl-C and SIGTERM are only counted within the block; processes forked from it take that over."""
    interrupts = Interrupts()

    def count(_number: int, _frame: FrameType | None) -> None:
        interrupts.number += 1

    with _handled([signal.SIGINT, signal.SIGTERM], count):
        yield interrupts


_Handler = Callable[[int, FrameType | None], object]


@contextmanager
def _handled(signals: Sequence[signal.Signals], handler: _Handler) -> Iterator[None]:
    before = _install(signals, handler)
    try:
        yield
    finally:
        for each, earlier in before.items():
            signal.signal(each, earlier)


def _install(signals: Sequence[signal.Signals], handler: _Handler) -> dict[signal.Signals, Any]:
    """Set the handler, but where a signal is ignored (`nohup`); returns the earlier ones."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    heard = [each for each in signals if signal.getsignal(each) not in (signal.SIG_IGN, None)]
    return {each: signal.signal(each, handler) for each in heard}


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(INTERRUPTED)
