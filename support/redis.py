"""A private Redis on a free port that can be stopped, started and frozen."""

from collections.abc import Generator
from contextlib import contextmanager

from support.processes import Child, answers, free_port, scratch
from support.programs import need


class RedisServer:
    def __init__(self, *options: str) -> None:
        """`options`: more of its command line."""
        self._options = options
        self._program = need("redis-server", package="redis-server")
        self._folder = scratch("redis")
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.child = Child(
            [
                *(self._program, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--dir", self._folder, "--save", "", "--appendonly", "no"),
                *self._options,
            ],
            log=self._folder / "log",
        )
        self.child.wait_until(lambda: answers(self.port))

    def stop(self) -> None:
        """Connections break, and what it held is gone."""
        self.child.kill()

    def pause(self) -> None:
        """Connections stay open and nothing answers."""
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
