"""Who made a packaged file and under which licence, from Debian's machine-readable copyright file (DEP-5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

MAX_BYTES = 1 << 20
UNKNOWN = "see the package's copyright file"


@dataclass(frozen=True, slots=True)
class Licence:
    """A paragraph: the patterns of files it is about, the licence's short name, who holds the copyright."""

    patterns: tuple[str, ...]
    name: str
    holders: str


def read_licences(path: Path) -> tuple[Licence, ...]:
    """The paragraphs about files; none where the file is missing, too long or written freely."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return ()
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(_licences(text))


def licence_of(file: str, licences: Sequence[Licence]) -> str:
    """`licence; holders` of the last paragraph that is about `file` (a path in the package), as DEP-5 has it.

    Packages install files elsewhere than their sources lie, so a pattern fits by its last part as well, unless that
    is nothing but `*`.
    """
    for licence in reversed(licences):
        if any(_fits(file, pattern) for pattern in licence.patterns):
            return f"{licence.name}; {licence.holders}"
    return UNKNOWN


def _fits(file: str, pattern: str) -> bool:
    last = PurePosixPath(pattern).name
    return fnmatchcase(file, pattern) or (last.strip("*") != "" and fnmatchcase(PurePosixPath(file).name, last))


def _licences(text: str) -> Iterator[Licence]:
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        fields = _fields(paragraph)
        if "files" in fields:
            name = fields.get("license", "").strip().splitlines()
            holders = " ".join(fields.get("copyright", "").split())
            yield Licence(tuple(fields["files"].split()), name[0].strip() if name else "", holders)


def _fields(paragraph: str) -> dict[str, str]:
    """The fields of one paragraph, names in lower case; indented lines go on with the one before."""
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line[:1] in {" ", "\t"}:
            if name:
                fields[name] += "\n" + line.strip()
        elif ":" in line and not line.startswith("#"):
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields
