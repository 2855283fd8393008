"""CSV text of any kind is read or refused in words, never anything else."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.photos import table
from trainer.photos.dialects import dialect_of
from trainer.photos.errors import BadLabels
from trainer.photos.table import parse_table, read_table


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_table(text, "labels.csv")
        rows = list(found.rows)
        dialect_of(found.columns, found.name)
    except BadLabels:
        return
    assert all(set(row.cells) == set(found.columns) for row in rows)


CELLS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3).filter(any), max_size=8), st.sampled_from(",;\t"))
def test_what_a_csv_writer_writes_is_read_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows([["file", "b", "c"], *rows])
    found = parse_table(target.getvalue(), "labels.csv")
    assert [list(row.cells.values()) for row in found.rows] == rows


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no header"),
        ("\n", "no header"),
        (",,", "no header"),
        ("a,A\n", "twice"),
        ("a,b\n1\n", "line 2: 1 cells"),
        ('a\n"x" y\n', "line 2"),
        ("a\0b", "no text"),
        (",".join(f"c{number}" for number in range(600)), "longer than"),
        ("a" * 100_000, "longer than"),
        ("a\n" + "x" * 200_000, "line 2: field larger"),
    ],
)
def test_what_is_no_table_is_said_so(text: str, complaint: str) -> None:
    with pytest.raises(BadLabels, match=complaint):
        list(parse_table(text, "labels.csv").rows)


def test_files_have_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.csv"
    with pytest.raises(BadLabels, match=r"labels\.csv cannot be read: No such file"):
        read_table(path)
    path.write_bytes(b"a\n\xff\n")
    with pytest.raises(BadLabels, match="not UTF-8"):
        read_table(path)
    path.write_text("a\n1\n2\n3\n")
    monkeypatch.setattr(table, "MAX_ROWS", 2)
    with pytest.raises(BadLabels, match="more than 2 rows"):
        list(read_table(path).rows)
    monkeypatch.setattr(table, "MAX_BYTES", 4)
    with pytest.raises(BadLabels, match="more than 4 bytes"):
        read_table(path)
