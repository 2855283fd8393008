"""Rows that a person's name is found by: folded forms for literal matching, words for fuzzy matching."""

from collections.abc import Mapping, Sequence

from gateway.archive.facts import NameFacts
from gateway.inserting import insert_rows
from gateway.reading import Reader


def first_names(told: Sequence[NameFacts]) -> NameFacts:
    """The first that are any, of at least one."""
    return next((names for names in told if names.forms), told[0])


def add_patient_names(statements: Reader, hospital: str, row_id: int, names: NameFacts) -> None:
    """Names a patient is found by."""
    owner = {"hospital_id": hospital, "patient_row_id": row_id}
    _add(statements, "patient_names", "patient_name_words", owner, names)


def remove_patient_names(statements: Reader, row_id: int) -> None:
    """Forget the names a patient is found by."""
    statements.all("DELETE FROM patient_names WHERE patient_row_id = ?", (row_id,))
    statements.all("DELETE FROM patient_name_words WHERE patient_row_id = ?", (row_id,))


def add_physician_names(statements: Reader, hospital: str, row_id: int, names: NameFacts) -> None:
    """Names of the referring physician a study is found by."""
    owner = {"hospital_id": hospital, "study_row_id": row_id}
    _add(statements, "referring_physician_names", "referring_physician_name_words", owner, names)


def remove_physician_names(statements: Reader, row_id: int) -> None:
    """Forget the names of the referring physician a study is found by."""
    statements.all("DELETE FROM referring_physician_names WHERE study_row_id = ?", (row_id,))
    statements.all("DELETE FROM referring_physician_name_words WHERE study_row_id = ?", (row_id,))


def _add(statements: Reader, forms: str, words: str, owner: Mapping[str, object], names: NameFacts) -> None:
    insert_rows(statements, forms, [{**owner, "value": form} for form in names.forms])
    insert_rows(statements, words, [{**owner, "word": word} for word in names.words])
