"""The service worker's pushes in a real Chromium: shown, replaced, closed, opened, answered, marked as read.

The browser delivers each push as it does for a vendor's service, which tests cannot use (DevTools'
`ServiceWorker.deliverPushMessage`). The test makes clicks in the worker itself. The worker, its pages, its requests and
its cookies are the browser's.
"""

import asyncio
import json
import re
from typing import Any

import pytest_asyncio
from playwright.async_api import Worker, expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom

# Stands in for the browser's display: the headless shell grants no notifications, and ends a process that sets a badge.
CENTRE = """() => {
  navigator.setAppBadge = async (count) => { globalThis.badged = count; };
  let shown = [];
  registration.getNotifications = async ({ tag } = {}) => shown.filter((one) => !tag || one.tag === tag);
  registration.showNotification = async (title, { tag, ...options }) => {
    const made = { title, tag, ...options, close: () => { shown = shown.filter((one) => one !== made); } };
    shown = [...shown.filter((one) => one.tag !== tag), made];
  };
  const { waitUntil } = ExtendableEvent.prototype;
  globalThis.done = 0;
  PushEvent.prototype.waitUntil = function (work) { waitUntil.call(this, work.finally(() => { done += 1; })); };
}"""
DONE = """async (pushes) => {
  while (done < pushes) await new Promise((resolve) => setTimeout(resolve, 10));
}"""
# Replaces `waitUntil`: the browser refuses it for an event that a script created.
DISPATCH = """
const dispatch = (event) => {
  let done;
  event.waitUntil = (promise) => { done = promise; };
  dispatchEvent(event);
  return done;
};
"""
# Only a user's click may open or focus a window.
CLICK = f"""async ([action, reply]) => {{ {DISPATCH}
  const [notification] = await registration.getNotifications();
  const event = Object.assign(new ExtendableEvent("notificationclick"), {{ notification, action, reply }});
  await dispatch(event).catch((error) => {{ if (error.name !== "InvalidAccessError") throw error; }});
}}"""
SHOWN = """async () => (await registration.getNotifications())
  .map(({ title, body, tag, data, actions = [] }) => ({
    title, body, tag, data, actions: actions.map((one) => one.action),
  }))
"""
# A notification that is always shown in each page, and counts how often it is closed.
STANDING = """
ServiceWorkerRegistration.prototype.getNotifications = async () =>
  [{ close: () => sessionStorage.setItem("closed", Number(sessionStorage.closed ?? 0) + 1) }];
"""
ALONE = """async () => {
  const every = { type: "window", includeUncontrolled: true };
  while ((await clients.matchAll(every)).length) await new Promise((resolve) => setTimeout(resolve, 10));
}"""
# Sets whether the pages are in front, which a browser without windows does not know.
FOCUSED = """(focused) => {
  const all = clients.matchAll.bind(clients);
  clients.matchAll = async (wish) => (await all(wish)).map((one) => ({
    focused,
    postMessage: (said) => one.postMessage(said),
    focus: async () => one,
  }));
}"""


def payload(seq: int, body: str, room: str) -> dict[str, Any]:
    return {
        "type": "notification",
        "room": room,
        "title": f"Bob in #{room}",
        "body": body,
        "seq": seq,
        "url": f"/rooms/{room}/#m{seq}",
        "tag": f"room-{room}",
        "words": {"reply": "Reply", "read": "Mark as read"},
    }


class Pushed:
    """A window and its browser's service worker."""

    def __init__(self, window: Window, worker: Worker) -> None:
        self.window = window
        self._worker = worker
        self._pushes = 0

    async def begin(self) -> None:
        """Find the worker's registration."""
        await self._worker.evaluate(CENTRE)
        self._tools = await self.window.context.new_cdp_session(self.window.page)
        found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def listed(event: dict[str, Any]) -> None:
            for one in event["registrations"]:
                if not found.done() and not one["isDeleted"]:
                    found.set_result(one["registrationId"])

        self._tools.on("ServiceWorker.workerRegistrationUpdated", listed)
        await self._tools.send("ServiceWorker.enable")
        self._registration = await asyncio.wait_for(found, 15)

    async def push(self, facts: dict[str, Any]) -> None:
        """Deliver a push as the vendor's service does, and wait until the worker has handled it."""
        self._pushes += 1
        push = {"origin": self.window.world.server.url, "registrationId": self._registration, "data": json.dumps(facts)}
        await self._tools.send("ServiceWorker.deliverPushMessage", push)
        await self._worker.evaluate(DONE, self._pushes)

    async def click(self, action: str = "", reply: str | None = None) -> None:
        """Click the only notification, or its button."""
        await self._worker.evaluate(CLICK, [action, reply])

    async def focus(self, focused: bool) -> None:
        """Bring the page to the front, or another window in front of it."""
        await self._worker.evaluate(FOCUSED, focused)

    async def shown(self) -> list[dict[str, Any]]:
        """The notifications shown now."""
        found: list[dict[str, Any]] = await self._worker.evaluate(SHOWN)
        return found

    async def badge(self) -> Any:
        """The number on the icon of the installed app."""
        return await self._worker.evaluate("badged")

    async def leave(self) -> None:
        """Close every page of the chat."""
        await self.window.page.goto("about:blank")
        # For some time the browser still lists a page as focused after another replaced it.
        await self._worker.evaluate(ALONE)


