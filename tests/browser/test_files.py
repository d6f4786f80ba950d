"""Files: how they are attached, what happens to them on the way, and how others see them."""

import asyncio
import base64
import io
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import FilePayload, Route, expect

from support.wire import texts
from support.world import Window, World
from tests.browser.conftest import Elsewhere, EnterRoom

UPLOADS = "**/api/v1/uploads/**"


def picture(name: str, colour: str = "teal", size: tuple[int, int] = (640, 480)) -> FilePayload:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return FilePayload(name=name, mimeType="image/png", buffer=data.getvalue())


def text(name: str, size: int = 2_000) -> FilePayload:
    return FilePayload(name=name, mimeType="text/plain", buffer=(b"0123456789abcde\n" * (size // 16 + 1))[:size])


async def attach(window: Window, *files: FilePayload | Path) -> None:
    """Attach files that the test passes, or files on disk."""
    async with window.page.expect_file_chooser() as chosen:
        await window.dock.get_by_role("button", name="Attach files").click()
    chosen_files: Sequence[Any] = files
    await (await chosen.value).set_files(list(chosen_files))


def large(folder: Path, name: str, size: int) -> Path:
    """A text file on disk, read by the browser itself: a payload from the test passes through three processes."""
    path = folder / name
    path.write_bytes(text(name, size)["buffer"])
    return path


async def test_pictures_are_attached_sent_and_looked_at(world: World, enter: EnterRoom) -> None:
    world.seed("room", "gallery", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "gallery"), await enter("bob", "gallery")
    long_name = "harbour-and-night-shift-" * 4 + "log.txt"
    await attach(alice, picture("pier.png"), picture("boat.png", "navy", (300, 600)), text(long_name))
    await expect(alice.attached).to_have_count(3)
    assert await alice.attached.nth(2).evaluate("tile => tile.scrollWidth <= tile.clientWidth")
    await expect(alice.attached.nth(0)).to_have_attribute("data-state", "done")
    await alice.attached.nth(0).get_by_role("button", name="pier.png").first.press("Enter")
    await alice.dialog.get_by_label("Description for people").fill("The pier at low tide")
    await alice.dialog.get_by_role("button", name="Save").click()
    await expect(alice.dialog).to_have_count(0)
    await alice.attached.nth(2).get_by_role("button", name="log.txt").first.press("Delete")
    await expect(alice.attached).to_have_count(2)
    await alice.composer.press("Enter")
    await expect(alice.attached).to_have_count(0)
    await expect(bob.pictures).to_have_count(2)
    await expect(bob.pictures.nth(0).get_by_role("img")).to_have_attribute("alt", "The pier at low tide")
    loaded = "picture => picture.querySelector('img').complete && picture.querySelector('img').naturalWidth > 0"
    await bob.page.wait_for_function(loaded, arg=await bob.pictures.nth(1).element_handle())
    arrives = asyncio.Event()

    async def late(route: Route) -> None:
        await arrives.wait()
        await route.continue_()

    await bob.page.route("**/media*.js", late)
    await bob.pictures.nth(0).click()
    await expect(bob.page.get_by_role("dialog")).to_have_count(1)
    arrives.set()
    await expect(bob.lightbox).to_contain_text("1 of 2")
    await expect(bob.lightbox).to_contain_text("The pier at low tide")
    await bob.page.keyboard.press("ArrowRight")
    await expect(bob.lightbox.get_by_role("img")).to_have_attribute("alt", "Image, boat.png")
    await bob.page.keyboard.press("Escape")
    await expect(bob.lightbox).to_have_count(0)
    await bob.header.get_by_role("button", name="Room options").click()
    await bob.page.get_by_role("menuitem", name="Files").click()
    await expect(bob.files_pane.get_by_role("img")).to_have_count(2)
    assert bob.page.url.endswith("?files")
    await bob.page.go_back()
    await expect(bob.files_pane).to_have_count(0)
    await attach(alice, picture("plan.png"))
    await expect(alice.attached).to_have_attribute("data-state", "done")
    await alice.attached.get_by_role("button", name="plan.png").first.press("Enter")
    await alice.dialog.get_by_label("Send as a file, without preview").check()
    await alice.dialog.get_by_role("button", name="Save").click()
    await alice.composer.press("Enter")
    await expect(bob.file_rows).to_contain_text("plan.png")
    await expect(bob.pictures).to_have_count(2)


async def test_a_message_whose_file_was_broken_off_arrives_once_after_a_reload(
    world: World, enter: EnterRoom, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    world.seed("room", "train", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "train"), await elsewhere("bob")

    async def tunnel(route: Route) -> None:
        # Parts of the upload fail; requests that start it or ask for its offset get through.
        await (route.abort() if route.request.method == "PATCH" else route.continue_())

    await alice.page.route(UPLOADS, tunnel)
    await attach(alice, large(tmp_path, "notes.txt", 9_000_000))
    await expect(alice.attached).to_have_attribute("data-state", "paused")
    await alice.say("From the train")
    await alice.say("and later")
    await expect(alice.sending_files).to_contain_text("Sending")
    await alice.page.reload()
    await alice.is_connected()
    await expect(alice.files_of("From the train")).to_contain_text("notes.txt")
    await alice.page.unroute(UPLOADS)
    await alice.page.reload()
    await alice.has_sent("and later")
    first, second = await bob.collect("message", 2)
    assert (first["message"], [file["name"] for file in first["files"]]) == ("From the train", ["notes.txt"])
    assert (second["message"], second["files"]) == ("and later", [])
    assert texts(await bob.rest()) == []
    address = await alice.file_rows.get_by_role("link", name="notes.txt").first.get_attribute("href")
    size = await alice.page.evaluate("async (url) => (await (await fetch(url)).arrayBuffer()).byteLength", address)
    assert size == 9_000_000
    alice.errors.clear()  # from the aborted parts


async def test_a_refused_file_holds_its_message_only(world: World, enter: EnterRoom) -> None:
    world.seed("room", "gate", owner="alice", members=["bob"])
    alice = await enter("alice", "gate")
    await attach(alice, FilePayload(name="nothing.txt", mimeType="text/plain", buffer=b""))
    await expect(alice.not_attached).to_have_text("nothing.txt is empty.")
    await attach(alice, *(FilePayload(name=name, mimeType="text/plain", buffer=b"") for name in ("a.txt", "b.txt")))
    # On a phone the box is a grid, and each refusal has its own row.
    await alice.page.set_viewport_size({"width": 390, "height": 800})
    first, second = [await alice.not_attached.nth(at).bounding_box() for at in (0, 1)]
    assert first
    assert second
    assert first["y"] + first["height"] <= second["y"]
    await alice.page.set_viewport_size({"width": 1280, "height": 800})
    await attach(alice, FilePayload(name="broken.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n broken"))
    await expect(alice.attached).to_have_attribute("data-state", "failed")
    await alice.say("With a picture")
    await alice.say("Without")
    await alice.has_sent("Without")
    await expect(alice.delivery_of("With a picture")).to_contain_text("broken.png was not uploaded")
    await alice.row("With a picture").get_by_role("button", name="Send without it").click()
    await alice.has_sent("With a picture")
    alice.errors.clear()  # the refused request, which the console lists


async def test_files_are_pasted_and_dropped_anywhere(world: World, enter: EnterRoom) -> None:
    world.seed("room", "quay", owner="alice", members=["bob"])
    alice = await enter("alice", "quay")
    encoded = base64.b64encode(picture("a.png")["buffer"]).decode()
    carried = """(node, [kind, encoded, name]) => {
      const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type: "image/png" }));
      const options = { bubbles: true, cancelable: true };
      node.dispatchEvent(kind === "paste"
        ? new ClipboardEvent(kind, { ...options, clipboardData: data })
        : new DragEvent(kind, { ...options, dataTransfer: data }));
    }"""
    await alice.composer.evaluate(carried, ["paste", encoded, "pasted.png"])
    await expect(alice.attached).to_have_count(1)
    await alice.timeline.evaluate(carried, ["dragenter", encoded, "dropped.png"])
    await expect(alice.drop).to_contain_text("Drop to attach to #quay")
    await alice.timeline.evaluate(carried, ["drop", encoded, "dropped.png"])
    await expect(alice.drop).to_have_count(0)
    await expect(alice.attached).to_have_count(2)
    await alice.page.reload()
    await alice.is_connected()
    await expect(alice.attached).to_have_count(2)


async def test_what_looks_for_files_is_kept_until_some_are_picked(world: World, enter: EnterRoom) -> None:
    world.seed("room", "boathouse", owner="alice", members=["bob"])
    alice = await enter("alice", "boathouse")
    # The click opens no dialog, and the test keeps no reference to the input.
    await alice.page.evaluate("HTMLInputElement.prototype.click = function () { window.looking = new WeakRef(this) }")
    await alice.dock.get_by_role("button", name="Attach files").click()
    devtools = await alice.page.context.new_cdp_session(alice.page)
    await devtools.send("HeapProfiler.collectGarbage")
    assert await alice.page.evaluate("window.looking.deref()?.type") == "file"


async def test_a_message_that_is_sent_before_its_picture_is_here_takes_it_along(world: World, enter: EnterRoom) -> None:
    world.seed("room", "slipway", owner="alice", members=["bob"])
    alice = await enter("alice", "slipway")
    arrives = asyncio.Event()

    async def late(route: Route) -> None:
        await arrives.wait()
        await route.continue_()

    await alice.page.route("**/attachments*.js", late)
    await attach(alice, picture("hull.png"))
    await alice.say("The hull")
    await expect(alice.composer).to_have_value("The hull")
    await alice.sees("The hull", times=0)
    arrives.set()
    await alice.has_sent("The hull")
    await expect(alice.row("The hull").get_by_test_id("picture")).to_have_count(1)
    await expect(alice.composer).to_have_value("")


# A microphone that records a tone: to the browser it is as real as any other.
MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const out = context.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  return out.stream;
};
"""


async def test_a_voice_note_is_recorded_sent_and_played(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "notes-aloud", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "notes-aloud"), await elsewhere("bob")
    await alice.page.evaluate(MICROPHONE)
    await alice.dock.get_by_role("button", name="Record a voice note").click()
    note = alice.dock.get_by_role("group", name="Voice note")
    await expect(note).to_contain_text("0:01")
    await expect(alice.composer).to_be_hidden()
    await note.get_by_role("button", name="Done").click()
    await expect(alice.attached).to_have_attribute("data-state", "done")
    await expect(alice.composer).to_be_focused()
    await expect(alice.dock.get_by_role("button", name="Record a voice note")).to_have_count(0)
    await alice.composer.press("Enter")
    [heard] = (await bob.next("message", room="notes-aloud"))["files"]
    assert 0 < heard["duration"] < 10
    await expect(alice.sent.last.get_by_role("button", name="Play Voice note")).to_be_visible()
    await expect(alice.sent.last).to_contain_text(re.compile(r"/ 0:0[1-9]"))
    await alice.dock.get_by_role("button", name="Record a voice note").click()
    await note.get_by_role("button", name="Cancel").press("Escape")
    await expect(note).to_have_count(0)
    await expect(alice.attached).to_have_count(0)


def tone(name: str, seconds: int) -> FilePayload:
    """A sound that every browser can play."""
    data = bytes(128 + (at // 10 % 2) * 20 for at in range(8000 * seconds))
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", len(data)
    )
    return FilePayload(name=name, mimeType="audio/wav", buffer=head + data)


async def test_a_sound_goes_on_in_another_room_and_one_is_heard_at_a_time(world: World, enter: EnterRoom) -> None:
    for slug in ("radio", "elsewhere"):
        world.seed("room", slug, owner="alice")
    alice = await enter("alice", "radio")
    await attach(alice, tone("first.wav", 60), tone("second.wav", 60))
    await expect(alice.attached.nth(1)).to_have_attribute("data-state", "done")
    await alice.say("Two sounds")
    await alice.has_sent("Two sounds")
    first, second = alice.sounds.nth(0), alice.sounds.nth(1)
    await first.get_by_role("button", name="Play first.wav").click()
    await expect(first.get_by_role("button", name="Pause first.wav")).to_be_visible()
    await second.get_by_role("button", name="Play second.wav").click()
    await expect(second.get_by_role("button", name="Pause second.wav")).to_be_visible()
    await expect(first.get_by_role("button", name="Play first.wav")).to_be_visible()
    await expect(alice.mini_player).to_have_count(0)
    await alice.page.get_by_test_id("sidebar").get_by_role("link", name="elsewhere", exact=True).click()
    await expect(alice.mini_player).to_contain_text("second.wav")
    await expect(alice.mini_player).to_contain_text(re.compile(r"0:0[1-9] / 1:00"))
    await alice.mini_player.get_by_role("button", name="Pause second.wav").click()
    await expect(alice.mini_player.get_by_role("button", name="Play second.wav")).to_be_visible()
    await alice.mini_player.get_by_role("button", name="second.wav", exact=True).click()
    await expect(second.get_by_role("button", name="Play second.wav")).to_be_visible()
    await expect(alice.mini_player).to_have_count(0)
    await second.get_by_role("button", name="Play second.wav").click()
    await alice.page.get_by_test_id("sidebar").get_by_role("link", name="elsewhere", exact=True).click()
    await alice.mini_player.get_by_role("button", name="Stop playing").click()
    await expect(alice.mini_player).to_have_count(0)


async def test_the_first_lines_of_a_text_stand_under_its_row(world: World, enter: EnterRoom) -> None:
    world.seed("room", "logbook", owner="alice", members=["bob"])
    alice = await enter("alice", "logbook")
    lines = [f"{number}: <b>wind</b> north {'·' * 20}" for number in range(1, 21)]
    log = FilePayload(name="log.txt", mimeType="text/plain", buffer="\n".join(lines).encode())
    await attach(alice, log, text("large.txt", 70_000))
    await expect(alice.attached.nth(1)).to_have_attribute("data-state", "done")
    await alice.say("The log")
    await expect(alice.text_files).to_have_count(1)
    await expect(alice.text_files).to_contain_text("8: <b>wind</b>")
    await expect(alice.text_files).not_to_contain_text("9: <b>wind</b>")
    before = await alice.text_files.bounding_box()
    await alice.text_files.get_by_role("button", name="Show more").click()
    await expect(alice.text_files).to_contain_text("20: <b>wind</b>")
    await alice.text_files.get_by_role("button", name="Show less").click()
    after = await alice.text_files.bounding_box()
    assert before
    assert after
    assert after["height"] == before["height"]
