import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from dimse.worklist import WorklistKeys, identifier_of
from gateway.hospitals.identifiers import UnreadableIdentifier, read_identifier
from gateway.worklists.kept_orders import KEPT_SECONDS, MOST_KEPT, KeptOrders
from gateway.worklists.orders import (
    LONGEST_ITEM,
    InvalidItem,
    Item,
    Order,
    UnusableOrder,
    item_of,
    one_order,
    read_order,
)
from tests.unit.archive.samples import set_unchecked
from tests.worklist_peer import order

NUMBERS = st.text(max_size=16)


def named(numbers: Any) -> str:
    return urlsafe_b64encode(json.dumps(numbers).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "é",
        named([]),
        named(["", "", "", ""]),
        named(["", "", "", "a"]),
        named(["a", "b", "c"]),
        named([1, 2, 3, 4]),
        named(["a" * 17, "", "", ""]),
        "{}",
    ],
)
def test_what_names_no_item_is_told_so(name: str) -> None:
    with pytest.raises(InvalidItem):
        item_of(name)


@given(st.text(max_size=300))
def test_any_text_is_an_item_or_none(name: str) -> None:
    with suppress(InvalidItem):
        assert item_of(name).name


@given(NUMBERS, NUMBERS, NUMBERS)
def test_an_item_is_found_again_by_its_name(accession: str, procedure: str, step: str) -> None:
    item = Item(accession, procedure, step)
    if accession or procedure or step:
        assert item_of(item.name) == item


@pytest.mark.parametrize("born", ["00010101", "19801301", "1980", "soon"])
def test_what_is_no_day_of_birth_is_unknown(born: str) -> None:
    ds = order(1)
    set_unchecked(ds, "PatientBirthDate", born)
    assert read_order(ds).patient_birth_date is None


def test_the_longest_numbers_fit_an_item() -> None:
    longest = "\U0001f600" * 16
    assert len(read_order(order(1, AccessionNumber="1")).item.whose) == 16
    assert len(Item(longest, longest, longest, "f" * 16).name) <= LONGEST_ITEM


def test_the_same_numbers_of_two_patients_are_two_items() -> None:
    items = {read_order(order(1, PatientID=patient)).item for patient in ("P-1", "P-2")}
    items.add(read_order(order(1, IssuerOfPatientID="ELSEWHERE")).item)
    assert len(items) == 3


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_an_order_or_refused(data: bytes, implicit: bool) -> None:
    with suppress(UnreadableIdentifier, UnusableOrder):
        read_order(read_identifier(data, implicit=implicit))


@pytest.mark.parametrize("keyword", ["PatientID", "AccessionNumber", "RequestedProcedureID", "AdmissionID"])
def test_a_number_is_never_cut(keyword: str) -> None:
    too_long = order(1)
    set_unchecked(too_long, keyword, "1" * 65)
    with pytest.raises(UnusableOrder, match=keyword) as raised:
        read_order(too_long)
    assert "1111" not in str(raised.value)


def test_an_order_without_steps_is_an_order() -> None:
    ds = order(1)
    ds.ScheduledProcedureStepSequence = []
    assert read_order(ds).item.numbers == ("ACC1", "RP1", "")


def test_steps_of_two_patients_or_studies_are_no_one_order() -> None:
    one = read_order(order(1))
    assert one_order([one, read_order(order(1, PatientID="P-2"))]) is None
    assert one_order([one, read_order(order(1, StudyInstanceUID="1.2"))]) is None


def test_steps_of_one_procedure_are_an_order_without_a_step() -> None:
    steps = [read_order(order(1, StepScheduledProcedureStepID=step)) for step in ("A", "B")]
    shared = one_order(steps)
    assert shared is not None
    assert shared.item.numbers == ("ACC1", "RP1", "")
    assert shared.requested_procedure_description == "Skin photography"


def test_orders_are_kept_for_a_minute_and_not_without_end() -> None:
    moment = [0.0]
    kept = KeptOrders(lambda: moment[0])
    first = read_order(order(1))
    kept.keep([first])
    moment[0] = KEPT_SECONDS - 1
    assert kept.find(first.item) == first
    kept.keep([_numbered(number) for number in range(MOST_KEPT)])
    assert kept.find(first.item) is None
    moment[0] = 2 * KEPT_SECONDS
    assert kept.find(_numbered(1).item) is None


def _numbered(number: int) -> Order:
    return read_order(order(1, AccessionNumber=f"X{number}"))


def test_a_query_asks_back_what_a_photo_takes_over() -> None:
    asked = identifier_of(WorklistKeys(dates=(date(2026, 7, 1), date(2026, 7, 3)), modality="XC"))
    (step,) = asked.ScheduledProcedureStepSequence
    assert (step.Modality, step.ScheduledProcedureStepStartDate) == ("XC", "20260701-20260703")
    for keyword in ("PatientID", "IssuerOfPatientID", "StudyInstanceUID", "ReferringPhysicianName", "AdmissionID"):
        assert asked[keyword].value in ("", None)
    assert isinstance(asked, Dataset)
