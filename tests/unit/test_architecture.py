"""The picture of the house, kept true: which package may import which, and what stays out of serving."""

import subprocess
import sys
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.unit.import_graph import PACKAGES, REPOSITORY, graph, imports_of, modules

# Who may import which package of ours, beside itself.
MAY_IMPORT = {
    "gateway": {"dicomweb", "dimse", "inference"},
    "dicomweb": set(),
    "dimse": set(),
    "inference": set(),
    "trainer": {"inference"},
}

# Inside gateway/ imports go down; each row may import what stands below it, and its own row without cycles.
GATEWAY_ROWS = (
    {"app", "cli", "commands", "runtime"},  # compose and start
    {"intake", "explanation", "reconciling", "web", "operations"},  # what apps, people and operators meet
    {"review", "delivery", "hospitals", "worklists"},  # capabilities
    {"archive", "library", "serving"},  # what is kept, what judges
    {
        "access",
        "events",
        "database",
        "reading",
        "short_reading",
        "writing",
        "inserting",
        "problems",
        "migrations",
    },  # foundations
    {"conversion", "config", "language", "wording"},  # know nothing of the rest
)
HEIGHT = {unit: -number for number, row in enumerate(GATEWAY_ROWS) for unit in row}

QUESTIONS_NOT_YET_ANSWERED = {"util", "utils", "helper", "helpers", "common", "misc"}
SERVING = ("gateway.app", "dicomweb.archive", "dimse.send", "dimse.receive", "inference.store", "trainer.synthetic")


def test_packages_import_as_the_picture_has_it() -> None:
    wrong = [
        f"{module}:{found.line} imports {found.module}"
        for module in modules()
        for found in imports_of(module)
        if (package := _top(found.module)) in PACKAGES
        and package != _top(module)
        and package not in MAY_IMPORT[_top(module)]
    ]
    assert not wrong


def test_nothing_of_ours_imports_tests_or_deploy() -> None:
    wrong = [
        f"{module}:{found.line} imports {found.module}"
        for module in modules()
        for found in imports_of(module)
        if _top(found.module) in {"tests", "deploy"}
    ]
    assert not wrong


def test_every_part_of_the_gateway_has_its_row() -> None:
    assert {_unit(module) for module in modules() if module.startswith("gateway.")} <= set(HEIGHT)


def test_imports_inside_the_gateway_go_down() -> None:
    wrong = [
        f"{module}:{found.line} imports {found.module}"
        for module in modules()
        if module.startswith("gateway.")
        for found in imports_of(module)
        if found.module.startswith("gateway.")
        and HEIGHT[_unit(found.module)] > HEIGHT[_unit(module)]
        and not _migration_reads_a_table(module, found.module)
    ]
    assert not wrong


def test_folders_of_the_gateway_import_each_other_without_cycles() -> None:
    folders: dict[str, set[str]] = defaultdict(set)
    for module, imported in graph().items():
        if module.startswith("gateway.") and _unit(module) != "migrations":
            folders[_unit(module)] |= {_unit(other) for other in imported if other.startswith("gateway.")}
    assert _cycle({unit: others - {unit} for unit, others in folders.items()}) == []


def test_no_file_imports_itself_by_way_of_others() -> None:
    assert _cycle(graph()) == []


def test_torch_is_imported_in_the_trainer_alone() -> None:
    wrong = [
        f"{module}:{found.line}"
        for module in modules()
        for found in imports_of(module)
        if _top(found.module) in {"torch", "onnxscript"} and _top(module) != "trainer"
    ]
    assert not wrong


@pytest.mark.parametrize("module", SERVING)
def test_importing_what_serves_leaves_torch_out(module: str) -> None:
    program = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_package_init_files_are_empty() -> None:
    full = [path for path in modules().values() if path.name == "__init__.py" and path.stat().st_size > 0]
    assert not full


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in modules().values()}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


def test_no_module_is_named_for_what_nobody_could_place() -> None:
    assert not [module for module in modules() if module.rpartition(".")[2] in QUESTIONS_NOT_YET_ANSWERED]


def _top(module: str) -> str:
    return module.partition(".")[0]


def _unit(module: str) -> str:
    """The folder or file of gateway/ that a module belongs to."""
    return module.split(".")[1]


def _migration_reads_a_table(module: str, imported: str) -> bool:
    return module.startswith("gateway.migrations") and imported.endswith((".tables", ".columns"))


def _cycle(imports: dict[str, set[str]]) -> list[str]:
    """One cycle among these, empty where there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
