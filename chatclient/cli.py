"""The command line: a terminal chat, and a load test."""

import argparse
import asyncio
import getpass
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from chatclient.address import Address, parse_address
from chatclient.authentication import fetch_token
from chatclient.client import ChatClient
from chatclient.errors import ChatError, InvalidAddress
from chatclient.loadtest.plan import Plan
from chatclient.loadtest.report import Report, run_load
from chatclient.stdin_lines import read_lines
from chatclient.terminal import Style, Terminal
from chatclient.timing import Timing

_EXIT_INTERRUPTED = 130
# In a pipe there is no one to press Ctrl-C.
_GIVE_UP_SECONDS = 60.0
# Every server has this room.
_LOAD_ROOM = "lobby"

_CHAT = """\
A terminal chat. Each line of the input is sent as a message; events are printed, one a line. Notices about the
connection go to the error output. In a pipe it works as well: at the end of the input it waits until every message
is acknowledged, then ends.

exit codes: 0 everything was acknowledged, 1 something went wrong (one line says what), 130 ended by Ctrl-C
environment: CHAT_TOKEN the token, CHAT_PASSWORD the password for --username
load test: python -m chatclient load --help"""

_LOAD = """\
A load test: connects, lets every connection send its messages, each after the acknowledgement of the one before, and
follows every message to every connection. Times: connect (until the room is joined), acknowledge (from sending to
the acknowledgement), deliver (from sending to each reader).

A server limits the sockets and the messages of one person; give the tokens of several people in a file, one a line,
or run the server without these limits.

exit codes: 0 everything arrived, once and in order, 1 it did not, 130 ended by Ctrl-C
environment: CHAT_TOKEN the token"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["load"]:
            return _run(_load(_load_parser().parse_args(given[1:])))
        return _run(_chat(_chat_parser().parse_args(given)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _EXIT_INTERRUPTED
    except ChatError as exc:
        return _complain(str(exc))
    except BrokenPipeError:
        # The reader of our output has closed it, which is no error. Python must not try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as exc:
        return _complain(f"{exc.filename or 'Input or output'}: {exc.strerror or exc}.")


def _complain(text: str) -> int:
    sys.stderr.write(f"chatclient: {text}\n")
    return 1


def _run(work: Coroutine[Any, Any, int]) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A terminal's encoding may lack a character; that must not end the program.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")

    async def until_terminated() -> int:
        task = asyncio.current_task()
        assert task is not None
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    return asyncio.run(until_terminated())


async def _chat(options: argparse.Namespace) -> int:
    by_hand = sys.stdin.isatty()
    address = _room_address(options)
    client = ChatClient(
        options.url,
        room=address.room,
        token=_token(options),
        username=options.username,
        password=_password(options),
        outbox_file=options.outbox,
        give_up_after=options.give_up or (None if by_hand else _GIVE_UP_SECONDS),
    )
    shown = options.history if options.history is not None else (10 if by_hand else 0)
    terminal = Terminal(client, style=Style(json=options.json, history=shown, by_hand=by_hand))
    return await terminal.run(None if options.listen else read_lines())


async def _load(options: argparse.Namespace) -> int:
    address = parse_address(options.url, options.room)
    if address.room is None:
        address = replace(address, room=_LOAD_ROOM)
    if options.chart is not None and not options.chart.parent.is_dir():
        # Checked before the test, which can take an hour.
        return _complain(f"{options.chart.parent}: there is no such folder for the chart.")
    tokens: list[str | None] = [_token(options)]
    if options.tokens_file is not None:
        tokens = [line.strip() for line in options.tokens_file.read_text("utf-8").splitlines() if line.strip()]
        if not tokens:
            return _complain(f"{options.tokens_file} holds no token.")
    elif options.username is not None:
        password = _password(options) or ""
        tokens = [await fetch_token(address, options.username, password, timing=Timing())]
    plan = Plan(
        address=address,
        tokens=tokens,
        clients=options.clients,
        messages=options.messages,
        interval=options.interval,
        size=options.size,
        patience=options.patience,
    )
    return await run_load(plan, Report(json=options.json, chart=options.chart))


def _room_address(options: argparse.Namespace) -> Address:
    address = parse_address(options.url, options.room)
    if address.room is None:
        raise InvalidAddress("Say which room: --room NAME.")
    return address


def _token(options: argparse.Namespace) -> str | None:
    if options.username is not None:
        return None
    return str(options.token) if options.token else os.environ.get("CHAT_TOKEN") or None


def _password(options: argparse.Namespace) -> str | None:
    if options.username is None:
        return None
    return os.environ.get("CHAT_PASSWORD") or getpass.getpass(f"Password of {options.username}: ")


def _chat_parser() -> argparse.ArgumentParser:
    parser = _parser("python -m chatclient", _CHAT, room="the room")
    parser.add_argument("--json", action="store_true", help="print events as JSON, one object a line")
    parser.add_argument("--history", type=_count, metavar="N", help="begin with the last N messages (by hand: 10)")
    parser.add_argument("--listen", action="store_true", help="read no input; print events until interrupted")
    parser.add_argument("--outbox", type=Path, metavar="FILE", help="keep unacknowledged messages in this file")
    parser.add_argument(
        "--give-up",
        type=_seconds,
        metavar="SECONDS",
        help=f"seconds without a connection before it ends (by hand: never, otherwise {_GIVE_UP_SECONDS:.0f})",
    )
    return parser


def _load_parser() -> argparse.ArgumentParser:
    parser = _parser("python -m chatclient load", _LOAD, room=f"the room ({_LOAD_ROOM})")
    parser.add_argument("--tokens-file", type=Path, metavar="FILE", help="tokens, one a line, taken in turn")
    parser.add_argument("--clients", type=_positive, default=100, metavar="N", help="connections (100)")
    parser.add_argument("--messages", type=_positive, default=10, metavar="N", help="messages of each (10)")
    parser.add_argument(
        "--interval", type=_seconds, default=0.0, metavar="SECONDS", help="pause after each acknowledgement (0)"
    )
    parser.add_argument("--size", type=_positive, default=80, metavar="N", help="characters of a message (80)")
    parser.add_argument(
        "--patience", type=_seconds, default=10.0, metavar="SECONDS", help="silence after which the rest is lost (10)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg", help="draw the times")
    return parser


def _parser(program: str, description: str, *, room: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", metavar="URL", help="the server: https://chat.example.org or http://127.0.0.1:8000")
    parser.add_argument("--room", metavar="NAME", help=room)
    parser.add_argument(
        "--token", metavar="TOKEN", help="an API token or JWT; better in CHAT_TOKEN, where ps cannot see it"
    )
    parser.add_argument("--username", metavar="NAME", help="sign in by name; the password is asked for")
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError("must be a whole number, not below 0")
    return int(text)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("must be a number of seconds")
    return value
