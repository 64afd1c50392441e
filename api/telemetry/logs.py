"""Where the log of a served process goes, and how its lines are written. All of it is below the logger ``pullquote``.

In JSON a line is an object with ``time``, ``level``, ``logger``, ``message``, the ``request_id`` of the request it is
about, and what the line tells besides.
"""

import copy
import logging
from contextvars import ContextVar
from typing import Any, Literal

from pythonjsonlogger.json import JsonFormatter
from uvicorn.config import LOGGING_CONFIG

Format = Literal["text", "json"]

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being worked on, in whatever thread."""

_TEXT = "%(levelname)s:     %(message)s"


class JsonLines(JsonFormatter):
    """One JSON object a line."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            exc_info_as_array=False,
            reserved_attrs=[*logging.makeLogRecord({}).__dict__, "message", "asctime", "color_message", "taskName"],
        )

    def format(self, record: logging.LogRecord) -> str:
        """The line; a line that is about no request has no request id."""
        if not hasattr(record, "request_id") and (request_id := REQUEST_ID.get()):
            record.request_id = request_id
        return super().format(record)


def show_log(style: Format = "text") -> None:
    """Write the log to standard error, as uvicorn does with its own, unless this process was told where logs go."""
    logger, root = logging.getLogger("pullquote"), logging.getLogger()
    if any(not isinstance(handler, logging.NullHandler) for handler in (*logger.handlers, *root.handlers)):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else logging.Formatter(_TEXT))
    logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)


def server_log(style: Format) -> dict[str, Any]:
    """How uvicorn is to write its own lines, as :func:`logging.config.dictConfig` takes it."""
    config = copy.deepcopy(LOGGING_CONFIG)
    if style == "json":
        config["formatters"] = {name: {"()": JsonLines} for name in config["formatters"]}
    return config
