"""A run that is killed while examples are made leaves no process behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.integration.trainer.commands import ROOT

PROGRAM = """
from trainer.suitability import making
from trainer.suitability.plan import Families, Mix, plan
from trainer.suitability.render import View
from inference.patches import PatchPlan

if __name__ == "__main__":
    planned = plan([], [], Families(("field",), ("a",)), Mix(synthetic=5000), 1)
    making.made(planned, View(64, PatchPlan(2, 32)), 2, None)
"""


def children_of(process: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_workers_end_with_the_run_that_started_them(tmp_path: Path) -> None:
    script = tmp_path / "making.py"
    script.write_text(PROGRAM)
    run = subprocess.Popen([sys.executable, str(script)], env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        # Two workers, and the process that keeps an eye on what they share.
        until(lambda: len(children_of(run.pid)) == 3, "the workers start")
        time.sleep(1)
    finally:
        children = children_of(run.pid)
        run.kill()
        run.wait()
    until(lambda: not any(is_there(child) for child in children), "the workers end")
