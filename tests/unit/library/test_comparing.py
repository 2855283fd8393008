"""Which cases resemble a picture: held against a search that looks at every one of them, by filters of plain Python."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.conversion.body_sites import body_sites
from gateway.library.resemblance.comparing import Comparing, Question, Similar
from gateway.library.resemblance.context import Narrowing, ladder
from gateway.library.resemblance.embeddings import EmbeddedPicture
from gateway.library.resemblance.room import Room
from tests.unit.library.samples import SITES, drawn, embedded, unit

EXACT = Room(exact=10**6, most=0)
HOSPITALS = st.none() | st.frozensets(st.sampled_from(["north", "south", "west", "nowhere"]))


def comparing(pictures: Sequence[EmbeddedPicture], *pages: Sequence[EmbeddedPicture]) -> Comparing:
    made = Comparing(EXACT)
    for page in (pictures, *pages):
        made.add(page)
    return made


def test_a_library_that_holds_nothing_answers_nothing() -> None:
    found = Comparing(EXACT).similar(Question(unit([1, 0]), None, "nevus", "F", 40, "nose"))
    assert found.cases == ()


def test_an_embedding_of_another_width_is_refused() -> None:
    made = comparing([embedded(1, unit([1, 0]))])
    with pytest.raises(ValueError, match="3 numbers instead of 2"):
        made.add([embedded(2, unit([1, 0, 0]))])


def test_no_case_of_another_hospital_is_found_however_alike() -> None:
    same = unit([1, 0])
    made = comparing([embedded(1, same, hospital="south"), embedded(2, unit([0, 1]), hospital="north")])
    found = made.similar(Question(same, frozenset({"north"}), limit=5))
    assert [case.case_id for case in found.cases] == [embedded(2, same).case_id]
    assert made.similar(Question(same, frozenset())).cases == ()


def test_a_dropped_case_is_found_no_more() -> None:
    near, far = embedded(1, unit([1, 0])), embedded(2, unit([0, 1]))
    made = comparing([near, far])
    made.drop(near.case_id)
    made.drop("nothing of that id")
    assert [case.case_id for case in made.similar(Question(unit([1, 0]), None)).cases] == [far.case_id]
    assert made.pictures == 1


def test_a_case_counts_once_by_its_nearest_picture() -> None:
    pictures = [embedded(number, unit([1, number]), case_id="a" * 32, picture=number) for number in (3, 1, 2)]
    (case,) = comparing(pictures).similar(Question(unit([1, 1]), None)).cases
    assert case.picture == 1
    assert case.resemblance == pytest.approx(1)


def test_the_opposite_resembles_by_nothing() -> None:
    (case,) = comparing([embedded(1, unit([1, 0]))]).similar(Question(unit([-1, 0]), None)).cases
    assert case.resemblance == 0


def test_what_is_asked_for_is_narrowed_as_far_as_enough_are_left() -> None:
    pictures = [
        embedded(1, unit([1, 0]), sex="F", age_band=40, body_site="nose"),
        embedded(2, unit([1, 1]), sex="F", age_band=40, body_site="face"),
        embedded(3, unit([1, 2]), sex="F", age_band=50, body_site="back"),
        embedded(4, unit([1, 3]), sex="M", age_band=None, body_site=None),
    ]
    made = comparing(pictures)

    def asked(limit: int) -> tuple[int, bool, str, str]:
        found = made.similar(Question(unit([1, 0]), None, None, "F", 40, "nose", limit))
        step = found.narrowing
        return len(found.cases), step.sex is not None, step.age, step.site_match

    assert asked(1) == (1, True, "band", "site")
    assert asked(2) == (2, True, "band", "part_of")
    assert asked(3) == (3, True, "near", "any")
    assert asked(4) == (4, False, "any", "any")
    assert asked(9) == (4, False, "any", "any")


def test_the_ladder_gives_way_from_the_site_to_the_sex() -> None:
    steps = [(step.sex, step.age, step.site) for step in ladder("F", 90, "nose_tip", body_sites())]
    assert steps == [
        ("F", "band", "nose_tip"), ("F", "band", "nose"), ("F", "band", "face"), ("F", "band", "head"),
        ("F", "band", None), ("F", "near", None), ("F", "any", None), (None, "any", None),
    ]  # fmt: skip
    assert [step.bands for step in ladder(None, 90, None, body_sites())] == [{90}, {80, 90}, None]
    assert len(list(ladder(None, None, None, body_sites()))) == 1
    assert len(list(ladder(None, None, "no site at all", body_sites()))) == 1


def test_there_is_no_more_in_memory_than_there_is_room_for(caplog: pytest.LogCaptureFixture) -> None:
    made = Comparing(Room(exact=3, most=0))
    made.add([embedded(number, unit([1, number])) for number in range(1, 3)])
    made.add([embedded(number, unit([1, number])) for number in range(3, 9)])
    made.add([embedded(9, unit([1, 9]))])
    assert made.pictures == 3
    assert len(caplog.records) == 1


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    count=st.integers(0, 120),
    hospitals=HOSPITALS,
    disease=st.sampled_from([None, "nevus", "melanoma", "unheard of"]),
    sex=st.sampled_from([None, "F", "M", "O"]),
    age_band=st.sampled_from([None, 20, 30, 40, 90]),
    body_site=st.sampled_from([*SITES, "arm", "head"]),
    limit=st.integers(1, 6),
)
def test_it_finds_what_looking_at_each_case_finds(
    *,
    seed: int,
    count: int,
    hospitals: frozenset[str] | None,
    disease: str | None,
    sex: str | None,
    age_band: int | None,
    body_site: str | None,
    limit: int,
) -> None:
    rng = np.random.default_rng(seed)
    pictures = drawn(rng, count)
    made = comparing(pictures[: count // 2], pictures[count // 2 :])
    gone = {picture.case_id for picture in pictures if rng.random() < 0.1}
    for case_id in gone:
        made.drop(case_id)
    question = Question(unit(rng.standard_normal(8)), hospitals, disease, sex, age_band, body_site, limit)
    left = [picture for picture in pictures if picture.case_id not in gone]
    _same(made.similar(question), _looked_at_each(left, question))


def _same(found: Similar, expected: tuple[dict[str, float], Narrowing]) -> None:
    cosines, step = expected
    assert found.narrowing == step
    nearest = sorted(cosines.values(), reverse=True)[: len(found.cases)]
    assert [case.resemblance for case in found.cases] == pytest.approx([max(each, 0) for each in nearest], abs=1e-5)
    assert all(max(cosines[case.case_id], 0) == pytest.approx(case.resemblance, abs=1e-5) for case in found.cases)


def _looked_at_each(pictures: Sequence[EmbeddedPicture], question: Question) -> tuple[dict[str, float], Narrowing]:
    """The best cosine of each case that fits, and the step at which enough did."""
    best: tuple[list[EmbeddedPicture], Narrowing] | None = None
    for step in ladder(question.sex, question.age_band, question.body_site, body_sites()):
        fitting = [picture for picture in pictures if _fits(picture, question, step)]
        if best is None or len(fitting) > len(best[0]):
            best = fitting, step
        if len({picture.case_id for picture in fitting}) >= question.limit:
            break
    assert best is not None
    cosines: dict[str, float] = {}
    for picture in best[0]:
        cosine = float(picture.vector @ question.embedding)
        cosines[picture.case_id] = max(cosine, cosines.get(picture.case_id, -1))
    return cosines, best[1]


def _fits(picture: EmbeddedPicture, question: Question, step: Narrowing) -> bool:
    return (
        (question.hospitals is None or picture.hospital in question.hospitals)
        and question.disease in {None, picture.disease}
        and step.sex in {None, picture.sex}
        and (step.bands is None or picture.age_band in step.bands)
        and (step.site is None or _is_within(picture.body_site, step.site))
    )


def _is_within(site: str | None, whole: str) -> bool:
    while site is not None:
        if site == whole:
            return True
        site = body_sites()[site].parent
    return False
