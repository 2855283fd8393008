"""Puts OHIF into a folder: `python -m deploy.viewer [FOLDER]`. The gateway serves it with `[http] viewer = "FOLDER"`.

npm brings OHIF as its makers built it, in the version and with the digest that package-lock.json names; no script of
the package is run. Running this again changes nothing as long as lock and settings are the same.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.viewer.preparing import UnknownBuild, prepare

HERE = Path(__file__).parent
DEFAULT = Path("var/viewer")
_STAMP = "made-of.txt"
_NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
_SECONDS = 600
_SOURCES = ("package-lock.json", "app-config.js", "preparing.py")


class NotInstalled(Exception):
    """The viewer cannot be put there; says why."""


def install(folder: Path) -> bool:
    """Put the viewer into `folder` in one step; returns False where it is there already.

    Raises:
        NotInstalled: npm is missing, or did not bring what was asked for; or the folder holds something else.
    """
    stamp = _made_of()
    if (folder / _STAMP).is_file():
        if (folder / _STAMP).read_text() == stamp:
            return False
    elif folder.exists() and any(folder.iterdir()):
        raise NotInstalled(f"{folder} holds something else")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".viewer-") as name:
        made = Path(name) / "made"
        made.mkdir()
        package = _fetch(Path(name))
        try:
            prepare(package / "dist", HERE / "app-config.js", made)
        except UnknownBuild as error:
            raise NotInstalled(str(error)) from error
        shutil.copyfile(package / "LICENSE", made / "LICENSE")
        (made / _STAMP).write_text(stamp)
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    return True


def _made_of() -> str:
    return "".join(f"{hashlib.sha256((HERE / name).read_bytes()).hexdigest()}  {name}\n" for name in _SOURCES)


def _fetch(folder: Path) -> Path:
    """The package as npm puts it."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, folder / name)
    try:
        done = subprocess.run(
            _NPM,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env=os.environ | {"CI": "1"},
        )
    except FileNotFoundError:
        raise NotInstalled("npm is not installed (Debian, Ubuntu: apt install npm)") from None
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"npm did not end within {_SECONDS} seconds") from None
    if done.returncode:
        raise NotInstalled(f"npm failed:\n{done.stderr.strip()[-2000:]}")
    return folder / "node_modules" / "@ohif" / "app"


def main() -> int:
    """Install into the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.viewer", description="Put the OHIF viewer into a folder.")
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT, help=f"default {DEFAULT}")
    folder: Path = parser.parse_args().folder
    try:
        is_new = install(folder)
    except NotInstalled as error:
        print(f"viewer: {error}", file=sys.stderr)
        return 1
    print(f'viewer: {"made" if is_new else "already"} in {folder}; [http] viewer = "{folder}" serves it at /viewer')
    return 0


if __name__ == "__main__":
    sys.exit(main())
