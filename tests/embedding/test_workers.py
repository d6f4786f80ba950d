"""Code of a project with and without sockets: its posts inside transactions, and its changes to people, reach the
sockets of two processes that share a Redis."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from websockets.asyncio.client import connect

from support.servers import RedisServer
from support.wire import Wire
from tests.embedding.shop import Shop

# For a post, and for a change by `update`, which sends no signal.
PROMISED_SECONDS = 2.0
# For a save, in a process with or without sockets.
SAVED_SECONDS = 1.0
# Half the average delay of the comparison with the database, which could be faster every time only by chance.
AT_ONCE_SECONDS = 0.25
# Ways to change people: by `save` in a process with sockets, in a WSGI process and in a command, and by an update in a
# command, for which Django sends no signal; and the seconds until sockets know.
WAYS = {"sockets": SAVED_SECONDS, "wsgi": SAVED_SECONDS, "command": SAVED_SECONDS, "update": PROMISED_SECONDS}
ACTS = '''
import time

from django.contrib.auth.hashers import make_password
from django.db import transaction

from chat.public import post, room_for
from orders.models import Customer, Order


class Broken(Exception):
    """The parcel fell down."""


def ship(text):
    order = Order.objects.get(pk=1)
    try:
        with transaction.atomic():
            Order.objects.filter(pk=1).update(title="Never")
            post(room_for(order), order.customer, "Never said")
            raise Broken
    except Broken:
        pass
    with transaction.atomic():
        Order.objects.filter(pk=1).update(title=text)
        post(room_for(order), order.customer, text)


def save(name, **facts):
    customer = Customer.objects.get(email=name + "@shop.example")
    for field, value in facts.items():
        setattr(customer, field, value)
    customer.save()


def update(name, **facts):
    Customer.objects.filter(email=name + "@shop.example").update(**facts)


FACTS = {"off": {"is_active": False}, "staff": {"is_staff": True}, "password": {"password": make_password("another")}}


def act(what, who, how="save"):
    ship(who) if what == "ship" else {"save": save, "update": update}[how](who, **FACTS[what])
    return str(time.time())
'''
MORE = {
    "orders/models.py": """
Customer.add_to_class("is_active", models.BooleanField(default=True))
Customer.add_to_class("is_staff", models.BooleanField(default=False))
""",
    "orders/acts.py": ACTS,
    "orders/tasks.py": """
from celery import shared_task

from orders.acts import act

try:
    from django.tasks import task
except ImportError:
    from django_tasks import task


@shared_task
def by_celery(*words):
    return act(*words)


@task
def by_django(*words):
    return act(*words)
""",
    "orders/management/commands/act.py": """
from django.core.management.base import BaseCommand

from orders.acts import act


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("words", nargs="+")

    def handle(self, *, words, **_):
        return act(*words)
""",
    "shop/celery.py": """
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
""",
    "shop/__init__.py": "from shop.celery import app as celery_app\n",
    "shop/urls.py": """
from django.http import HttpResponse
from orders.acts import act

urlpatterns += [path("act/<what>/<who>/", lambda request, **words: HttpResponse(act(**words)))]
""",
    "shop/settings.py": """
