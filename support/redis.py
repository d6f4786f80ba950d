"""A private Redis on a free port that can be stopped, started and frozen."""

from collections.abc import Generator
from contextlib import contextmanager

from support.hosts import LOCAL, Host
from support.processes import Child, answers, free_port, scratch
from support.programs import need


class RedisServer:
    def __init__(self, *options: str, host: Host = LOCAL) -> None:
        """`options`: more options of its command line."""
        self._options = options
        self._program = need("redis-server", package="redis-server")
        self._folder = scratch("redis")
        self.host, self.port = host, free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://{self.host.address}:{self.port}/0"

    def start(self) -> None:
        command = [
            *(self._program, "--port", str(self.port), "--bind", self.host.address),
            # On a separate host its whole network may connect, as in a deployment.
            *("--protected-mode", "yes" if self.host is LOCAL else "no"),
            *("--dir", self._folder, "--save", "", "--appendonly", "no"),
            *self._options,
        ]
        self.child = Child(self.host.command(command), log=self._folder / "log")
        self.child.wait_until(lambda: answers(self.port, self.host.address))

    def stop(self) -> None:
        """Kill it: connections break, and its data is gone."""
        self.child.kill()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self.child.pause()

    def resume(self) -> None:
        self.child.resume()

    @contextmanager
    def stopped(self) -> Generator[None]:
        """Stopped inside the block, running again after it whatever happens."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def paused(self) -> Generator[None]:
        self.pause()
        try:
            yield
        finally:
            self.resume()
