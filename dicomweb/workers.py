"""Worker threads for answers that are made in one visit.

A hop by the event loop's own executor costs half of one by anyio. It cannot be shielded from cancellation: what is
begun goes on to its end, unheard. That is right for reading; what is stored goes by anyio.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_THREADS = 40
_executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="dicomweb")

P = ParamSpec("P")
T = TypeVar("T")


async def in_worker(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call a function that may block, in a worker thread."""
    if named:
        return await asyncio.get_running_loop().run_in_executor(_executor, lambda: function(*arguments, **named))
    return await asyncio.get_running_loop().run_in_executor(_executor, function, *arguments)