INSTALLED_APPS += ["django_tasks_db"]
TASKS = {{"default": {{"BACKEND": "django_tasks_db.DatabaseBackend"}}}}
CELERY_BROKER_URL = "{redis}"
CHANNEL_LAYERS = {{"default": {{"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {{}}}}}}
CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = ["{redis}"]
""",
}
# A session of each customer, like that of a browser: name, cookie.
SESSIONS = """
from django.test import Client
from orders.models import Customer
for name in {names!r}:
    browser = Client()
    browser.force_login(Customer.objects.get_or_create(email=name + "@shop.example")[0])
    print(name, browser.cookies["sessionid"].value)
"""
ENQUEUE = """
from orders.tasks import by_celery, by_django
by_celery.delay("ship", "By Celery")
by_django.enqueue("ship", "By django-tasks")
"""


class Place:
    """A shop whose pages run on three processes, two of them with sockets."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.with_sockets = {name: shop.serve(name) for name in ("gunicorn", "serve")}
        self.without = shop.serve("wsgi")
        names = ("ada", *(f"{what}-{way}" for what in ("off", "password", "staff") for way in WAYS))
        self.cookies = dict(line.split() for line in shop.shell(SESSIONS.format(names=names)).splitlines())

    @asynccontextmanager
    async def sockets(self, name: str) -> AsyncGenerator[list[Wire]]:
        """One greeted socket of this person on each process."""
        async with AsyncExitStack() as stack:
            wires = []
            for port in self.with_sockets.values():
                headers = {"Cookie": f"sessionid={self.cookies[name]}", "Origin": f"http://127.0.0.1:{port}"}
                address = f"ws://127.0.0.1:{port}/chat/ws/chat/"
                wire = Wire(await stack.enter_async_context(connect(address, additional_headers=headers)))
                await wire.next("rooms")
                wires.append(wire)
            yield wires

    async def page(self, port: int, *words: str) -> float:
        """Call the view on a process; returns when it acted."""
        answer = await asyncio.to_thread(urlopen, f"http://127.0.0.1:{port}/act/{quote('/'.join(words))}/")
        return float(answer.read())

    async def command(self, *words: str, alone: bool = False) -> float:
        """Run a command; `alone`: in a process that ends afterwards."""
        code = f"from django.core.management import call_command; call_command('act', *{words!r})"
        return float(await asyncio.to_thread(self.shop.alone if alone else self.shop.shell, code))

    async def change(self, what: str, way: str) -> float:
        """Change the person of this change and way; returns when the change was made."""
        who = f"{what}-{way}"
        if way in ("command", "update"):
            alone = (what, way) == ("off", "command")
            return await self.command(what, who, "save" if way == "command" else "update", alone=alone)
        return await self.page(self.with_sockets["serve"] if way == "sockets" else self.without, what, who)


@pytest.fixture(scope="module")
def place(redis_server: RedisServer) -> Iterator[Place]:
    more = {name: text.format(redis=redis_server.url) if "{redis}" in text else text for name, text in MORE.items()}
    shop = Shop(database="postgres", more=more)
    place = Place(shop)
    yield place
    shop.stop()
    assert "Traceback" not in shop.log()


async def latest(wires: list[Wire], act: Awaitable[object], *texts: str) -> float:
    """Act, and read until each of these texts has arrived on each socket; returns the longest delay after the write. On
    a busy machine a command can take longer to start than the timeout of a socket's read."""
    acting = asyncio.ensure_future(act)

    async def of_one(wire: Wire) -> float:
        waiting, late = set(texts), 0.0
        while waiting:
            acted = acting.done()
            try:
                event = await wire.next("message")
            except TimeoutError:
                if acted:
                    raise
                continue
            waiting.discard(event["message"])
            late = max(late, time.time() - datetime.fromisoformat(event["timestamp"]).timestamp())
        return late

    late = max(await asyncio.gather(*map(of_one, wires)))
    await acting
    return late


async def ended(wire: Wire, change: "asyncio.Task[float]") -> float:
    """Wait until the server closes a session that this change ended; returns when that was. On a busy machine the
    command of a change can take longer to start than the timeout of a socket's read."""
    while True:
        made = change.done()
        try:
            assert await wire.closed() == 4010
            return time.time()
        except TimeoutError:
            if made:
                raise


def never_said(wire: Wire) -> bool:
    seqs = [event["seq"] for event in wire.heard if event["type"] == "message"]
    return "Never said" not in str(wire.heard) and seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_what_a_view_a_command_and_workers_post_in_their_transactions_reaches_both_processes(
    place: Place,
) -> None:
    celery = place.shop.start("celery", "-A", "shop", "worker", "-c", "1", "-l", "info", "--without-mingle")
    # Reloading would check each file of the project once a second, and run in a second process.
    tasks = place.shop.start("django", "db_worker", "--no-reload")
    celery.wait_until(lambda: " ready." in celery.output())
    tasks.wait_until(lambda: "Starting worker" in tasks.output())
    acts: dict[tuple[str, ...], Awaitable[object]] = {
        ("By Celery", "By django-tasks"): asyncio.to_thread(place.shop.shell, ENQUEUE),
        ("By a page of WSGI",): place.page(place.without, "ship", "By a page of WSGI"),
        ("By a command",): place.command("ship", "By a command", alone=True),
    }
    async with place.sockets("ada") as wires:
        for texts, act in acts.items():
            late = await latest(wires, act, *texts)
            assert late < PROMISED_SECONDS, texts
        assert all(map(never_said, wires))
    for worker in (celery, tasks):
        worker.stop()


async def test_what_a_process_with_sockets_posts_is_sent_at_once_by_it_and_by_the_other(place: Place) -> None:
    async with place.sockets("ada") as wires:
        late: list[float] = []
        for port in [*place.with_sockets.values()] * 4:
            await asyncio.sleep(0.37)
            text = f"At once {len(late)}"
            late.append(await latest(wires, place.page(port, "ship", text), text))
        assert sorted(late)[-2] < AT_ONCE_SECONDS, late
        assert all(map(never_said, wires))


@pytest.mark.parametrize("what", ["off", "password"])
@pytest.mark.parametrize("way", WAYS)
async def test_who_is_deactivated_or_has_another_password_loses_the_sockets_on_both_processes(
    place: Place, what: str, way: str
) -> None:
    async with place.sockets(f"{what}-{way}") as wires:
        change = asyncio.create_task(place.change(what, way))
        changed, *closed = await asyncio.gather(change, *(ended(wire, change) for wire in wires))
        assert max(closed) - changed < WAYS[way]


@pytest.mark.parametrize("way", WAYS)
async def test_who_becomes_staff_is_it_on_the_open_sockets_of_both_processes(place: Place, way: str) -> None:
    async with place.sockets(f"staff-{way}") as wires:
        assert [(await wire.ask("broadcast", message="tea"))["type"] for wire in wires] == ["error", "error"]
        changed = await place.change("staff", way)
        for wire in wires:
            while (await wire.ask("broadcast", message="tea"))["type"] == "error":
                assert time.time() - changed < WAYS[way]
                await asyncio.sleep(0.1)


def test_further_processes_may_start_where_the_channel_layer_is_on_redis(place: Place) -> None:
    place.shop.shell("from django.core.management import call_command; call_command('check', databases=['default'])")


def test_serve_says_where_the_project_has_the_chat(place: Place) -> None:
    assert f"ready: open http://127.0.0.1:{place.with_sockets['serve']}/chat/\n" in place.shop.log()
