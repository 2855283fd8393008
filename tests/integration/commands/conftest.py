"""A folder of photos, and `dermgate convert` on it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from tests.integration.commands.photos import Convert, draw


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with three photos in `in`."""
    for name in [name for name in os.environ if name.startswith("DERMGATE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for shade, name in enumerate(("a.jpg", "b.jpg", "sub/c.png"), 1):
        draw(tmp_path / "in" / name, 20 * shade)
    return tmp_path


@pytest.fixture
def convert(folder: Path, capsys: pytest.CaptureFixture[str]) -> Convert:
    """Run the command on one process: exit code, records, stderr."""

    def run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        code = main(["convert", *arguments, "--jobs", "1", "--json"])
        told = capsys.readouterr()
        return code, [json.loads(line) for line in told.out.splitlines()], told.err

    return run
