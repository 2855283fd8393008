"""What the commands of README leave in the checkout holds photos of people, and is never offered for a commit."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("left", ["my-photos/", "drawn/", "runs/", "sorted/", "dermgate.toml"])
def test_what_names_or_shows_people_is_ignored_at_the_top_of_the_checkout(left: str) -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"/{left}" in ignored
