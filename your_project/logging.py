"""The format of log lines, and the redaction of secrets in them.

All code logs with the standard library. Facts are in the fields of a line; a socket's lines have its `connection`.
Texts of messages are never logged; keys and tokens that get into a line through a URL or an exception are redacted
here, even in lines of libraries.
"""

import logging.config
import re
import sys
import threading
from types import TracebackType
from typing import Any

import structlog
from daphne.access import AccessLogGenerator
from structlog.typing import EventDict, Processor

from your_project.redaction import without_secrets
from your_project.repeats import Repeats

# The only `extra` fields that are logged: Django's `request`, for example, would log the URL with its query.
FIELDS = (
    *("user", "address", "code", "seconds", "received", "sent", "sent_bytes", "dropped"),
    *("room", "position", "head", "upto", "events", "hints"),
    *("origin", "reason"),
    "status_code",
)
# Values such as hosts and paths come from clients, and are cut before they are searched for secrets.
LONGEST_CHARS = 300
# A longer traceback is cut in the middle.
LONGEST_TRACE_CHARS = 20_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_CHARS:
        return value[:LONGEST_CHARS] + "…"
    return value


def cut_values(record: logging.LogRecord) -> bool:
    """A logging filter that passes every record, and cuts its values to LONGEST_CHARS."""
    if isinstance(record.args, tuple):
        record.args = tuple(map(_cut, record.args))
    if not record.args:
        # Django formats the refused host into the message itself.
        record.msg = _cut(record.msg)
    return True


def _redact(_logger: Any, _method: str, line: EventDict) -> EventDict:
    for key, value in line.items():
        if not isinstance(value, str):
            continue
        if key == "exception":
            # Redact before cutting: half a token would not be recognised.
            trace, half = without_secrets(value), LONGEST_TRACE_CHARS // 2
            line[key] = trace if len(trace) <= LONGEST_TRACE_CHARS else f"{trace[:half]}\n…\n{trace[-half:]}"
        else:
            line[key] = without_secrets(value if key == "event" else _cut(value))
    return line


def _without_trace(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """Drop the traceback of a refused Host header (network scans cause many), and of forbidden requests."""
    refused = line.get("logger") == "django.request" and line.get("level") == "warning"
    if refused or line.get("logger") == "django.security.DisallowedHost":
        line.pop("exc_info", None)
    return line


def _reference(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """Add the reference that the error page of this request shows; see `your_project.errors`."""
    request = getattr(line.get("_record"), "request", None)
    if reference := getattr(request, "reference", ""):
        line["reference"] = reference
    return line


def _one_line(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """For the console: escape control characters, so that a value cannot fake a line or move the cursor."""
    return {
        key: _CONTROLS.sub(lambda found: repr(found[0])[1:-1], value)
        if isinstance(value, str) and key != "exception"
        else value
        for key, value in line.items()
    }


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to the current `sys.stderr`, which a test runner replaces."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: `config["format"]` is `console` or `json`."""
    json = config["format"] == "json"
    stamp = structlog.processors.TimeStamper(fmt="iso" if json else "%H:%M:%S", utc=json)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        _reference,
        stamp,
    ]
    last: list[Processor]
    if json:
        last = [structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        plain = structlog.dev.plain_traceback
        last = [_one_line, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_trace,
            # As a plain traceback, without the values of variables.
            structlog.processors.format_exc_info,
            _redact,
            *last,
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "filters": {"cut": {"()": lambda: cut_values}, "repeats": {"()": Repeats}},
            "handlers": {"stderr": {"()": _Stderr, "formatter": "line", "filters": ["cut", "repeats"]}},
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {
                **{name: {"level": config.get("level", "info").upper()} for name in ("accounts", "chat", "playground")},
                # Warns at each attempt to connect, twice a second in an outage; `chat.lib.outage` logs it once.
                "psycopg.pool": {"level": "ERROR"},
                # Logs a traceback per task and second while Redis is unreachable; `chat.live.broker` logs it once.
                "channels_redis": {"level": "CRITICAL"},
                # Replaces Django's own handlers.
                "django": {"handlers": [], "level": "WARNING"},
            },
        }
    )
    _keep_queries_out_of_access_log()
    _write_the_rest_as_lines(json)


def _write_the_rest_as_lines(json: bool) -> None:
    """If `json`, log what Python itself would write to stderr: warnings and uncaught exceptions."""
    logging.captureWarnings(json)
    sys.excepthook = _log_crash if json else sys.__excepthook__
    threading.excepthook = _log_thread_crash if json else threading.__excepthook__


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("This process ends: %s", kind.__name__, exc_info=(kind, error, trace))


def _log_thread_crash(args: threading.ExceptHookArgs) -> None:
    # `exc_value` may be None, which cannot be formatted.
    if args.exc_value:
        info = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger(__name__).error("A thread ended: %s", args.exc_type.__name__, exc_info=info)


def _keep_queries_out_of_access_log() -> None:
    """Remove queries from the access logs of the `daphne` and `uvicorn` commands: they may contain `?token=`."""
    for name in ("uvicorn.access", "uvicorn.error"):  # the second logs sockets
        logger = logging.getLogger(name)
        if _without_queries not in logger.filters:
            logger.addFilter(_without_queries)
    if getattr(AccessLogGenerator.write_entry, "hides_query", False):
        return
    write_entry = AccessLogGenerator.write_entry

    def write(self: Any, host: Any, date: Any, request: str, *args: Any, **kwargs: Any) -> None:
        write_entry(self, host, date, request.partition("?")[0], *args, **kwargs)

    write.hides_query = True  # type: ignore[attr-defined]
    AccessLogGenerator.write_entry = write


def _without_queries(line: logging.LogRecord) -> bool:
    if isinstance(line.args, tuple):
        line.args = tuple(
            arg.partition("?")[0] if isinstance(arg, str) and arg.startswith("/") else arg for arg in line.args
        )
    return True
