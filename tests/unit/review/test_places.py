"""Numbers of series: those of images never meet those of reports, of opinions, or of others."""

from datetime import UTC, datetime

from gateway.review.opinion_reports import SERIES_NUMBER
from gateway.review.places import REPORTS_OFFSET, Case, Patient, next_series_number

MANY = 2000


def _numbers(count: int, *used: int) -> list[int]:
    numbers = [0]
    for _ in range(count):
        numbers.append(next_series_number(numbers[-1], used))
    return numbers[1:]


def test_the_first_numbers_count_from_one() -> None:
    assert _numbers(99) == list(range(1, 100))
    assert _numbers(100)[-1] == 201


def test_no_series_of_a_case_has_the_number_of_another() -> None:
    images = _numbers(MANY)
    reports = [number + REPORTS_OFFSET for number in images]
    assert images == sorted(set(images))
    assert not {*images, *reports} & {SERIES_NUMBER}
    assert not set(images) & set(reports)


def test_a_number_that_others_use_is_passed_over_and_so_is_one_whose_report_would_meet_theirs() -> None:
    assert _numbers(3, 1, 3, 104) == [2, 5, 6]


def test_a_case_is_somebodys_once_anybody_said_whose() -> None:
    def case(patient_id: str) -> Case:
        return Case("a" * 32, Patient("north", "SITE", patient_id), "2.25.1", "", datetime(2026, 5, 6, tzinfo=UTC))

    assert case("P-1").is_identified
    assert not case("UNID-" + "a" * 32).is_identified
