from datetime import UTC, datetime
from pathlib import Path

import pytest

from inference.errors import StoreError
from inference.history import Action, Change, append_change, read_changes, version_before

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def changes(text: str) -> list[Change]:
    """`p3` a promotion of 3, `r2` going back to 2, `x4` retired, `s5` and `u5` into the shadow and out of it."""
    actions = {
        "p": Action.PROMOTED,
        "r": Action.ROLLED_BACK,
        "x": Action.RETIRED,
        "s": Action.SHADOWED,
        "u": Action.UNSHADOWED,
    }
    return [Change(AT, actions[word[0]], int(word[1:])) for word in text.split()]


@pytest.mark.parametrize(
    ("history", "serving", "before"),
    [
        ("", 1, None),
        ("p1", 1, None),
        ("p1 p2", 2, 1),
        ("p1 p2 p2", 2, 1),
        ("p1 p2 p3 r2", 2, 1),
        ("p1 p2 p3 r2 p4", 4, 2),
        ("p1 p2 p3 r2 r1", 1, None),
        ("p2 p1", 1, 2),
        ("p1 p2 s4 p3 u4", 3, 2),
        ("p1 p2 p3 x2", 3, 1),
        ("p1 p2 x1", 2, None),
        ("p1 p2 p3", 2, 1),
        ("p1 p2 r1", 2, 1),
        ("p1 p2", 9, 2),
    ],
)
def test_what_is_gone_back_to(history: str, serving: int, before: int | None) -> None:
    """The last cases: a switch that a crash prevented, a rollback likewise, a file changed by hand."""
    assert version_before(changes(history), serving) == before


def test_changes_are_read_back_in_order(tmp_path: Path) -> None:
    written = changes("p1 s2 p2 u2 r1 x2")
    for change in written:
        append_change(tmp_path / "history", change)
    assert read_changes(tmp_path / "history") == written


def test_no_history_is_an_empty_one(tmp_path: Path) -> None:
    assert read_changes(tmp_path / "history") == []


@pytest.mark.parametrize("line", ["nonsense", "2026-01-02 promoted x", "2026-01-02 sold 3", "then promoted 3"])
def test_a_line_that_is_no_change_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "history").write_text(line + "\n")
    with pytest.raises(StoreError, match="no change"):
        read_changes(tmp_path / "history")
