"""Person names as conditions of SQL: literally, and fuzzily by words as `dicomweb.fuzzy_names` has it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dicomweb.fuzzy_names import Beginnings, choices
from gateway.archive.clauses import Clause, either, select
from gateway.archive.match_sql import begins, name_matches
from gateway.archive.scoping import of_hospitals


@dataclass(frozen=True, slots=True)
class NameTables:
    """The tables of a name's forms and of its words, whose column `owner` names the row that bears the name."""

    owner: str
    forms: str
    words: str


PATIENT = NameTables("patient_row_id", "patient_names", "patient_name_words")
REFERRING_PHYSICIAN = NameTables("study_row_id", "referring_physician_names", "referring_physician_name_words")


def named(tables: NameTables, texts: Sequence[str], hospitals: Sequence[str], *, sqlite: bool, fuzzy: bool) -> Clause:
    """Owners of a name that one of the keys asks for, without regard to case; fuzzy: or of its words."""
    literal = name_matches(f"{tables.forms}.value", texts, sqlite=sqlite)
    inside = of_hospitals(f"{tables.forms}.hospital_id", hospitals)
    lists = [select(f"{tables.forms}.{tables.owner}", tables.forms, [inside, literal])]
    if fuzzy:
        asked = dict.fromkeys(choice for text in texts for choice in choices(text))
        lists += [_with_words(tables, choice, hospitals) for choice in asked]
    return either(lists)


def _with_words(tables: NameTables, beginnings: Beginnings, hospitals: Sequence[str]) -> Clause:
    """Owners whose words have all of these beginnings.

    The rarest is looked for; the others are then asked of those who have it, by the index of their owner.
    """
    rarest, *others = beginnings
    conditions = [of_hospitals("found.hospital_id", hospitals), begins("found.word", rarest)]
    conditions += [_has_another(tables, beginning) for beginning in others]
    return select(f"found.{tables.owner}", f"{tables.words} AS found", conditions)


def _has_another(tables: NameTables, beginning: str) -> Clause:
    same = Clause(f"also.{tables.owner} = found.{tables.owner}")
    words = select("1", f"{tables.words} AS also", [same, begins("also.word", beginning)])
    return Clause(f"EXISTS ({words.text})", words.values)
