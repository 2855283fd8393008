"""Lines of the log: JSON, with places of errors and without their words."""

import json
import logging
import sys

import pytest
from pydicom.dataset import Dataset

from gateway.operations.logs import JsonFormatter, configure_logging


def _line(**values: object) -> dict[str, object]:
    record = logging.LogRecord("gateway.x", logging.INFO, "x.py", 1, "said %s", ("so",), None)
    record.__dict__.update(values)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return dict(json.loads(line))


def _fail() -> None:
    known: dict[str, int] = {}
    try:
        known["Zaphod"]
    except KeyError as cause:
        raise ValueError("Beeblebrox") from cause


def test_a_line_has_time_level_logger_message_and_what_was_added() -> None:
    line = _line(status=201)
    assert str(line.pop("at")).endswith("+00:00")
    assert line == {"level": "info", "logger": "gateway.x", "message": "said so", "status": 201}


def test_an_error_is_told_by_kind_and_place_and_its_cause_too() -> None:
    try:
        _fail()
    except ValueError:
        line = _line(exc_info=sys.exc_info())
    assert isinstance(line["error"], list)
    assert [entry for entry in line["error"] if " at " not in entry] == ["ValueError", "KeyError"]
    assert "Zaphod" not in str(line)
    assert "Beeblebrox" not in str(line)


def test_what_is_no_json_is_written_as_text() -> None:
    assert _line(folder=logging)["folder"]


def test_words_of_errors_that_are_logged_as_messages_are_left_out() -> None:
    assert _line(msg=ValueError("Zaphod"), args=())["message"] == "ValueError"
    task = "Task exception was never retrieved\nfuture: <Task exception=ValueError('Zaphod')>"
    assert _line(name="asyncio", msg=task, args=())["message"] == "Task exception was never retrieved"


def test_pydicom_says_nothing_of_values(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger("pydicom").level
    try:
        configure_logging()
        Dataset().PatientBirthDate = "Beeblebrox"
        logging.getLogger("pydicom").warning("Invalid value for VR DA: %r", "Beeblebrox")
    finally:
        logging.getLogger().handlers[:] = before[0]
        logging.getLogger("pydicom").setLevel(before[1])
    assert "Beeblebrox" not in capsys.readouterr().err
