"""Searches whose text was parsed before: which are remembered, and that they stay few and small."""

from dicomweb.archive import Level
from dicomweb.query import PathKeys
from dicomweb.search_endpoint import _LONGEST_REMEMBERED, _MOST_PARSED, _parser
from dicomweb.settings import DicomWebSettings

ANYWHERE = PathKeys()


def test_the_same_list_is_parsed_once_and_another_studys_is_another() -> None:
    parsed = _parser(DicomWebSettings(), Level.SERIES)
    first = parsed("limit=5", PathKeys("1.2"))
    assert parsed("limit=5", PathKeys("1.2")) is first
    other = parsed("limit=5", PathKeys("1.3"))
    assert other.search.keys.StudyInstanceUID == "1.3"
    assert first.search.keys.StudyInstanceUID == "1.2"


def test_a_long_query_is_not_kept_in_memory() -> None:
    parsed = _parser(DicomWebSettings(), Level.STUDY)
    query = "StudyInstanceUID=" + ",".join(f"1.{number}" for number in range(_LONGEST_REMEMBERED // 4))
    assert parsed(query, ANYWHERE) is not parsed(query, ANYWHERE)


def test_the_oldest_of_many_lists_is_forgotten() -> None:
    parsed = _parser(DicomWebSettings(), Level.STUDY)
    first = parsed("offset=0", ANYWHERE)
    for offset in range(1, _MOST_PARSED + 1):
        parsed(f"offset={offset}", ANYWHERE)
    assert parsed("offset=0", ANYWHERE) is not first
