"""Whether the gateway is alive, and whether it can do its work; a dead destination never counts against it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from gateway.database import Database, DatabaseError
from gateway.serving.models import NoModelServes, ServedModels

LEAST_FREE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what is wrong with it ("" for nothing); `note`: what is no fault but known."""

    what: str
    fault: str = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.fault


def check_database(database: Database) -> Finding:
    """Whether the database answers."""
    try:
        database.ping()
    except DatabaseError as error:
        return Finding("database", str(error))
    return Finding("database")


def check_storage(folder: Path) -> Finding:
    """Whether objects can still be written."""
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("storage", f"the folder cannot be used: {error.strerror}")
    if free_bytes < LEAST_FREE_BYTES:
        return Finding("storage", f"only {free_bytes // 1024**2} MB are free")
    return Finding("storage")


def check_serving(models: ServedModels) -> Finding:
    """Whether some model of each task serves, be it an older one than the store names."""
    try:
        models.suitability()
        models.disease()
    except NoModelServes as error:
        return Finding("models", str(error))
    return Finding("models")


def check_models(models: ServedModels) -> Finding:
    """Whether what the model store names is what serves."""
    faults = models.faults()
    return Finding("models", "; ".join(f"{task}: {fault}" for task, fault in sorted(faults.items())))
