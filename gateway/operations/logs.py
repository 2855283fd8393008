"""Structured logs: one JSON object a line, without identity and without query strings."""

import logging
import sys
import traceback
import warnings
from datetime import UTC, datetime
from typing import Any

import orjson

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; `extra` values become members of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _words(record),
        }
        entry.update({key: value for key, value in record.__dict__.items() if key not in _STANDARD})
        if record.exc_info:
            entry["error"] = _where(record.exc_info[1])
        return orjson.dumps(entry, default=str).decode()


def configure_logging(level: str = "INFO") -> None:
    """Send everything to standard error as JSON.

    Left out are uvicorn's access log, which has query strings, and what pydicom warns of and logs: it repeats values.
    """
    warnings.simplefilter("ignore")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False


def _words(record: logging.LogRecord) -> str:
    """The message, without the words of an error that somebody logs as a message: they may repeat what was sent."""
    if isinstance(record.msg, BaseException):
        return type(record.msg).__qualname__
    message = record.getMessage()
    # asyncio shows the task, and with it the error's own words, on further lines.
    return message.partition("\n")[0] if record.name == "asyncio" else message


def _where(error: BaseException | None) -> list[str]:
    """Types and places of an error and its causes; messages are left out, since they may repeat what was sent."""
    lines: list[str] = []
    while error is not None:
        lines.append(type(error).__qualname__)
        lines += [
            f"{frame.name} at {frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        error = error.__cause__
    return lines
