"""Modules loaded quickly, by a program that may load others afterwards."""

import subprocess
import sys

import pytest

AFTER = """
import gc, sys
from gateway.commands.loading import quick_loading
with quick_loading():
    import pydicom
    assert not gc.isenabled()
assert gc.isenabled()
assert pydicom.__version__
assert not {"requests", "tqdm"} & sys.modules.keys()
import requests, tqdm
"""
BROKEN = """
import gc, sys
from gateway.commands.loading import quick_loading
try:
    with quick_loading():
        import nothing_of_that_name
except ModuleNotFoundError:
    pass
assert gc.isenabled() and "requests" not in sys.modules
"""
THERE = """
import requests, sys
from gateway.commands.loading import quick_loading
with quick_loading():
    import requests as again
assert again is requests is sys.modules["requests"]
"""


@pytest.mark.parametrize("program", [AFTER, BROKEN, THERE])
def test_what_was_hidden_while_loading_is_there_again(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
