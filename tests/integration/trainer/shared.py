"""Where the photos lie that are shared between projects and never part of this one."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[4] / "shared"


def shared_data(name: str) -> Path:
    """The folder of one shared data set; skips the test where it is absent."""
    folder = Path(os.environ.get("DERMGATE_SHARED", _BESIDE)) / "data" / name
    if not folder.is_dir():
        pytest.skip(f"the shared data set {name} is not on this machine (DERMGATE_SHARED names its place)")
    return folder