@pytest_asyncio.fixture(loop_scope="session")
async def pushed(enter: EnterRoom) -> Pushed:
    # A separate context: a reused one still has the worker of another test.
    window = await enter("alice", "base", service_workers="allow", permissions=["notifications"])
    window.idle = None
    await window.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    workers = window.context.service_workers
    made = Pushed(window, workers[0] if workers else await window.context.wait_for_event("serviceworker"))
    await made.begin()
    return made


async def test_a_push_is_shown_replaced_by_its_room_and_closed_when_it_was_read(pushed: Pushed) -> None:
    await pushed.leave()
    await pushed.push(payload(1, "one", "push"))
    assert await pushed.shown() == [
        {
            "title": "Bob in #push",
            "body": "one",
            "tag": "room-push",
            "data": {"room": "push", "seq": 1, "url": "/rooms/push/#m1"},
            "actions": ["reply", "read"],
        }
    ]
    await pushed.push(payload(2, "two", "push"))
    assert [one["body"] for one in await pushed.shown()] == ["two"]
    await pushed.push(payload(1, "one", "push"))
    assert [one["body"] for one in await pushed.shown()] == ["two"], "what comes late or twice replaces nothing"
    await pushed.push(payload(1, "hello", "base"))
    await pushed.push({"type": "read", "room": "push", "seq": 1})
    assert {one["body"] for one in await pushed.shown()} == {"two", "hello"}
    await pushed.push({"type": "read", "room": "push", "seq": 2})
    assert [one["body"] for one in await pushed.shown()] == ["hello"]
    assert await pushed.badge() == 1
    await pushed.push({"type": "read", "room": "base", "seq": 1})
    assert await pushed.shown() == []
    assert await pushed.badge() == 0


async def test_a_page_in_front_shows_it_by_itself_and_a_test_is_shown_each_time(pushed: Pushed) -> None:
    await pushed.focus(True)
    await pushed.push(payload(1, "one", "push"))
    assert await pushed.shown() == []
    await pushed.leave()
    test = {"type": "notification", "room": "", "title": "They work.", "seq": 0, "url": "/settings/", "tag": "test"}
    for _ in range(2):
        await pushed.push(test)
        assert [one["title"] for one in await pushed.shown()] == ["They work."]


async def test_of_reactions_to_a_message_the_last_stands_there_without_buttons(pushed: Pushed) -> None:
    await pushed.leave()
    facts = payload(3, "three", "push") | {"tag": "reaction-push-3", "silent": True}
    del facts["words"]
    for count, title in ((1, "Bob reacted with 👍"), (2, "Eve reacted with 🎉"), (1, "Bob reacted with 👍")):
        await pushed.push(facts | {"title": title, "count": count})
    [shown] = await pushed.shown()
    assert (shown["title"], shown["data"]["count"], shown["actions"]) == ("Eve reacted with 🎉", 2, [])
    await pushed.push(payload(3, "three", "push"))
    assert len(await pushed.shown()) == 2, "a message of the room stands for itself"


async def test_its_buttons_mark_it_as_read_and_answer(world: World, pushed: Pushed) -> None:
    world.seed("room", "push", owner="alice", members=["bob"], said=3)
    await pushed.leave()
    await pushed.push(payload(3, "three", "push"))
    await pushed.click("read")
    assert await pushed.shown() == []
    await pushed.push(payload(3, "three", "push"))
    await pushed.click("reply", "On my way.")
    await pushed.window.page.goto(f"{world.server.url}/rooms/base/")
    facts: Any = await pushed.window.page.evaluate("fetch('/api/v1/rooms/push').then((answer) => answer.json())")
    assert (facts["seq"], facts["read_seq"]) == (4, 4)
    await pushed.window.page.goto(f"{world.server.url}/rooms/push/")
    await expect(pushed.window.page.get_by_text("On my way.")).to_be_visible()


async def test_signing_out_and_the_page_for_signing_in_close_what_stands_there(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"olaf": "Olaf Ott"})
    world.seed("room", "left-standing", owner="olaf")
    olaf = await enter(
        "olaf", "left-standing", service_workers="allow", prepare=lambda page: page.add_init_script(STANDING)
    )
    await olaf.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await olaf.page.get_by_role("button", name="Settings").click()
    await olaf.page.get_by_role("menuitem", name="Sign out").click()
    # Closed once by the page that is left, and once by the sign-in page.
    await olaf.page.wait_for_url("**/accounts/login/**")
    await olaf.page.wait_for_function("sessionStorage.closed === '2'")


async def test_a_click_leads_an_open_page_to_the_message(world: World, pushed: Pushed) -> None:
    world.seed("room", "led", owner="alice", members=["bob"], said=3)
    await pushed.focus(False)
    await pushed.push(payload(2, "two", "led"))
    await pushed.click()
    await expect(pushed.window.page).to_have_url(re.compile("/rooms/led/"))
