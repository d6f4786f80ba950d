"""In a full run, each worker of pytest gets the files that are meant for it, and every file runs."""

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from support import plugin

FILES = [f"tests/test_{letter}.py" for letter in "abcdefgh"]
TESTS = [f"{file}::test_{number}" for file in FILES for number in range(3)]


class Worker:
    """An xdist worker that records which files it receives."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = False
        self.given: list[int] = []

    def send_runtest_some(self, numbers: Iterable[int]) -> None:
        self.given += numbers

    def shutdown(self) -> None:
        self.shutting_down = True

    @property
    def files(self) -> list[str]:
        return list(dict.fromkeys(TESTS[number].partition("::")[0][-4] for number in self.given))


def begun(ended: Path | None) -> tuple[Any, list[Worker]]:
    """A scheduler with three workers that have finished collecting."""
    config: Any = SimpleNamespace(
        getvalue=lambda _name: ["3*popen"],
        getoption={"dist": "loadfile", "beside": ended}.get,
        option=SimpleNamespace(loadscopereorder=False),
    )
    scheduler = plugin.pytest_xdist_make_scheduler(config, None)
    workers = [Worker(f"gw{number}") for number in range(3)]
    for worker in workers:
        scheduler.add_node(worker)
        scheduler.add_node_collection(worker, TESTS)
    scheduler.schedule()
    return scheduler, workers


def run(scheduler: Any, worker: Worker, count: int) -> None:
    """Run the next tests of those assigned to the worker."""
    done = scheduler.assigned_work[worker]
    for number in worker.given[sum(sum(file.values()) for file in done.values()) :][:count]:
        scheduler.mark_test_complete(worker, number)


def test_one_worker_waits_for_the_other_database_and_one_begins_at_the_end(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    scheduler, (first, waiting, patient) = begun(ended)
    assert (first.files, waiting.files, patient.files) == (["a"], [], ["h"])
    run(scheduler, first, 1)
    run(scheduler, patient, 1)
    assert (first.files, waiting.files, patient.files) == (["a", "b"], [], ["h", "g"])
    ended.touch()
    run(scheduler, first, 1)
    assert waiting.files == ["c"]
    while scheduler.workqueue:
        for worker in (first, waiting, patient):
            run(scheduler, worker, 1)
    assert sorted(first.given + waiting.given + patient.given) == list(range(len(TESTS)))
    for worker in (first, waiting, patient):
        run(scheduler, worker, len(TESTS))
        assert worker.shutting_down
    assert scheduler.tests_finished


def test_the_one_that_waits_ends_when_the_others_have_run_everything(tmp_path: Path) -> None:
    scheduler, (first, waiting, patient) = begun(tmp_path / "never")
    while scheduler.workqueue:
        for worker in (first, patient):
            run(scheduler, worker, 1)
    run(scheduler, first, len(TESTS))
    assert waiting.given == []
    assert waiting.shutting_down
    assert sorted(first.given + patient.given) == list(range(len(TESTS)))


def test_otherwise_all_are_alike() -> None:
    _, workers = begun(None)
    assert [worker.files for worker in workers] == [["a"], ["b"], ["c"]]
