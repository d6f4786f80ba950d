"""What to do with each printed command. The first row whose expression matches applies."""

import re
from dataclasses import dataclass
from enum import Enum

from tests.printed.pages import Printed


class Way(Enum):
    RUN = "run in a fresh clone until it ends"
    SERVE = "started in a fresh clone, and stopped when its page is through"
    CHECK = "read: its shell syntax, files, scripts and options"


@dataclass(frozen=True, slots=True)
class Row:
    """`page` is the prefix of the page's name. `typed` pairs a text to await on the terminal with the input to type
    then. `why` is the reason that a command does not run."""

    page: str
    command: str
    way: Way
    typed: tuple[tuple[str, str], ...] = ()
    why: str = ""


_PASSWORD = "eleven green doors\n"
_END = "\x04"
ROWS = (
    # README.md, from top to bottom, with one server.
    Row("README", r"PORT=8001 bin/run( &)?|PORT=8002 bin/run", Way.CHECK, why="bin/run itself is started"),
    Row("README", r"export DATABASE_URL=.*", Way.CHECK, why="servers of the machine"),
    Row("README", r"bin/run", Way.SERVE),
    Row("README", r"DATA_DIR=var/demo .* bin/run", Way.SERVE),
    Row("README", r".*manage\.py playground echo", Way.CHECK, why="docs/playground.md's is started"),
    Row("README", r".*chatclient http://\S+ --room lobby", Way.RUN, typed=(("connected", "hello\n"), ("hello", _END))),
    Row("README", r"export CHAT_TOKEN=.*|.*chatclient load .*|curl .*/readyz|bin/bench --help", Way.RUN),
    Row("README", r"\.venv/bin/python manage\.py demo", Way.RUN),
    Row("README", r"\.venv/bin/python manage\.py invite", Way.CHECK, why="docs/accounts.md's is run"),
    Row("python-client", r".*chatclient load .*", Way.CHECK, why="README.md's is run, and draws no chart"),
    # Pages that each get a new workspace.
    Row("embedding", r"python -m backchannel|manage\.py", Way.CHECK, why="of another project: tests/embedding"),
    Row("accounts", r".*adduser ada .*", Way.RUN, typed=(("Password: ", _PASSWORD), ("again: ", _PASSWORD))),
    Row("accounts", r"\(umask .*|\.venv/bin/python manage\.py (adduser|invite|token) .*", Way.RUN),
    Row("api", r"export URL=\S+|for name in .*adduser.*", Way.RUN),
    Row("api", r"curl .*", Way.CHECK, why="tests/api/test_docs.py runs it and compares the answers"),
    Row("api", r"export TOKEN=…", Way.CHECK, why="the token is the reader's"),
    Row("playground", r".*manage\.py playground echo", Way.SERVE),
    Row("playground", r".* -m websockets .*", Way.RUN, typed=(("> ", "hello\n"), ("Pong: hello", _END))),
    Row("playground", r".*playground advanced --token .*", Way.RUN),
    # Commands that take minutes, install, need another machine, or change the repository.
    Row(
        "",
        r"bin/(test|bench|faults|matrix|screens)\b.*|.*-m tools\.faults\.floods .*|python -m bench\.\w+\b.*",
        Way.CHECK,
        why="minutes of time",
    ),
    Row("", r"bin/(setup|check|vendor|words|confusables)\b.*|pip install .*", Way.CHECK, why="installs or rewrites"),
    Row("", r"(cd requirements|\.\./\.venv/bin/uv pip .*)", Way.CHECK, why="asks the package index"),
    Row("", r"docker .*|git pull .*|export COMPOSE_FILE=.*|cp \.env\.example .*|mkdir .*", Way.CHECK, why="Docker"),
    Row(
        "self-hosting",
        r"(apt|useradd|git clone|cp|install|set -a|sudo|DATABASE_URL=|export NGINX_|for name|nginx) ?.*",
        Way.CHECK,
        why="root, on a machine of its own",
    ),
    Row("self-hosting", r"systemctl .*|\.venv/bin/python manage\.py migrate .*", Way.CHECK, why="root"),
    Row(
        "self-hosting", r".*VACUUM INTO.*|sqlite3 .*", Way.CHECK, why="tests/databases copies a file that is written to"
    ),
    Row("self-hosting", r"(uvicorn|hypercorn|granian)( .*)?", Way.CHECK, why="installed by those who take it"),
    Row("", r"(tail .*)?(\.venv/bin/)?python -m chatclient.*|export CHAT_TOKEN=…", Way.CHECK, why="another host"),
    Row("", r"ssh .*", Way.CHECK, why="another host"),
    # Mentions in prose, with a placeholder for the reader to fill in.
    Row(
        "", r"((\.venv/bin/)?python )?manage\.py .*|\.venv/bin/python.*|(DEBUG=1 )?bin/run", Way.CHECK, why="a mention"
    ),
)


def row_of(command: Printed) -> Row | None:
    page, code = command.page.removeprefix("docs/"), _code(command)
    return next((row for row in ROWS if page.startswith(row.page) and re.fullmatch(row.command, code, re.DOTALL)), None)


def _code(command: Printed) -> str:
    """The command without its trailing comment."""
    return re.sub(r"\s+# .*", "", command.text)
