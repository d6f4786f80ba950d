"""The scenes: the order in which somebody would come by the states."""

import json
import re
from collections.abc import AsyncIterator

from playwright.async_api import Page, WebSocketRoute, expect

from support.world import Window
from tools.screenshots.cast import BANNED, MEMBER, MODERATOR, NEWCOMER, TRIAL, VIEWER
from tools.screenshots.stage import Scene, Stage

REASON = "Something went wrong here. It has been noted."


async def gates(stage: Stage) -> AsyncIterator[str]:
    page = await stage.visit("/accounts/login/")
    yield "sign in"
    await page.get_by_label("Username").fill("nobody")
    await page.get_by_label("Password", exact=True).fill("not the password")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("do not match")).to_be_visible()
    yield "sign in refused"
    page = await stage.visit("/accounts/signup/")
    yield "sign up"
    await page.get_by_label("Username").fill(VIEWER)
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_role("button", name="Create account").click()
    await expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    yield "sign up refused"
    page = await stage.visit("/accounts/password/reset/")
    yield "forgotten password"


async def account(stage: Stage) -> AsyncIterator[str]:
    await stage.visit("/accounts/password/change/", as_user=VIEWER)
    yield "change password"
    page = await stage.visit("/settings/", as_user=VIEWER)
    yield "settings"
    await page.get_by_text("Per room").click()
    await page.get_by_text("Per room").evaluate("(title) => title.scrollIntoView({ block: 'center' })")
    yield "settings of rooms"
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    yield "settings at the end"
    await stage.visit("/accounts/logout/", as_user=VIEWER)
    yield "sign out"


async def errors(stage: Stage) -> AsyncIterator[str]:
    await stage.visit("/rooms/no-such-room/", as_user=VIEWER)
    yield "not found"
    await stage.visit("/rooms/strongroom/", as_user=BANNED)
    yield "banned"
    page = await stage.visit("/accounts/login/")
    await page.context.clear_cookies()
    await page.get_by_label("Username").fill(VIEWER)
    await page.get_by_label("Password", exact=True).fill("whatever it is")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator(".lost")).to_be_visible()
    yield "form expired"


async def without(stage: Stage) -> AsyncIterator[str]:
    await stage.visit(f"/rooms/{TRIAL}/?plain=1", as_user=VIEWER)
    yield "scripts"
    await stage.visit("/rooms/", as_user=VIEWER)
    await stage.page.get_by_label("Name").fill("Dry dock")
    await stage.page.get_by_label("Address").fill("kitchen")
    await stage.page.get_by_role("button", name="Create room").click()
    await expect(stage.page.get_by_text("A room called kitchen already exists.")).to_be_visible()
    yield "scripts, to create a room"
    await stage.visit("/offline/")
    yield "a connection"


async def api(stage: Stage) -> AsyncIterator[str]:
    await stage.visit("/api/v1/docs")
    yield "api reference"


async def conversation(stage: Stage) -> AsyncIterator[str]:
    hana = await stage.guest("hana", TRIAL)
    await stage.guest("kwame", TRIAL)
    me = await stage.enter(TRIAL, looking=False)
    await expect(me.page.locator(".message.fresh").first).to_be_visible()
    yield "room with new messages"
    await me.page.evaluate("delete document.hasFocus, dispatchEvent(new Event('focus'))")
    await expect(me.page.locator(".message.fresh")).to_have_count(0)
    yield "new messages read"
    await me.page.evaluate("document.documentElement.dataset.density = 'compact'")
    yield "compact"
    await me.page.evaluate("delete document.documentElement.dataset.density")
    await me.page.locator(".scroll").evaluate("(log) => { log.scrollTop = 0; }")
    await expect(me.page.locator(".hljs-keyword").first).to_be_visible()
    yield "older messages"
    await me.page.get_by_role("button", name=re.compile("^Show all")).scroll_into_view_if_needed()
    yield "long message"
    if not stage.size.phone:
        await me.row("The night went well").hover()
        yield "message toolbar"
    await stage.act_on(me.row("The night went well"))
    yield "message menu"
    await me.page.get_by_role("menuitem", name="Reply").click()
    yield "reply"
    await me.page.get_by_role("button", name="Cancel reply").click()
    await _react(stage, me, "The night went well")
    yield "emoji picker"
    await me.page.get_by_label("Search emoji").fill("ship")
    yield "emoji search"
    await me.page.keyboard.press("Escape")
    await stage.act_on(me.row("Coffee is on me"))
    await me.page.get_by_role("menuitem", name="Edit", exact=True).click()
    yield "edit"
    await me.page.get_by_label("Edit message").press("Escape")
    await stage.act_on(me.row("Coffee is on me"))
    await me.page.get_by_role("menuitem", name="Delete").click()
    yield "delete"
    await me.page.get_by_role("button", name="Cancel").click()
    await hana.composer.press_sequentially("Nearly")
    await expect(me.page.locator(".typing")).to_contain_text("is typing")
    yield "typing"
    await hana.composer.fill("")
    await me.page.locator(".scroll").evaluate("(log) => { log.scrollTop = 0; }")
    await hana.say("We are casting off now.")
    await expect(me.page.locator(".latest")).to_have_text("1 new")
    yield "new below"


