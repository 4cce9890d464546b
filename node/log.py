"""Log lines that an operator can act on: to standard error and to `DIR/node.log`, as text or as JSON.

A line says when, how grave, which part and what; ids yes, key material never.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import sys
from datetime import UTC, datetime
from pathlib import Path

FILE_NAME = "node.log"
FILE_BYTES_MAX = 5 * 1024 * 1024
FILES_KEPT = 3


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for collectors."""

    def format(self, record: logging.LogRecord) -> str:
        """Give `record` as JSON with time, level, part, message and, where there is one, the trace."""
        line: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class LogFile(logging.handlers.RotatingFileHandler):
    """The node's file. A line that finds no room is lost here, and stands on standard error all the same."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is that of logging
        """Say nothing of it: thirty lines of trace for each line that is lost would fill what is left of the disk."""
        del record

    def close(self) -> None:
        """Close the file, with or without the lines that found no room."""
        with contextlib.suppress(OSError):
            super().close()


def start_log(directory: Path, *, level: str, form: str) -> None:
    """Send the program's log lines to standard error and to the node's file.

    Args:
        directory: The node's folder; the file turns over at 5 MiB and three old ones are kept.
        level: debug, info, warning or error.
        form: text or json.
    """
    formatter: logging.Formatter
    if form == "json":
        formatter = JsonFormatter()
    else:
        formatter = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handlers: list[logging.Handler] = [
        logging.StreamHandler(sys.stderr),
        LogFile(directory / FILE_NAME, maxBytes=FILE_BYTES_MAX, backupCount=FILES_KEPT, encoding="utf-8"),
    ]
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(level.upper())
    for talkative in ("aiohttp.access", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def stop_log() -> None:
    """Close the node's file and send nothing more there."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, LogFile):
            root.removeHandler(handler)
            handler.close()
