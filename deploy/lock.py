"""Write deploy/locks/: the exact versions that CI and the container install.

    python3 deploy/lock.py

All extras of pyproject.toml are resolved together in a fresh virtual environment, so that the locks never
disagree; each lock then takes what its extra needs, to the last dependency. `serve.txt` is complete in
itself; those of the extras hold what comes on top of it. There are no hashes, because torch comes
from a local file on machines without its index; torch's own build (`+cpu`) is left open for the same reason.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LOCKS = REPOSITORY / "deploy" / "locks"
EXTRAS = ("dev", "train", "large-library")

# Runs inside the fresh environment: {extra: {distribution: version}} over everything an extra leads to.
_CLOSURES = """
import json, sys
from importlib.metadata import PackageNotFoundError, distribution
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

def closure(name, extra, found):
    for line in distribution(name).requires or []:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        key = canonicalize_name(requirement.name)
        try:
            version = distribution(key).version
        except PackageNotFoundError:
            continue
        if key not in found:
            found[key] = version
            closure(key, "", found)
        for wanted in requirement.extras:
            closure(key, wanted, found)
    return found

print(json.dumps({extra: closure("dermgate", extra, {}) for extra in ["", *sys.argv[1:]]}))
"""


def main() -> None:
    """Resolve, and write one lock for serving and one for each extra."""
    with tempfile.TemporaryDirectory(prefix="dermgate-lock-") as folder:
        closures = resolve(Path(folder))
    serve = closures[""]
    write("serve", serve)
    for extra in EXTRAS:
        write(extra, {name: version for name, version in closures[extra].items() if name not in serve})


def resolve(folder: Path) -> dict[str, dict[str, str]]:
    """Install the project with all extras into a new environment; return the versions each extra leads to."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    wanted = f"{REPOSITORY}[{','.join(EXTRAS)}]"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-compile", "packaging", wanted], check=True)
    done = subprocess.run([python, "-c", _CLOSURES, *EXTRAS], check=True, capture_output=True, text=True)
    closures: dict[str, dict[str, str]] = json.loads(done.stdout)
    return closures


def write(name: str, versions: dict[str, str]) -> None:
    """Write one lock; a build's local version (`+cpu`) is dropped."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    lines = [f"{package}=={version.partition('+')[0]}" for package, version in sorted(versions.items())]
    head = f"# Written by deploy/lock.py with Python {python}; do not edit."
    (LOCKS / f"{name}.txt").write_text("\n".join([head, *lines, ""]))


if __name__ == "__main__":
    main()
