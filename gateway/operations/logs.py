"""Structured logs: one JSON object a line, without identity and without query strings."""

import logging
import sys
import time
import traceback
import warnings
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; `extra` values become members of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        entry = _entry(record.created, record.levelname, record.name, _words(record))
        entry.update({key: value for key, value in record.__dict__.items() if key not in _STANDARD})
        if record.exc_info:
            entry["error"] = _where(record.exc_info[1])
        return orjson.dumps(entry, default=str).decode()


class JsonLines(logging.StreamHandler):  # type: ignore[type-arg]  # it takes none when it runs
    """Writes records as lines of JSON, and lines that never were a record."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setFormatter(JsonFormatter())

    def write_info(self, logger: logging.Logger, message: str, members: Mapping[str, object]) -> None:
        """The line that a record of these would become."""
        entry = _entry(time.time(), "INFO", logger.name, message)
        entry.update(members)
        line = orjson.dumps(entry, default=str).decode()
        with self.lock or nullcontext(), suppress(OSError, ValueError):  # nobody reads it, or its disk is full
            self.stream.write(line + self.terminator)
            self.stream.flush()


def log_often(logger: logging.Logger, message: str, members: Mapping[str, object]) -> None:
    """As `logger.info(message, extra=members)`; a fifth of its cost, for what is said thousands of times a second."""
    handlers = logging.root.handlers
    only = handlers[0] if len(handlers) == 1 else None
    if not isinstance(only, JsonLines):
        logger.info(message, extra=members)
    elif logger.isEnabledFor(logging.INFO):
        only.write_info(logger, message, members)


def configure_logging(level: str = "INFO") -> None:
    """Send everything to standard error as JSON.

    Left out are uvicorn's access log, which has query strings, and what pydicom warns of and logs: it repeats values.
    """
    warnings.simplefilter("ignore")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    root = logging.getLogger()
    root.handlers[:] = [JsonLines(sys.stderr)]
    root.setLevel(level)
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False


def _entry(created: float, level: str, logger: str, message: str) -> dict[str, Any]:
    at = datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds")
    return {"at": at, "level": level.lower(), "logger": logger, "message": message}


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
