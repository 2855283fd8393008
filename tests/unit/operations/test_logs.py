"""Lines of the log: JSON, with places of errors and without their words."""

import errno
import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from pydicom.dataset import Dataset

from gateway.operations.logs import JsonFormatter, JsonLines, configure_logging, log_often


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


LOGGER = logging.getLogger("gateway.http")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[JsonLines]:
    """The only handler, and every line is wanted."""
    handler = JsonLines(io.StringIO())
    monkeypatch.setattr(logging.root, "handlers", [handler])
    monkeypatch.setattr(LOGGER, "level", logging.INFO)
    LOGGER.manager._clear_cache()  # type: ignore[attr-defined]  # what it remembers of levels
    yield handler
    LOGGER.manager._clear_cache()  # type: ignore[attr-defined]


def _written(handler: JsonLines) -> list[dict[str, object]]:
    assert isinstance(handler.stream, io.StringIO)
    return [json.loads(line) for line in handler.stream.getvalue().splitlines()]


def test_what_is_said_often_is_the_line_a_record_would_become(lines: JsonLines) -> None:
    LOGGER.info("request", extra={"status": 200, "ms": 1.5})
    log_often(LOGGER, "request", {"status": 200, "ms": 1.5})
    slow, quick = _written(lines)
    assert str(quick.pop("at"))[:10] == str(slow.pop("at"))[:10]
    assert quick == slow


def test_what_is_said_often_is_not_written_where_nobody_wants_it(
    lines: JsonLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOGGER, "level", logging.WARNING)
    LOGGER.manager._clear_cache()  # type: ignore[attr-defined]
    log_often(LOGGER, "request", {"status": 200})
    assert _written(lines) == []


class _Gone(io.StringIO):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def write(self, _text: str) -> int:
        raise self._error


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(errno.ENOSPC, "full"), ValueError("closed")])
def test_a_log_that_cannot_be_written_is_no_fault_of_a_request(lines: JsonLines, error: Exception) -> None:
    lines.setStream(_Gone(error))
    log_often(LOGGER, "request", {"status": 200})
