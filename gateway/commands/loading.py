"""Loading a command's modules in the least time."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

_UNUSED: Final = ("requests", "tqdm")
"""pydicom loads them, where they are installed, to fetch example files; that takes longer than pydicom itself."""


@contextmanager
def quick_loading() -> Iterator[None]:
    """Load modules in this block: nothing of them is garbage, and what they would load for no use is hidden."""
    hidden = [name for name in _UNUSED if name not in sys.modules]
    modules = cast("dict[str, object]", sys.modules)  # None means that there is no such module
    gc.disable()
    modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            del modules[name]
        gc.freeze()
        gc.enable()