async def composer(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter(TRIAL)
    options = me.page.get_by_role("listbox")
    for typed, name in [
        ("Thanks @", "mention"),
        ("/", "slash commands"),
        ("We are :sh", "emoji names"),
        ("See #", "rooms"),
    ]:
        await me.composer.fill("")
        await me.composer.press_sequentially(typed)
        await expect(options).to_be_visible()
        yield name
    await me.composer.fill("/teleport home")
    await me.composer.press("Escape")
    await me.page.get_by_role("button", name="Send message").click()
    await expect(me.page.locator(".box .aside")).to_be_visible()
    yield "unknown command"
    await me.composer.fill("a" * 10_008)
    yield "too long"
    await me.composer.fill("First line\nsecond line\n\nand a `third`")
    yield "several lines"
    await me.composer.fill("")


async def dialogs(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("pier-4")
    page = me.page
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option").first).to_be_visible()
    yield "quick switch"
    await page.keyboard.type("kit")
    await expect(page.get_by_role("option", name="Create room")).to_be_visible()
    yield "quick switch search"
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+/")
    await expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    yield "keyboard shortcuts"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Room options").click()
    yield "room menu"
    await page.get_by_role("menuitem", name="Change the topic").click()
    await expect(page.get_by_role("heading", name="Set a topic")).to_be_visible()
    yield "topic"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Room options").click()
    await page.get_by_role("menuitem", name="Add people").click()
    await page.get_by_label("Find a person").fill("o")
    await expect(page.get_by_role("dialog").locator(".row, .option").first).to_be_visible()
    yield "add people"
    await _close(page)
    await stage.show_rooms()
    yield "rooms"
    await page.set_viewport_size({"width": stage.size.width, "height": 460})
    await expect(page.locator(".edge.below")).to_be_visible()
    yield "rooms below the edge"
    await page.set_viewport_size({"width": stage.size.width, "height": stage.size.height})
    await page.get_by_role("button", name="Create room").click()
    await page.get_by_label("Name").fill("kitchen")
    await expect(page.get_by_role("dialog").get_by_text("already exists")).to_be_visible()
    yield "create room"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Browse rooms").first.click()
    await expect(page.get_by_role("button", name="Join workbench")).to_be_visible()
    yield "browse rooms"
    await _close(page)
    await page.get_by_role("button", name="New message").click()
    await page.get_by_label("Find a person").fill("sa")
    person = page.get_by_role("dialog").get_by_role("button", name="Saoirse Kelly")
    await expect(person).to_be_visible()
    await expect(page.get_by_role("dialog").get_by_role("button", name="Bjarne Lund")).to_have_count(0)
    yield "find a person"
    await person.click()
    yield "first message"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Settings").click()
    yield "settings menu"


async def members(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("pier-4")
    await stage.show_members()
    member = me.page.locator("#members .member").filter(has_text="Teodor")
    await expect(member).to_be_visible()
    yield "members"
    await member.click()
    yield "member menu"
    await me.page.get_by_role("menuitem", name="Ban").click()
    await me.page.get_by_label("Reason").fill("Off topic, again")
    yield "ban"
    await me.page.get_by_role("button", name="Cancel").click()
    await me.page.get_by_role("button", name="Close member list").click()
    yield "members closed"


async def rooms(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("support-rota")
    await me.page.get_by_role("button", name="Room options").click()
    await me.page.get_by_role("menuitem", name="Leave room").click()
    await expect(me.page.get_by_label("New owner")).to_be_focused()
    yield "leaving what one owns"
    me = await stage.enter("onboarding")
    yield "empty room"
    await stage.show_rooms()
    await me.page.locator("#sidebar a").filter(has_text="Hana Sato").click()
    await expect(me.row("The checklist is ready")).to_be_visible()
    yield "direct message"
    await stage.enter("lobby", username=NEWCOMER)
    yield "first visit"
    me = await stage.enter("onboarding")
    await me.page.goto(f"{stage.world.server.url}/rooms/workbench/")
    await expect(me.page.get_by_role("button", name="Join", exact=True)).to_be_visible()
    yield "preview"
    teodor = await stage.guest(MODERATOR, "attic")
    # Somebody with less power than the viewer, who is the administrator.
    me = await stage.enter("attic", username=MEMBER)
    await me.composer.fill("Has anybody seen the")
    await teodor.say(f"/mute {MEMBER} 60")
    await expect(me.page.locator("#composer .banner")).to_contain_text("muted you")
    yield "muted"
    await teodor.say(f"/unmute {MEMBER}")
    await expect(me.composer).to_be_visible()
    await teodor.say(f"/kick {MEMBER} wrong room")
    await teodor.page.locator("dialog").get_by_role("button", name="Remove").click()
    await expect(me.page.locator("#composer .banner")).to_contain_text("You were removed")
    yield "removed"


async def losses(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("support-rota")
    wire = Wire()
    await me.page.route_web_socket("**/ws/chat/", wire.connect)
    await me.page.reload()
    await me.is_connected()
    await stage.say("/broadcast The server restarts at noon")
    await expect(me.page.locator(".over .banner")).to_contain_text("restarts at noon")
    yield "announcement"
    await me.page.get_by_role("button", name="Dismiss the announcement").click()
    wire.refuses.add("chat_message")
    await stage.say("I take Monday and Tuesday.")
    await expect(me.row("Monday and Tuesday").locator(".state.bad")).to_be_visible()
    yield "not sent"
    await me.row("Monday and Tuesday").get_by_role("button", name="Delete").click()
    wire.refuses = {"history"}
    await me.page.reload()
    await expect(me.page.locator(".older")).to_contain_text("Retry")
    yield "history failed"
    wire.refuses, wire.swallows = set(), {"history"}
    await me.page.reload()
    await expect(me.page.locator(".skeleton").first).to_be_visible()
    yield "room opening"
    wire.up = False
    await me.page.reload()
    await expect(me.page.locator(".over .banner.warn")).to_be_visible()
    yield "opening without a connection"
    wire.swallows = set()
    await stage.say("I take Monday and Tuesday.")
    await stage.say("Lucía, could you do the rest?")
    await expect(me.page.locator(".over .banner.warn")).to_contain_text("2 messages will send")
    yield "offline"
    wire.up = True
    await me.page.get_by_role("button", name="Try now").click()
    await expect(me.page.locator(".over .banner.ok")).to_be_visible()
    yield "reconnected"
    wire.swallows = {"chat_message"}
    await stage.say("Thursday, too.")
    await expect(me.row("Thursday, too").locator(".state")).to_have_text("Sending")
    yield "sending"
    await wire.end(4001)
    await expect(me.page.locator(".over .banner.bad")).to_contain_text("Your session ended")
    yield "session ended"


async def languages(stage: Stage) -> AsyncIterator[str]:
    await stage.enter(TRIAL, locale="de-DE")
    yield "German"
    me = await stage.enter(TRIAL)
    await me.page.evaluate("document.documentElement.dir = 'rtl'")
    yield "from right to left"


SCENES: tuple[Scene, ...] = (
    gates,
    account,
    errors,
    api,
    conversation,
    composer,
    dialogs,
    members,
    rooms,
    losses,
    languages,
    without,
)


async def administration(stage: Stage) -> AsyncIterator[str]:
    await stage.visit("/admin/", as_user=VIEWER)
    yield "overview"


# What is another project's but for its colours is looked at, not audited.
PICTURED: tuple[Scene, ...] = (*SCENES, administration)


class Wire:
    """The connection of one window, in the hands of the scene."""

    def __init__(self) -> None:
        self.up = True
        # Commands that are answered with an error, and those that are not answered at all.
        self.refuses: set[str] = set()
        self.swallows: set[str] = set()
        self._sockets: list[WebSocketRoute] = []

    async def connect(self, socket: WebSocketRoute) -> None:
        if not self.up:
            await socket.close(code=1011)
            return
        self._sockets.append(socket)
        server = socket.connect_to_server()

        def hear(frame: str | bytes) -> None:
            command = json.loads(frame)
            if command["type"] in self.refuses:
                kept = {name: command[name] for name in ("request_id", "client_id") if name in command}
                socket.send(json.dumps({"type": "error", "code": "invalid", "message": REASON, **kept}))
            elif command["type"] not in self.swallows:
                server.send(frame)

        socket.on_message(hear)

    async def end(self, code: int) -> None:
        await self._sockets[-1].close(code=code)


async def _close(page: Page) -> None:
    """By its cross: in a field to search in, Esc clears the field first."""
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()


async def _react(stage: Stage, me: Window, text: str) -> None:
    if stage.size.phone:
        await stage.act_on(me.row(text))
        await me.page.get_by_role("menuitem", name="Add reaction").click()
    else:
        await me.row(text).hover()
        await me.row(text).get_by_role("toolbar").get_by_role("button", name="Add reaction").click()
