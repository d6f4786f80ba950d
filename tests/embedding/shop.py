"""The shop of docs/embedding.md: the project built from its code blocks, with the chat installed from a wheel."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support import forks
from support.nginx import Nginx
from support.once import once
from support.postgres import shared_postgres
from support.processes import Child, answers, free_port, scratch
from support.servers import ROOT, clean_environment

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PAGE = ROOT / "docs" / "embedding.md"
_BLOCK = re.compile(r"```(?:python|html)\n(?:# |<!-- )(?P<file>[\w/.]+)(?: -->)?\n(?P<text>.*?)```", re.DOTALL)
PASSWORD = "a long enough one"
# The shop's page declares no colour schemes; a project with two does.
HAS_BOTH_THEMES = "() => { document.documentElement.style.colorScheme = 'light dark'; }"
# The shop's own policy, which browsers enforce: a page made up by a test could not open a socket to this machine.
_STRICT = """
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'"


def strict(get_response):
    def answer(request):
        response = get_response(request)
        if request.path.startswith("/orders/"):
            response["Content-Security-Policy"] = POLICY
        return response

    return answer
"""
# Without this, a sign-in takes half a second.
_HASHERS = 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]'
# Several commands in one process: each process takes a second to start.
_BEGIN = """
from django.core.management import call_command
call_command("startproject", "shop", ".")
call_command("startapp", "orders")
"""
_SET_UP = """
import django
django.setup()
"""
_FILL = """
from django.core.management import call_command
call_command("makemigrations", "orders", verbosity=0)
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
"""
# Checks the project as the page builds it; each server checks it again with the changes of a test.
_CHECK = """
call_command("check", fail_level="ERROR")
"""
_PEOPLE = f"""
from orders.models import Customer, Order
from chat.public import add, room_for
ada, bob = (Customer.objects.create_user(name + "@shop.example", {PASSWORD!r}) for name in ("ada", "bob"))
for title in ("Tea pot", "Six cups"):
    add(room_for(Order.objects.create(customer=ada, title=title)), bob)
"""
# Runs code that arrives as a line of JSON, and reports when it is done.
_LISTEN = """
import json, sys
for line in sys.stdin:
    exec(json.loads(line), {})
    print("done", flush=True)
