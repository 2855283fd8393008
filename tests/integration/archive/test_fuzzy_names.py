"""Fuzzy matching of names in the index: what the plain matcher finds, kept up with changes, by an index."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from dicomweb.archive import Level, Search
from dicomweb.dicom_json import to_json
from dicomweb.matching import object_matches
from gateway.access.caller import Scope
from gateway.archive.searching import find_page
from gateway.archive.service import ArchiveService
from gateway.archive.tables import PatientNameWordRow, ReferringPhysicianNameWordRow
from gateway.database import Database
from gateway.reading import Row
from tests.integration.archive.acts import HERE, THERE, count, store, values
from tests.unit.archive.samples import part10, photo, set_unchecked

NAMES = [
    "Kim^Soon-hee=金^順姬=김^순희",
    "김순희",
    "김^영희",
    "기^민수",
    "HONG^Gildong=洪^吉洞=홍^길동",
    "O'Hara^Ann^M^Dr",
    "Ärger^Jörg",
    "100%_[x]^*",
    "",
]
KEYS = [
    *("김", "기", "ㄱ", "김ㅅ", "김수", "ㄱㅅㅎ", "ㅅㅎ", "김ㅅㅎ", "ㄱㅇㅎ", "순희 김", "김 순희", "kim 순희"),
    *("soonhee kim", "ann ohara", "o hara", "dr", "JORG", "arger", "100", "%", "[x]", "x", "*hee*", "k*"),
    *("h?ng*", "*", "nobody", "\\"),
]  # fmt: skip


def fuzzy(archive: ArchiveService, *, caller: Any = HERE, level: Level = Level.STUDY, **keys: Any) -> Sequence[str]:
    found = archive.for_caller(caller).search(Search(level, wanted(**keys), fuzzy_names=True))
    assert found.remaining == 0
    return values(found.items, "0020000D")


def wanted(**keys: Any) -> Dataset:
    made = Dataset()
    for keyword, value in keys.items():
        set_unchecked(made, keyword, value)
    return made


@pytest.fixture
def objects(archive: ArchiveService) -> Sequence[Dataset]:
    """A study of each name, by a physician of each other name."""
    made = [
        photo(PatientID=f"P{number}", PatientName=name, ReferringPhysicianName=NAMES[-1 - number])
        for number, name in enumerate(NAMES)
    ]
    assert all(outcome.status == 0 for outcome in store(archive, *made))
    return made


def expected(objects: Sequence[Dataset], keys: Dataset) -> set[str]:
    return {ds.StudyInstanceUID for ds in objects if object_matches(keys, to_json(ds), fuzzy_names=True)}


@pytest.mark.parametrize("level", list(Level))
def test_a_fuzzy_search_finds_what_a_plain_matcher_finds(
    archive: ArchiveService, objects: Sequence[Dataset], level: Level
) -> None:
    for key in KEYS:
        for keyword in ("PatientName", "ReferringPhysicianName"):
            keys = {keyword: key, "PatientID": "P*"}
            assert set(fuzzy(archive, level=level, **keys)) == expected(objects, wanted(**keys)), keys


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text("kimhasonjr김순희기ㄱㅅㅎ金 ^=-*?%_[\\", max_size=6))
def test_any_fuzzy_key_finds_what_a_plain_matcher_finds(
    archive: ArchiveService, objects: Sequence[Dataset], key: str
) -> None:
    assert set(fuzzy(archive, PatientName=key)) == expected(objects, wanted(PatientName=key))


def test_names_of_another_hospital_are_not_found(archive: ArchiveService, objects: Sequence[Dataset]) -> None:
    assert fuzzy(archive, PatientName="순희 김", caller=HERE)
    assert not fuzzy(archive, PatientName="순희 김", caller=THERE)


def test_words_of_a_name_that_is_told_later_corrected_or_deleted_follow_it(
    archive: ArchiveService, database: Database
) -> None:
    ds = photo(PatientID="P", PatientName="", ReferringPhysicianName="")
    told = photo(
        PatientID="P", PatientName="김^순희", ReferringPhysicianName="이^의사", StudyInstanceUID=ds.StudyInstanceUID
    )
    store(archive, ds)
    assert count(database, PatientNameWordRow) == 0
    store(archive, told)
    assert fuzzy(archive, PatientName="순희 김", ReferringPhysicianName="의사")
    told.PatientName, told.ReferringPhysicianName = "김^영희", "박^의사"
    with archive.staged([part10(told)]) as staged, database.write() as unit_of_work:
        archive.revise(unit_of_work, HERE, [staged], reason="another name")
    assert not fuzzy(archive, PatientName="순희 김")
    assert not fuzzy(archive, ReferringPhysicianName="의사 이")
    assert fuzzy(archive, PatientName="영희 김", ReferringPhysicianName="ㅂㅇㅅ")
    archive.for_caller(HERE).delete(ds.StudyInstanceUID)
    assert (count(database, PatientNameWordRow), count(database, ReferringPhysicianNameWordRow)) == (0, 0)


@pytest.mark.parametrize("key", ["gildong hong", "ㄱㅅㅎ", "김ㅅㅎ", "a b c d e f g"])
def test_a_fuzzy_search_goes_by_the_index_of_words(sqlite: Database, key: str) -> None:
    asked: list[tuple[str, Sequence[object]]] = []

    class Noting:
        is_sqlite = True

        def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
            asked.append((statement, values))
            return reader.all(statement, values)

    with sqlite.reader() as reader:
        search = Search(Level.STUDY, wanted(PatientName=key), fuzzy_names=True)
        find_page(Noting(), Scope(frozenset({"here"})), search)
        text, values = asked[-1]
        plan = [str(row[-1]) for row in reader.all(f"EXPLAIN QUERY PLAN {text}", values)]
    assert any("patient_name_words_by_word (hospital_id=? AND word>?" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
