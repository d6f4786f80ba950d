"""A fresh clone: the current tracked files, an environment with our packages, and a terminal in it."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from support.processes import Child, scratch
from support.servers import ROOT, clean_environment


def make_clone() -> Path:
    """The files that git tracks or would add, without `var/`, and a `.venv` that finds the packages of this run."""
    folder = scratch("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    for name in names:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    # Reuse the bytecode from other tests, or each program would compile it again.
    for cache in {(ROOT / name).parent / "__pycache__" for name in names if name.endswith(".py")}:
        if cache.is_dir():
            shutil.copytree(cache, folder / cache.relative_to(ROOT), dirs_exist_ok=True)
    return folder


def give_packages(folder: Path) -> None:
    """Provide what `bin/setup` would install, in a tenth of a second and without the package index."""
    venv = folder / ".venv"
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run([base, "-m", "venv", "--without-pip", venv], check=True)
    [packages] = venv.glob("lib/python*/site-packages")
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
    digest = hashlib.sha256((folder / "requirements.txt").read_bytes()).hexdigest()
    (venv / "installed-requirements.txt").write_text(f"{digest}  requirements.txt\n")


_READY = re.compile(r"^Backchannel is ready: |\(Ctrl-C stops it\)$", re.MULTILINE)


class Terminal:
    """A shell in the clone. Exports of one command are visible to the next. `ports` replace those of the pages."""

    def __init__(self, folder: Path, *, ports: Mapping[str, int], **settings: str) -> None:
        self.folder = folder
        self.ports = ports
        self.env = clean_environment(**settings)
        self.servers: dict[str, Child] = {}
        self._logs = scratch("terminal")

    def here(self, text: str) -> str:
        """The text with the ports of this run."""
        return re.sub(r"\b(?:8000|8003|7890)\b", lambda port: str(self.ports[port[0]]), text)

    def run(self, command: str, typed: Sequence[tuple[str, str]] = ()) -> str:
        """Run it to the end; returns the output, raises when it fails. With `typed` it runs on a terminal."""
        kept = self._logs / "environment"
        script = f"{self.here(command)}\nstatus=$?; env -0 > {kept}; exit $status"
        if typed:
            status, output = _converse(["bash", "-c", script], typed, cwd=self.folder, env=self.env)
        else:
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", script],
                cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            status, output = done.returncode, done.stdout
        if status:
            raise RuntimeError(f"{command} ended with {status}:\n{output}")
        self.env |= dict(entry.split("=", 1) for entry in kept.read_text().split("\0") if entry)
        return output

    def serve(self, command: str) -> str:
        """Start it unless it is running, and wait until it reports ready; returns the output up to then."""
        code = self.here(command)
        if code not in self.servers:
            log = self._logs / f"{len(self.servers)}.log"
            # `exec`: stopping the shell then stops the server itself.
            *before, last = code.split(" && ")
            assigned, program = re.fullmatch(r"((?:[A-Z_]+=\S+ )*)(.*)", last).groups()  # type: ignore[union-attr]
            script = " && ".join([*before, f"{assigned}exec {program}"])
            self.servers[code] = Child(["bash", "-c", script], log=log, env=self.env, cwd=self.folder)
        server = self.servers[code]
        server.wait_until(lambda: bool(_READY.search(server.output())), seconds=100)
        return server.output()

    def stop(self) -> list[int]:
        """Stop all servers as Ctrl-C or systemd does; returns their exit codes."""
        return [server.stop() for server in self.servers.values() if server.exit_code is None]

    def kill(self) -> None:
        for server in self.servers.values():
            with suppress(ProcessLookupError):
                server.kill()


def _converse(
    command: Sequence[str], typed: Sequence[tuple[str, str]], *, cwd: Path, env: Mapping[str, str]
) -> tuple[int, str]:
    """Type each answer when its question appears; returns the exit code and everything shown on the screen."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        command, cwd=cwd, env=dict(env), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    screen, seen, waiting = "", 0, list(typed)
    # Reading a terminal after its program has exited is an error.
    with suppress(OSError):
        while part := os.read(ours, 4096):
            screen += part.decode(errors="replace")
            while waiting and (at := screen.find(waiting[0][0], seen)) >= 0:
                question, answer = waiting.pop(0)
                seen = at + len(question)
                os.write(ours, answer.encode())
    os.close(ours)
    return process.wait(), screen
