from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.access.caller import Scope
from gateway.archive.tables import PatientRow
from gateway.database import Database
from gateway.review.cases import (
    CaseConflict,
    PlaceTaken,
    UnknownCase,
    check_patient,
    find_case,
    find_case_of_study,
    open_case,
    plan_place,
    take_place,
)
from gateway.review.places import Case, Patient, Place
from tests.integration.review.cases import PATIENT, case, opened

EVERYWHERE = Scope(None)
PHOTOS = 8
BODY_SITES = ("arm", "back")


def plan(database: Database, discriminator: str = "arm", series: str = "2.25.100") -> Place:
    with database.read() as session:
        return plan_place(session, "1", discriminator, series)


def take(database: Database, place: Place, discriminator: str = "arm") -> None:
    with database.write() as unit_of_work:
        take_place(unit_of_work, case(), discriminator, place)


def test_a_case_is_found_as_it_was_opened(database: Database) -> None:
    opened(database)
    with database.read() as session:
        assert find_case(session, EVERYWHERE, "1") == case()
        assert find_case(session, Scope(frozenset({"north", "south"})), "1") == case()
        assert find_case_of_study(session, EVERYWHERE, "north", "2.25.1") == case()


@pytest.mark.parametrize("scope", [Scope(frozenset({"south"})), Scope(frozenset())])
def test_a_case_of_another_hospital_is_told_as_one_that_is_not_there(database: Database, scope: Scope) -> None:
    opened(database)
    with database.read() as session:
        with pytest.raises(UnknownCase) as hidden:
            find_case(session, scope, "1")
        with pytest.raises(UnknownCase) as absent:
            find_case(session, scope, "2")
        assert find_case_of_study(session, EVERYWHERE, "south", "2.25.1") is None
    assert str(hidden.value).replace("1", "2") == str(absent.value)


def test_a_patient_finds_its_own_cases_alone(database: Database) -> None:
    opened(database)
    with database.write() as unit_of_work:
        for hospital, patient_id in (("north", "12345678"), ("north", "87654321"), ("south", "12345678")):
            unit_of_work.session.add(
                PatientRow(
                    hospital_id=hospital, issuer_of_patient_id="SNUH", patient_id=patient_id, birth_date="", sex="",
                    attributes={},
                )
            )  # fmt: skip
            unit_of_work.session.flush()
    with database.read() as session:
        assert find_case(session, Scope(None, "1"), "1") == case()
        for stranger in ("2", "3", "4", "", "x", "1 OR 1"):
            with pytest.raises(UnknownCase):
                find_case(session, Scope(None, stranger), "1")


def test_two_photos_that_open_a_case_for_one_study_open_one(database: Database) -> None:
    opened(database)
    with pytest.raises(PlaceTaken), database.write() as unit_of_work:
        open_case(unit_of_work, case("2", study="2.25.1"))
    opened(database, case("2", Patient("south", "SNUH", "1"), study="2.25.1"))


@pytest.mark.parametrize(
    "patient",
    [Patient("south", "SNUH", "12345678"), Patient("north", "AMC", "12345678"), Patient("north", "SNUH", "12345679")],
)
def test_a_photo_of_another_patient_does_not_belong_to_the_case(patient: Patient) -> None:
    check_patient(case(), PATIENT)
    check_patient(case(), Patient(PATIENT.hospital, "", PATIENT.patient_id))
    with pytest.raises(CaseConflict, match="another patient") as raised:
        check_patient(case(), patient)
    assert "1234567" not in str(raised.value)


def test_places_count_from_one_and_each_body_site_has_a_series(database: Database) -> None:
    opened(database)
    for expected in (Place("2.25.100", 1, 1), Place("2.25.100", 1, 2), Place("2.25.100", 1, 3)):
        assert plan(database) == expected
        take(database, expected)
    other = plan(database, "back", "2.25.200")
    assert other == Place("2.25.200", 2, 1)
    take(database, other, "back")
    assert plan(database, "arm", "2.25.300") == Place("2.25.100", 1, 4), "a series that is there keeps its UID"


def test_a_place_is_taken_once(database: Database) -> None:
    opened(database)
    first = plan(database)
    take(database, first)
    with pytest.raises(PlaceTaken):
        take(database, first)
    second = plan(database)
    take(database, second)
    with pytest.raises(PlaceTaken):
        take(database, second)
    assert plan(database).instance_number == 3


def test_two_new_series_planned_at_once_do_not_get_the_same_number(database: Database) -> None:
    opened(database)
    arm, back = plan(database, "arm", "2.25.100"), plan(database, "back", "2.25.200")
    take(database, arm, "arm")
    with pytest.raises(PlaceTaken):
        take(database, back, "back")
    assert plan(database, "back", "2.25.200").series_number == 2


def test_a_place_planned_and_not_taken_leaves_nothing(database: Database) -> None:
    opened(database)

    def attempt() -> None:
        with database.write() as unit_of_work:
            take_place(unit_of_work, case(), "arm", plan(database))
            raise RuntimeError("meant")

    with pytest.raises(RuntimeError, match="meant"):
        attempt()
    assert plan(database).instance_number == 1


def test_photos_that_come_into_one_case_at_once_never_share_a_place(database: Database) -> None:
    made = opened(database)
    with ThreadPoolExecutor(PHOTOS) as pool:
        photos = [pool.submit(_add_photos, database, made, number) for number in range(PHOTOS)]
        places = [place for photo in photos for place in photo.result(timeout=60)]
    assert len(places) == PHOTOS * len(BODY_SITES) * 2
    by_series: dict[tuple[str, int], list[int]] = {}
    for place in places:
        by_series.setdefault((place.series_instance_uid, place.series_number), []).append(place.instance_number)
    assert sorted(number for _, number in by_series) == [1, 2]
    for numbers in by_series.values():
        assert sorted(numbers) == list(range(1, PHOTOS * 2 + 1))


def _add_photos(database: Database, made: Case, photo: int) -> list[Place]:
    """Two photos of each body site, each planned anew until its place is free."""
    sites = BODY_SITES if photo % 2 else BODY_SITES[::-1]
    return [_add_photo(database, made, site) for site in sites * 2]


def _add_photo(database: Database, made: Case, site: str) -> Place:
    for _ in range(1000):
        place = plan(database, site, f"2.25.{100 + BODY_SITES.index(site)}")
        try:
            with database.write() as unit_of_work:
                take_place(unit_of_work, made, site, place)
        except PlaceTaken:
            continue
        return place
    raise AssertionError("no place was found")
