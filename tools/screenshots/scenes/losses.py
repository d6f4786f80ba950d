"""What the chat shows when the connection or the server fails."""

import json
from collections.abc import AsyncIterator

from playwright.async_api import WebSocketRoute, expect

from tools.screenshots.stage import Stage

REASON = "Something went wrong here. It has been noted."


async def losses(stage: Stage) -> AsyncIterator[str]:
    wire = Wire()
    me = await stage.enter("support-rota", prepare=lambda page: page.route_web_socket("**/ws/chat/", wire.connect))
    await stage.say("/broadcast The server restarts at noon")
    await expect(me.announcement).to_contain_text("restarts at noon")
    yield "announcement"
    await me.page.get_by_role("button", name="Dismiss the announcement").click()
    wire.refuses.add("chat_message")
    await stage.say("I take Monday and Tuesday.")
    await expect(me.delivery_of("Monday and Tuesday")).to_be_visible()
    yield "not sent"
    await me.row("Monday and Tuesday").get_by_role("button", name="Delete").click()
    # The page contains the messages of the room that it opens with; those of another room come over the socket.
    wire.refuses = {"history"}
    await stage.show_rooms()
    await me.room_link("Hana Sato").click()
    await expect(me.timeline.get_by_role("button", name="Retry")).to_be_visible()
    yield "history failed"
    wire.refuses, wire.swallows = set(), {"history"}
    await me.page.goto(f"{stage.world.server.url}/rooms/support-rota/")
    await me.is_connected()
    await stage.show_rooms()
    await me.room_link("Hana Sato").click()
    await expect(me.page.get_by_test_id("messages-loading").first).to_be_visible()
    yield "room opening"
    wire.up = False
    await me.page.goto(f"{stage.world.server.url}/rooms/support-rota/")
    await expect(me.offline).to_be_visible()
    yield "opening without a connection"
    wire.swallows = set()
    await stage.say("I take Monday and Tuesday.")
    await stage.say("Lucía, could you do the rest?")
    await expect(me.offline).to_contain_text("2 messages will send")
    yield "offline"
    wire.up = True
    await me.page.get_by_role("button", name="Try now").click()
    await expect(me.reconnected).to_be_visible()
    yield "reconnected"
    wire.swallows = {"chat_message"}
    await stage.say("Thursday, too.")
    await expect(me.delivery_of("Thursday, too")).to_have_text("Sending")
    yield "sending"
    await wire.end(4001)
    await expect(me.session_ended).to_contain_text("Your session ended")
    yield "session ended"


class Wire:
    """The connection of one window, controlled by the scene."""

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