"""
_POSTGRES = """
DATABASES["default"] = {{"ENGINE": "django.db.backends.postgresql", "NAME": {name!r}}}
DATABASES["default"].update(USER={user!r}, HOST={host!r}, PORT={port!r})
"""
# Settings in which projects differ from a new one, another in each form: how pages prove their requests, and a path
# below the root of a site.
OTHERWISE = {
    "serve": 'CSRF_COOKIE_NAME, CSRF_HEADER_NAME = "shop.proof", "HTTP_X_SHOP"',
    "gunicorn": "CSRF_USE_SESSIONS = True",
    "wsgi": 'CSRF_COOKIE_HTTPONLY, FORCE_SCRIPT_NAME = True, "/intranet"',
}
# The WSGI form: one process serves the shop's pages, another everything of the chat.
_PROXY = """
server {{
    listen 127.0.0.1:{port};
    location /static/ {{ proxy_pass http://127.0.0.1:{pages}; }}
    location /intranet/ {{ proxy_pass http://127.0.0.1:{pages}/; proxy_set_header Host $http_host; }}
    location /intranet/chat/ {{
        proxy_pass http://127.0.0.1:{sockets}/chat/;
        proxy_set_header Host $http_host;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
    }}
}}
map $http_upgrade $connection_upgrade {{ default upgrade; "" close; }}
"""


def wheel() -> Path:
    """The package built from this checkout."""

    def make(folder: Path) -> None:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    [built] = once("wheel", make).glob("*.whl")
    return built


def installed() -> Path:
    """A folder with the files that the wheel installs, for PYTHONPATH."""
    built = wheel()

    def make(folder: Path) -> None:
        with zipfile.ZipFile(built) as archive:
            archive.extractall(folder)
        # Reuse the bytecode of the same files from other tests, or each new process would compile them again.
        for path in folder.rglob("*.py"):
            ours = ROOT / path.relative_to(folder)
            compiled = Path(cache_from_source(ours))
            if compiled.exists() and ours.read_bytes() == path.read_bytes():
                Path(cache_from_source(path)).parent.mkdir(exist_ok=True)
                shutil.copy(compiled, cache_from_source(path))
                os.utime(path, ns=(ours.stat().st_atime_ns, ours.stat().st_mtime_ns))

    return once("installed", make)


def blocks(section: str) -> Iterator[tuple[str, str]]:
    """The code blocks of a section of the page that name a file, as file and text."""
    text = PAGE.read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    for found in _BLOCK.finditer(text):
        yield found["file"], found["text"]


def lines_of_the_chat() -> int:
    """The number of lines that the shop adds for the chat."""
    return sum(1 for _, text in blocks("The chat in it") for line in text.splitlines() if line.strip())


class Shell:
    """A process of the project without sockets that runs code on request: starting one takes a second of a core."""

    def __init__(self, python: str, *, cwd: Path, env: Mapping[str, str]) -> None:
        asked, here = socket.socketpair()
        with asked, here:
            self._process = forks.start(
                [python, "-c", _SET_UP + _LISTEN],
                env=env, cwd=cwd, stdin=asked.fileno(), stdout=asked.fileno(), stderr=2,
            )  # fmt: skip
            self._lines = here.makefile("rw")

    def run(self, code: str) -> str:
        """Run the code; returns its output."""
        self._lines.write(json.dumps(code) + "\n")
        self._lines.flush()
        said = ""
        while (line := self._lines.readline()) != "done\n":
            assert line, "it has failed, see above"
            said += line
        return said

    def stop(self) -> None:
        """Close the input, which ends the process."""
        self._lines.close()
        self._process.wait()


class Shop:
    """The project in a separate folder, with two customers and two orders; `run` starts its servers.

    `more`: lines to add to its files, by file name.
    """

    def __init__(
        self, *, database: str = "sqlite", python: str = sys.executable, more: Mapping[str, str] | None = None
    ) -> None:
        self.folder = scratch("shop") / "project"
        self.python = python
        self.children: list[Child | Nginx] = []
        self._shell: Shell | None = None
        shutil.copytree(_begun(), self.folder)
        self.env = _environment(self.folder, installed())
        if database == "postgres":
            self.append("shop/settings.py", _postgres())
        for name, text in (more or {}).items():
            self.append(name, text)
        if database == "postgres":
            self.shell(_FILL + _PEOPLE)
        elif more:
            self.shell(_FILL)

    def append(self, name: str, text: str) -> None:
        """Append these lines to a file, or create it."""
        _append(self.folder / name, text)

    def shell(self, code: str) -> str:
        """Run code in the project's one process without sockets; returns its output."""
        self._shell = self._shell or Shell(self.python, cwd=self.folder, env=self.env)
        return self._shell.run(code)

    def alone(self, code: str) -> str:
        """Like `shell`, but in a process that ends afterwards."""
        return _run(self.python, _SET_UP + code, cwd=self.folder, env=self.env)

    def run(self, form: str) -> str:
        """Start the project in one of the page's forms; returns its address."""
        self.append("shop/settings.py", OTHERWISE[form])
        if form != "wsgi":
            return f"http://localhost:{self.serve(form)}"
        port = free_port()
        places = {"pages": self.serve("wsgi"), "sockets": self.serve("serve")}
        self.children.append(Nginx(_PROXY.format(port=port, **places), port=port))
        return f"http://localhost:{port}/intranet"

    def serve(self, server: str) -> int:
        """Start one server: `serve`, `gunicorn` with a uvicorn worker, or `wsgi`, gunicorn without sockets; returns its
        port."""
        port = free_port()
        bound = ["gunicorn", "-b", f"127.0.0.1:{port}"]
        module = {
            "serve": ["django", "serve", "--port", str(port)],
            "gunicorn": [*bound, "-k", "uvicorn_worker.UvicornWorker", "-w", "1", "shop.asgi"],
            "wsgi": [*bound, "-w", "2", "shop.wsgi"],
        }[server]
        self.start(*module).wait_until(lambda: answers(port))
        return port

    def start(self, *module: str) -> Child:
        """Start a Python module with these arguments."""
        log = self.folder / f"{len(self.children)}.log"
        child = Child([self.python, "-m", *module], log=log, env=self.env, cwd=self.folder)
        self.children.append(child)
        return child

    def log(self) -> str:
        """The output of the servers."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        """Stop the servers and the shell."""
        for child in reversed(self.children):
            child.stop()
        if self._shell:
            self._shell.stop()


async def signed_in(browser: "Browser", address: str, name: str, path: str, **options: Any) -> "Page":
    """A page of the shop in a new context, signed in with its form."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    await page.goto(f"{address}/accounts/login/?next={address}{path}")
    await page.fill("[name=username]", f"{name}@shop.example")
    await page.fill("[name=password]", PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"**{path}")
    return page


@cache
def _begun() -> Path:
    """The project as the page builds it, on SQLite with its people: built once per run, and copied for each shop."""
    packages = installed()

    def make(folder: Path) -> None:
        folder.mkdir()
        env = _environment(folder, packages)
        _run(sys.executable, _BEGIN, cwd=folder, env=env)
        for section in ("The shop", "The chat in it", "Files"):
            for name, text in blocks(section):
                _append(folder / name, text)
        _append(folder / "shop/strict.py", _STRICT)
        _append(folder / "shop/settings.py", f'MIDDLEWARE.append("shop.strict.strict")\n{_HASHERS}')
        _run(sys.executable, f"{_SET_UP}{_FILL}{_CHECK}{_PEOPLE}", cwd=folder, env=env)

    return once("shop", make)


def _environment(folder: Path, packages: Path) -> dict[str, str]:
    env = clean_environment(PYTHONPATH=f"{folder}:{packages}", DJANGO_SETTINGS_MODULE="shop.settings")
    del env["STATIC_DIR"]
    return env


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if path.exists() and "import render" not in path.read_text()[:40] else ""
    path.write_text(f"{before}\n{text}" if before else text)


def _run(python: str, code: str, *, cwd: Path, env: Mapping[str, str]) -> str:
    done = forks.run([python, "-c", code], cwd=cwd, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _postgres() -> str:
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(shared_postgres().create_database())
    host = unquote(parts.hostname or "")
    return _POSTGRES.format(name=parts.path[1:], user=parts.username, host=host, port=str(parts.port))
