"""Files: attached and in messages; of a room and filling the screen; in transfer."""

import functools
import io
import struct
from collections.abc import AsyncIterator

import av
from PIL import Image
from playwright.async_api import FilePayload, Route, expect

from support.world import Window
from tools.screenshots.stage import Stage

UPLOADS = "**/api/v1/uploads/**"


async def files(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("onboarding")
    await _attach(stage, me, picture("pier.png", "#4f8aa3"), _file("trial-notes-of-three-buoys-at-the-pier-2026.pdf"))
    await expect(me.attached.nth(1)).to_have_attribute("data-state", "done")
    yield "attached"
    empty = FilePayload(name="empty.csv", mimeType="text/csv", buffer=b"")
    await _attach(stage, me, empty, *(_file(f"part {number}.txt", 120_000) for number in range(1, 11)))
    await expect(me.not_attached).to_have_count(2)
    yield "too many, and an empty one"
    for name in [f"part {number}.txt" for number in range(1, 9)]:
        await me.attached.get_by_role("button", name=name).first.press("Delete")
    await me.attached.get_by_role("button", name="pier.png").first.click()
    await expect(me.dialog).to_be_visible()
    yield "name and description"
    await me.dialog.get_by_label("Description for people").fill("The pier at low tide")
    await me.dialog.get_by_role("button", name="Save").click()
    await stage.say("Haul-out at the pier, and the notes.")
    await me.has_sent("Haul-out at the pier")
    colours = ["#4f8aa3", "#9db8b0", "#5f6f80", "#b9a27f", "#3c5a4c"]
    pictures = [picture(f"photo {at}.png", colour) for at, colour in enumerate(colours)]
    for count in (2, 3, 5):
        await _attach(stage, me, *pictures[:count])
        await expect(me.attached).to_have_count(count)
        await stage.say("")
        await expect(me.attached).to_have_count(0)
    await me.page.evaluate(MICROPHONE)
    await me.dock.get_by_role("button", name="Record a voice note").click()
    await expect(me.dock.get_by_role("group", name="Voice note")).to_contain_text("0:01")
    yield "voice note"
    await me.dock.get_by_role("button", name="Cancel").click()
    await _attach(stage, me, _sound("voice.wav"), _file("buoy-7.csv"))
    await stage.say("And what I said on the phone.")
    await me.has_sent("on the phone")
    await expect(me.pictures).to_have_count(1 + 2 + 3 + 4)
    await me.page.wait_for_function("[...document.images].every((image) => image.loading === 'lazy' || image.complete)")
    yield "in messages"
    if not stage.size.phone:
        await me.pictures.first.scroll_into_view_if_needed()
        await me.pictures.first.hover()
        await expect(me.timeline.get_by_role("link", name="Download pier.png")).to_be_visible()
        yield "picture under the pointer"
    await _attach(stage, me, _film("launch.webm"), _moving("spin.gif"), _text("log.txt"))
    await expect(me.attached.nth(2)).to_have_attribute("data-state", "done")
    await stage.say("Film, picture that moves, log.")
    await me.has_sent("picture that moves")
    await expect(me.text_files).to_contain_text("8: calm")
    await me.text_files.scroll_into_view_if_needed()
    yield "film, moving picture and text"
    await me.text_files.get_by_role("button", name="Show more").click()
    yield "text unfolded"
    await me.text_files.get_by_role("button", name="Show less").click()
    await me.sounds.first.get_by_role("button", name="Play voice.wav").click()
    await expect(me.sounds.first.get_by_role("button", name="Pause voice.wav")).to_be_visible()
    await me.page.evaluate("document.querySelector('[role=log]').scrollTo(0, 0)")
    await expect(me.mini_player).to_be_visible()
    yield "playing while scrolled away"
    await me.mini_player.get_by_role("button", name="Stop playing").click()


async def files_of_room(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("onboarding")
    shared = [picture("quay.png", "#5f6f80"), picture("buoy.png", "#b9a27f"), _file("tender.pdf")]
    await _attach(stage, me, *shared)
    await expect(me.attached.nth(2)).to_have_attribute("data-state", "done")
    await stage.say("What the survey needs.")
    await me.has_sent("What the survey needs")
    await me.page.route("**/files/*/thumb/**", lambda route: route.abort())
    await me.page.reload()
    await me.is_connected()
    failed = me.timeline.get_by_text("Could not load").first
    await expect(failed).to_be_visible()
    await failed.scroll_into_view_if_needed()
    yield "pictures that do not load"
    await me.page.unroute("**/files/*/thumb/**")
    await me.page.reload()
    await me.is_connected()
    await stage.say("[Tides of the year](https://tides.example.org/2026), https://example.org/pier and www.example.org")
    await me.has_sent("Tides of the year")
    await me.page.get_by_role("button", name="Room options").click()
    await me.page.get_by_role("menuitem", name="Files").click()
    await expect(me.files_pane.get_by_role("img").first).to_be_visible()
    yield "files of the room"
    await me.files_pane.get_by_role("radio", name="Files").click()
    await expect(me.files_pane.get_by_test_id("file").first).to_be_visible()
    yield "other files of the room"
    await me.files_pane.get_by_role("radio", name="Links").click()
    await expect(me.shared_links).to_have_count(3)
    yield "links of the room"
    await me.page.go_back()
    await me.pictures.first.scroll_into_view_if_needed()
    await me.pictures.first.click()
    await expect(me.lightbox.get_by_role("button", name="Next image")).to_be_visible()
    yield "lightbox"
    await me.page.keyboard.press("Escape")
    await me.timeline.evaluate(
        """(log) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["x"], "x.txt"));
          log.dispatchEvent(new DragEvent("dragenter", { bubbles: true, cancelable: true, dataTransfer }));
        }"""
    )
    await expect(me.drop).to_be_visible()
    yield "drop"
    await me.timeline.evaluate("(log) => log.dispatchEvent(new DragEvent('dragleave', { bubbles: true }))")
    await expect(me.drop).to_have_count(0)


async def files_on_their_way(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("onboarding")
    held: list[Route] = []
    lost = False

    async def hold(route: Route) -> None:
        if route.request.method != "PATCH":
            await route.continue_()
        elif lost:
            await route.abort()
        else:
            held.append(route)

    await me.page.route(UPLOADS, hold)
    names = ("film.mov", "tender.pdf", "charts.zip")
    await me.timeline.evaluate(_DROP, {"names": names, "size": 9_000_000})
    for at, state in enumerate(("uploading", "uploading", "waiting")):
        await expect(me.attached.nth(at)).to_have_attribute("data-state", state)
    yield "uploading and waiting"
    lost = True
    for route in held:
        await route.abort()
    for name in names[1:]:
        await me.attached.get_by_role("button", name=name).first.press("Delete")
    await expect(me.attached).to_have_attribute("data-state", "paused")
    yield "paused"
    await stage.say("The film of the launch")
    await expect(me.sending_files).to_be_visible()
    yield "message that waits for its file"
    await me.page.evaluate("() => { Blob.prototype.slice = slice; }")
    await me.page.unroute(UPLOADS)
    await _attach(stage, me, FilePayload(name="cat.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n no"))
    await expect(me.attached).to_have_attribute("data-state", "failed")
    yield "failed"
    await stage.say("Our cat")
    await expect(me.delivery_of("Our cat")).to_contain_text("was not uploaded")
    yield "message without its file"


# Large files that are made in the page: a test's connection to the browser would take seconds for 27 MB. Requests that
# the scene holds pass through that connection as well, at each try: one byte of a part is enough there.
_DROP = """(log, { names, size }) => {
  window.slice = Blob.prototype.slice;
  Blob.prototype.slice = () => new Blob(["."]);
  const dataTransfer = new DataTransfer();
  for (const name of names) dataTransfer.items.add(new File([new Uint8Array(size)], name));
  for (const type of ["dragenter", "drop"])
    log.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
}"""
# A microphone that hears a tone.
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


async def _attach(stage: Stage, me: Window, *files: FilePayload) -> None:
    async with me.page.expect_file_chooser() as chosen:
        if stage.size.phone:
            await me.dock.get_by_role("button", name="Add to the message").click()
            await me.page.get_by_role("menuitem", name="Attach files").click()
        else:
            await me.dock.get_by_role("button", name="Attach files").click()
    await (await chosen.value).set_files(list(files))


@functools.cache
def picture(name: str, colour: str) -> FilePayload:
    """A picture in its display size: one of twice the size takes four times as long to make, to send and to shrink."""
    data = io.BytesIO()
    shades = Image.linear_gradient("L").resize((720, 540)).convert("RGB")
    Image.blend(shades, Image.new("RGB", shades.size, colour), 0.8).save(data, "PNG")
    return FilePayload(name=name, mimeType="image/png", buffer=data.getvalue())


def _file(name: str, size: int = 1_200_000) -> FilePayload:
    return FilePayload(name=name, mimeType="application/octet-stream", buffer=b"%PDF-1.4\n".ljust(size, b" "))


def _sound(name: str) -> FilePayload:
    """Eight seconds of silence."""
    data = bytes(8 * 8000)
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", len(data)
    )
    return FilePayload(name=name, mimeType="audio/wav", buffer=head + data)


def _text(name: str) -> FilePayload:
    lines = "\n".join(f"{hour}: {'gale' if hour % 9 == 0 else 'calm'}, swell {hour / 10} m" for hour in range(1, 25))
    return FilePayload(name=name, mimeType="text/plain", buffer=lines.encode())


def _moving(name: str) -> FilePayload:
    """An animation of two pictures in turn."""
    data = io.BytesIO()
    frames = [Image.new("RGB", (320, 200), colour) for colour in ("#4f8aa3", "#b9a27f")]
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=500, loop=0)
    return FilePayload(name=name, mimeType="image/gif", buffer=data.getvalue())


@functools.cache
def _film(name: str) -> FilePayload:
    """A second of a plain colour."""
    data = io.BytesIO()
    with av.open(data, "w", format="webm") as film:
        stream = film.add_stream("libvpx", rate=10, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        picture = av.VideoFrame(480, 270, "yuv420p")
        for plane, value in zip(picture.planes, (110, 134, 121), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        for packet in [one for _ in range(10) for one in stream.encode(picture)] + stream.encode():
            film.mux(packet)
    return FilePayload(name=name, mimeType="video/webm", buffer=data.getvalue())
