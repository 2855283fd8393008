"""The files around the code say what is true: tasks have help, settings are documented, no machine shows through."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from gateway.config import Section, Settings, load_settings

REPOSITORY = Path(__file__).resolve().parent.parent.parent
EXAMPLE = REPOSITORY / "deploy" / "dermgate.example.toml"
LOCKED = re.compile(r"^[a-z0-9][a-z0-9-]*==[0-9][^ +]*$")

# Put together here, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(" + "|".join(("work", "root", "home", "tmp")) + r")/\w")
REGISTRY = re.compile(r"(?:pypi|pythonhosted|npmjs)" + r"\.(?:org|com)", re.IGNORECASE)


def test_every_make_target_has_a_help_line() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)) - {"python"}
    documented = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert targets == documented


def test_every_make_target_that_is_no_file_is_declared_so() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    assert set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)) == set(
        re.findall(r"^\.PHONY: (\S+)", makefile, re.MULTILINE)
    )


def test_every_setting_stands_in_the_example_and_nothing_else() -> None:
    assert set(_keys_of_the_example()) == set(_keys_of_the_settings())


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    example = Settings.model_validate(_example())
    defaults = Settings()
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, Section):
            section = getattr(defaults, name).model_dump()
            unset = {key for key, value in section.items() if value is None}  # an example of these is no default
            assert getattr(example, name).model_dump(exclude=unset) == {
                key: value for key, value in section.items() if key not in unset
            }, name


def test_the_example_as_it_is_changes_nothing(tmp_path: Path) -> None:
    example, nothing = tmp_path / "example.toml", tmp_path / "nothing.toml"
    example.write_bytes(EXAMPLE.read_bytes())
    nothing.touch()
    assert load_settings(example, {}) == load_settings(nothing, {})


@pytest.mark.parametrize("lock", ["serve", "dev", "train", "large-library"])
def test_locks_pin_every_distribution_once(lock: str) -> None:
    lines = (REPOSITORY / "deploy" / "locks" / f"{lock}.txt").read_text().splitlines()[1:]
    assert [line for line in lines if not LOCKED.match(line)] == []
    assert len({line.partition("==")[0] for line in lines}) == len(lines)


def test_locks_for_serving_hold_no_torch() -> None:
    assert "torch" not in (REPOSITORY / "deploy" / "locks" / "serve.txt").read_text()


def test_locks_hold_every_dependency_of_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = {"serve": project["dependencies"]} | project["optional-dependencies"]
    for lock, dependencies in wanted.items():
        text = (REPOSITORY / "deploy" / "locks" / f"{lock}.txt").read_text()
        names = [re.split(r"[\[<>=]", dependency)[0].lower() for dependency in dependencies]
        assert [name for name in names if f"\n{name}==" not in text] == [], lock


def test_no_tracked_file_names_a_path_of_a_machine() -> None:
    assert [name for name, text in _tracked_texts() if MACHINE_PATH.search(text)] == []


def test_no_tracked_file_names_a_package_registry() -> None:
    assert [name for name, text in _tracked_texts() if REGISTRY.search(text)] == []


@cache
def _example() -> dict[str, Any]:
    """The example with every default taken as written: lines that begin with "#" and no space count."""
    text = re.sub(r"^#(?=\S)", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    return tomllib.loads(text)


def _keys_of_the_example() -> Iterator[str]:
    for name, value in _example().items():
        for section in value if isinstance(value, list) else [value]:
            yield from (f"{name}.{key}" for key in section)


def _keys_of_the_settings() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        sections = [type(field.default)] if isinstance(field.default, Section) else _item_types(field.annotation)
        for section in sections:
            yield from (f"{name}.{key}" for key in section.model_fields)


def _item_types(annotation: Any) -> Iterator[type[Section]]:
    """The sections that a list of sections may hold: Peer of tuple[Peer, ...], each kind of tuple[A | B, ...]."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for part in get_args(annotation):
        yield from _item_types(part)


@cache
def _tracked_texts() -> list[tuple[str, str]]:
    """The name and text of each tracked file; what is no UTF-8 text is left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    texts = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = REPOSITORY / name
        try:
            texts.append((name, path.read_text("utf-8")))
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return texts
