"""Draft the next migration from what the tables declare: `python -m gateway.migrations.draft NAME`.

The draft is a start, not the end: data that must move and what Alembic does not see (triggers, first rows) are added by
hand.
"""

import argparse
import re
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import UpgradeOps

from gateway.database import Database
from gateway.migrations.metadata import metadata
from gateway.migrations.upgrade import head_revision, upgrade

VERSIONS = Path(__file__).parent / "versions"

_TEMPLATE = '''"""{title}."""

import sqlalchemy as sa
from alembic import op

import gateway.archive.columns
import gateway.database

revision = "{revision}"
down_revision = {down_revision}


def upgrade() -> None:
{body}
'''


def draft(name: str) -> Path:
    """Write the next migration's file and return its path."""
    last = head_revision()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/draft.db")
        if last is not None:
            upgrade(database)
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection)
            operations = produce_migrations(context, metadata()).upgrade_ops
        database.close()
    assert isinstance(operations, UpgradeOps)
    revision = f"{int(last or 0) + 1:04d}"
    path = VERSIONS / f"{revision}_{re.sub(r'[^a-z0-9]+', '_', name.lower())}.py"
    body = "\n".join(line for line in render_python_code(operations).splitlines() if "# ###" not in line)
    text = _TEMPLATE.format(title=name, revision=revision, down_revision=repr(last), body=body)
    path.write_text(text, "utf-8")
    return path


def main() -> None:
    """Draft a migration named on the command line."""
    parser = argparse.ArgumentParser(description="Draft the next migration from the tables.")
    parser.add_argument("name", help="what it does, in a few words")
    print(draft(parser.parse_args().name))  # noqa: T201 - the command's answer


if __name__ == "__main__":
    main()
