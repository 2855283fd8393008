"""Debian's packages of wallpapers: fetched with apt, unpacked without being installed, so that no root is needed."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from trainer.negatives.errors import NoNegatives

PACKAGES: Mapping[str, str] = {
    "gnome-backgrounds": "train",
    "mate-backgrounds": "train",
    "ukui-wallpapers": "val",
    "lomiri-wallpapers-20.04": "val",
    "lomiri-wallpapers-16.04": "test",
}
"""Package -> its side of the split: what one photographer made never lies on two sides."""

_TIMEOUT_SECONDS = 600
_SAID_CHARACTERS = 300


def fetch(package: str, into: Path) -> Path:
    """Download and unpack `package` below `into`; give the folder it lies in.

    Raises NoNegatives where apt-get or dpkg is missing, fails, or takes more than ten minutes.
    """
    downloads, unpacked = into / "downloads" / package, into / package
    for folder in (downloads, unpacked):
        folder.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "download", package], downloads)
    archives = sorted(downloads.glob("*.deb"))
    if not archives:
        raise NoNegatives(f"apt-get download {package} left no package")
    _run(["dpkg", "-x", str(archives[-1]), str(unpacked)], downloads)
    return unpacked


def _run(command: list[str], folder: Path) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise NoNegatives(f"{command[0]} is not here: the pictures come from Debian's packages, on a Debian or Ubuntu")
    whole = [program, *command[1:]]
    try:
        # The arguments are names of this module and paths of our own; no shell reads them.
        subprocess.run(whole, check=True, capture_output=True, text=True, cwd=folder, timeout=_TIMEOUT_SECONDS)  # noqa: S603
    except subprocess.CalledProcessError as error:
        raise NoNegatives(f"{' '.join(command[:3])} failed: {error.stderr.strip()[-_SAID_CHARACTERS:]}") from error
    except subprocess.TimeoutExpired as error:
        raise NoNegatives(f"{' '.join(command[:3])} took more than {_TIMEOUT_SECONDS} seconds") from error
