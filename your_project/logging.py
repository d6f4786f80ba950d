"""How log lines look, and what must never be in one.

Every part logs by the standard library. Lines carry what they say in fields; a socket's lines carry its
`connection`. Texts of messages are logged nowhere; keys and tokens that slip into a line, by an address or an
exception, are blotted out here, whoever wrote the line.
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

# Fields that our own lines carry, and no others: Django's `request` would bring the address with its query.
FIELDS = (
    *("user", "address", "code", "seconds", "received", "sent", "sent_bytes", "dropped"),
    *("room", "position", "head", "upto", "events", "hints"),
    *("origin", "reason"),
    "status_code",
)
# What others send, a host or a path, is cut before it is searched and written.
LONGEST_CHARS = 300
# Of an exception, both ends.
LONGEST_TRACE_CHARS = 20_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_CHARS:
        return value[:LONGEST_CHARS] + "…"
    return value


def cut_values(record: logging.LogRecord) -> bool:
    """A logging filter that lets every line pass: no value in it is longer than it may be."""
    if isinstance(record.args, tuple):
        record.args = tuple(map(_cut, record.args))
    if not record.args:
        # Django puts the host it refuses into the text itself.
        record.msg = _cut(record.msg)
    return True


def _blot(_logger: Any, _method: str, line: EventDict) -> EventDict:
    for key, value in line.items():
        if not isinstance(value, str):
            continue
        if key == "exception":
            # Searched first: half a token does not look like one.
            trace, half = without_secrets(value), LONGEST_TRACE_CHARS // 2
            line[key] = trace if len(trace) <= LONGEST_TRACE_CHARS else f"{trace[:half]}\n…\n{trace[-half:]}"
        else:
            line[key] = without_secrets(value if key == "event" else _cut(value))
    return line


def _without_trace(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """Whoever scans the network asks for any host: that is a line, and no fault of ours to be traced."""
    if line.get("logger") == "django.security.DisallowedHost":
        line.pop("exc_info", None)
    return line


def _reference(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """The number on the page of somebody for whom this request failed; see `your_project.errors`."""
    request = getattr(line.get("_record"), "request", None)
    if reference := getattr(request, "reference", ""):
        line["reference"] = reference
    return line


def _one_line(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """For people: no value begins a line that looks like another, or moves the cursor of a terminal."""
    return {
        key: _CONTROLS.sub(lambda found: repr(found[0])[1:-1], value)
        if isinstance(value, str) and key != "exception"
        else value
        for key, value in line.items()
    }


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what is stderr at that moment: under a test runner it changes."""

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
            # As plain text, so that no value of a variable gets in.
            structlog.processors.format_exc_info,
            _blot,
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
                # It warns at each attempt to connect, twice a second in an outage; `accounts.outage` says it once.
                "psycopg.pool": {"level": "ERROR"},
                # A traceback a second while Redis is away, and one for each task: `chat.live.broker` says it once.
                "channels_redis": {"level": "CRITICAL"},
                # In place of Django's own handlers.
                "django": {"handlers": [], "level": "WARNING"},
            },
        }
    )
    _keep_queries_out_of_access_log()
    _write_the_rest_as_lines(json)


def _write_the_rest_as_lines(json: bool) -> None:
    """What Python itself would write to stderr, as it is, becomes lines of the JSON log."""
    logging.captureWarnings(json)
    sys.excepthook = _died if json else sys.__excepthook__
    threading.excepthook = _thread_died if json else threading.__excepthook__


def _died(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("This process ends: %s", kind.__name__, exc_info=(kind, error, trace))


def _thread_died(args: threading.ExceptHookArgs) -> None:
    # Handed on by name: an exception without a value is none that could be formatted.
    if args.exc_value:
        told = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger(__name__).error("A thread ended: %s", args.exc_type.__name__, exc_info=told)


def _keep_queries_out_of_access_log() -> None:
    """The plain `daphne` and `uvicorn` commands print each address with its query, and with it `?token=`."""
    for name in ("uvicorn.access", "uvicorn.error"):  # the second tells of sockets
        logger = logging.getLogger(name)
        if _without_queries not in logger.filters:
            logger.addFilter(_without_queries)
    if getattr(AccessLogGenerator.write_entry, "tells_no_query", False):
        return
    write_entry = AccessLogGenerator.write_entry

    def write(self: Any, host: Any, date: Any, request: str, *args: Any, **kwargs: Any) -> None:
        write_entry(self, host, date, request.partition("?")[0], *args, **kwargs)

    write.tells_no_query = True  # type: ignore[attr-defined]
    AccessLogGenerator.write_entry = write


def _without_queries(line: logging.LogRecord) -> bool:
    if isinstance(line.args, tuple):
        line.args = tuple(
            arg.partition("?")[0] if isinstance(arg, str) and arg.startswith("/") else arg for arg in line.args
        )
    return True
