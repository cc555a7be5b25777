"""The log for operators: one JSON object a line, constant text plus fields, ids only.

Never names, addresses or free text.
"""

import json
import logging
import sys

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the record holds."""
        fields = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        line = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower()}
        line |= {"logger": record.name, "text": record.getMessage()} | fields
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def start(process: str, *, level: str = "INFO") -> None:
    """Send every logger of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").disabled = True  # paths hold invitation ids
    for chatty in (
        "apscheduler",
        "alembic",
        "mail.log",
        "httpx",
        "httpcore",
    ):  # what they say is routine, or holds addresses
        logging.getLogger(chatty).setLevel("WARNING")
    logging.getLogger(__name__).info("process starts", extra={"started": process})
