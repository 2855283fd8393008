"""Who imports whom: the imports of every module of ours, read from the source and not from memory."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("gateway", "dicomweb", "dimse", "inference", "trainer")


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target: the module named, and the line it stands at, wherever in the file."""

    module: str
    line: int


@cache
def modules() -> Mapping[str, Path]:
    """Every module of ours by its dotted name; `__init__` files by their package's name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports_of(module: str) -> tuple[Import, ...]:
    """All imports of one of our modules, those inside functions and under TYPE_CHECKING among them."""
    path = modules()[module]
    tree = ast.parse(path.read_text("utf-8"), filename=str(path))
    return tuple(found for node in ast.walk(tree) for found in _targets(node))


def graph() -> dict[str, set[str]]:
    """Each module of ours with those of ours that it imports."""
    known = modules()
    return {
        module: {found.module for found in imports_of(module) if found.module in known} - {module} for module in known
    }


def _targets(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports are not used here"
        assert node.module is not None
        for alias in node.names:
            submodule = f"{node.module}.{alias.name}"
            yield Import(submodule if submodule in modules() else node.module, node.lineno)
