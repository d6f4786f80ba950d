"""The thread that keeps its connection between calls."""

import asyncio
import contextvars
import threading
from collections.abc import Generator

import pytest
from django.db import OperationalError, connection, transaction

from chat.lib import db_threads, loop_calls
from chat.lib.db_threads import ConnectedThread

pytestmark = pytest.mark.django_db(transaction=True)
only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no pool")
who = contextvars.ContextVar("who", default="nobody")


@pytest.fixture
def thread() -> Generator[ConnectedThread]:
    thread = ConnectedThread("a-thread")
    yield thread
    thread._end()


def session() -> int:
    """The pid of the connection's PostgreSQL backend."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def is_held() -> bool:
    return connection.connection is not None


async def test_calls_run_in_one_thread_in_the_callers_context(thread: ConnectedThread) -> None:
    who.set("bob")
    names = [await thread.run(lambda: (threading.current_thread().name, who.get())) for _ in range(2)]
    assert names == [("a-thread", "bob")] * 2


async def test_what_a_call_raises_is_the_callers(thread: ConnectedThread) -> None:
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0)
    assert await thread.run(lambda: "well") == "well"


async def test_a_call_whose_caller_is_gone_does_not_run_and_delays_no_other(thread: ConnectedThread) -> None:
    began, go_on = threading.Event(), threading.Event()
    ran: list[str] = []

    def first() -> None:
        began.set()
        go_on.wait(5)
        ran.append("first")

    tasks = [asyncio.create_task(thread.run(first)), asyncio.create_task(thread.run(ran.append, "second"))]
    await asyncio.to_thread(began.wait, 5)
    for task in tasks:
        task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await thread.run(ran.append, "third")
    assert ran == ["first", "third"]


@only_postgres
async def test_a_connection_is_kept_between_calls_and_returned_after_the_last(
    thread: ConnectedThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_threads, "KEEP_SECONDS", 0.05)
    released: list[bool] = []
    release = db_threads._release_connections

    def releasing() -> None:
        released.append(is_held())
        release()

    monkeypatch.setattr(db_threads, "_release_connections", releasing)
    assert await thread.run(session) == await thread.run(session)
    assert released == []
    async with asyncio.timeout(5):
        while not released:
            await asyncio.sleep(0.01)
    assert released == [True]
    assert await thread.run(is_held) is False


@only_postgres
async def test_a_connection_is_returned_now_and_then_also_while_calls_go_on(
    thread: ConnectedThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_threads, "KEEP_AT_MOST_SECONDS", 0.0)
    await thread.run(session)
    assert await thread.run(is_held) is False


@only_postgres
async def test_a_broken_connection_is_not_kept(thread: ConnectedThread) -> None:
    def end_own_session() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    before = await thread.run(session)
    with pytest.raises(OperationalError):
        await thread.run(end_own_session)
    assert await thread.run(session) != before


async def test_what_a_call_has_called_on_the_loop_comes_with_its_result_in_one_wake_up(
    thread: ConnectedThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, seen = asyncio.get_running_loop(), []
    wake_ups = 0
    wake = loop.call_soon_threadsafe

    def counted(*args: object, **kwargs: object) -> asyncio.Handle:
        nonlocal wake_ups
        wake_ups += 1
        return wake(*args, **kwargs)  # type: ignore[arg-type]

    def work() -> str:
        for name in ("first", "second"):
            loop_calls.call_soon(loop, lambda name=name: seen.append((name, who.get())))  # type: ignore[misc]
        return "result"

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    who.set("bob")
    seen.append((await thread.run(work), ""))
    assert seen == [("first", "bob"), ("second", "bob"), ("result", "")]
    assert wake_ups == 1


async def test_what_is_held_back_can_be_called_before_the_call_ends(thread: ConnectedThread) -> None:
    loop, came = asyncio.get_running_loop(), threading.Event()

    def work() -> bool:
        loop_calls.call_soon(loop, came.set)
        assert not came.wait(0.05)
        loop_calls.call_held()
        return came.wait(5)

    assert await thread.run(work)
    assert await thread.run(lambda: "next") == "next"


async def test_what_was_to_be_called_is_called_also_when_the_call_or_another_one_fails(
    thread: ConnectedThread, caplog: pytest.LogCaptureFixture
) -> None:
    loop, seen = asyncio.get_running_loop(), []

    def work() -> None:
        loop_calls.call_soon(loop, lambda: 1 // 0)
        loop_calls.call_soon(loop, lambda: seen.append("told"))
        raise KeyError("row")

    with pytest.raises(KeyError):
        await thread.run(work)
    assert seen == ["told"]
    assert "ZeroDivisionError" in caplog.text


async def test_outside_of_a_call_the_loop_is_woken_at_once() -> None:
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    await asyncio.to_thread(loop_calls.call_soon, loop, came.set)
    async with asyncio.timeout(5):
        await came.wait()
