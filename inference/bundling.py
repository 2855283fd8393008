"""The demonstration models that come with the package, put into a store that has none."""

from pathlib import Path

from inference.manifest import Task
from inference.store import TASKS, ModelStore

BUNDLED = Path(__file__).parent / "bundled"
"""Laid out as a store: `TASK/VERSION/...`, without `serving`."""


def install_bundled(store: ModelStore, bundled: Path = BUNDLED) -> list[str]:
    """Put the bundled models of every task that has none yet into the store, and let the newest serve.

    Returns the names (`task/version`) of what now serves that did not before; a store in use is left as it is.
    Raises StoreError or ManifestError where a bundled model cannot be used.
    """
    store.root.mkdir(parents=True, exist_ok=True)
    source = ModelStore(bundled)
    installed = []
    for task in TASKS:
        versions = source.versions(task)
        if not versions or _in_use(store, task, versions):
            continue
        for version in versions:
            store.add(source.folder(task, version))
        store.promote(task, versions[-1], again=True)
        installed.append(f"{task}/{versions[-1]}")
    return installed


def _in_use(store: ModelStore, task: Task, bundled: list[int]) -> bool:
    # An installation cut short leaves bundled versions and no `serving`: that is begun again, not in use.
    return store.serving_mark(task) is not None or bool(set(store.versions(task)) - set(bundled))
