"""The shop of docs/embedding.md, run in each form of the page, in real browsers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import FilePayload, expect

from support.console import console_errors
from support.servers import ROOT
from tests.embedding.shop import HAS_BOTH_THEMES, Shop, lines_of_the_chat, signed_in

if TYPE_CHECKING:
    from playwright.async_api import Browser

(AXE,) = (ROOT / "tests" / "vendor").glob("axe-core-*/axe.min.js")
# Each form of the page with each database; the first combination alone proves most of it.
FORMS = [
    pytest.param((form, database), id=f"{form}-{database}", marks=[] if number == 0 else pytest.mark.long)
    for number, (form, database) in enumerate(
        (form, database) for form in ("serve", "gunicorn", "wsgi") for database in ("sqlite", "postgres")
    )
]
SAY_AND_TAKE_BACK = """
from django.db import transaction
from orders.models import Order
from chat.public import post, room_for
order = Order.objects.get(pk=1)
try:
    with transaction.atomic():
        post(room_for(order), order.customer, "Never said")
        1 / 0
except ZeroDivisionError:
    pass
with transaction.atomic():
    post(room_for(order), order.customer, "By the warehouse")
"""
ANOTHER_PASSWORD = """
from django.contrib.auth.hashers import make_password
from orders.models import Customer
Customer.objects.filter(email="bob@shop.example").update(password=make_password("another long one"))
"""
PUT_INTO_THE_PAGE = """html => {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  document.body.append(parsed.querySelector("backchannel-room"));
}"""
VIOLATIONS = """async () => {
  const { violations } = await axe.run("backchannel-room", { rules: { "target-size": { enabled: true } } });
  return violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html + node.failureSummary)].join());
}"""


@pytest.fixture(scope="module", params=FORMS)
def shop(request: pytest.FixtureRequest) -> Iterator[tuple[Shop, str]]:
    form, database = request.param
    built = Shop(database=database)
    address = built.run(form)
    yield built, address
    built.stop()
    assert "Traceback" not in built.log()


def test_the_chat_takes_at_most_40_lines_of_the_shop() -> None:
    assert 10 < lines_of_the_chat() <= 40


async def test_customers_write_to_each_other_on_the_page_of_an_order(
    browser: "Browser", shop: tuple[Shop, str]
) -> None:
    built, address = shop
    ada = await signed_in(browser, address, "ada", "/orders/1/")
    bob = await signed_in(browser, address, "bob", "/orders/1/")
    problems = [console_errors(page) for page in (ada, bob)]
    sockets: list[str] = []
    ada.on("websocket", lambda socket: sockets.append(socket.url))
    await ada.reload()
    log = ada.get_by_role("log", name="Tea pot")
    await expect(log).to_contain_text("I have ordered: Tea pot")
    for page in (ada, bob):
        await page.locator("backchannel-room[data-live]").wait_for()

    await ada.get_by_label("Message").fill("Where is it, **please**?")
    await ada.get_by_label("Message").press("Enter")
    await expect(bob.get_by_role("log").get_by_text("please", exact=True)).to_have_js_property("tagName", "STRONG")
    await bob.get_by_label("Message").fill("On its way.")
    await bob.get_by_role("button", name="Send").click()
    await expect(log).to_contain_text("On its way.")

    # A process without sockets posts in a transaction; a second post is rolled back.
    built.shell(SAY_AND_TAKE_BACK)
    await expect(log).to_contain_text("By the warehouse")
    assert "Never said" not in await log.inner_text()

    # A second room on the page shares the socket.
    other = await signed_in(browser, address, "ada", "/orders/2/")
    html = await other.locator("backchannel-room").evaluate("room => room.outerHTML")
    await ada.evaluate(PUT_INTO_THE_PAGE, html)
    await other.locator("backchannel-room[data-live]").wait_for()
    await other.get_by_label("Message").fill("And my cups?")
    await other.get_by_label("Message").press("Enter")
    await expect(ada.get_by_role("log", name="Six cups")).to_contain_text("And my cups?")
    assert sockets == [f"{address.replace('http', 'ws')}/chat/ws/chat/"]
    assert problems == [[], []]


async def test_axe_finds_nothing_at_the_component_in_either_theme(browser: "Browser", shop: tuple[Shop, str]) -> None:
    _, address = shop
    page = await signed_in(browser, address, "ada", "/orders/1/")
    await page.evaluate(HAS_BOTH_THEMES)
    await page.evaluate(AXE.read_text())
    backgrounds = set()
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)
        assert await page.evaluate(VIOLATIONS) == []
        backgrounds.add(await page.locator(".bc-room").evaluate("room => getComputedStyle(room).backgroundColor"))
    assert len(backgrounds) == 2


async def test_without_scripts_the_form_posts_and_the_whole_chat_is_below_its_prefix(
    browser: "Browser", shop: tuple[Shop, str]
) -> None:
    _, address = shop
    plain = await signed_in(browser, address, "ada", "/orders/1/", java_script_enabled=False)
    await plain.get_by_label("Message").fill("By hand")
    await plain.get_by_role("button", name="Send").click()
    await expect(plain.get_by_role("log")).to_contain_text("By hand")
    assert "/orders/1/" in plain.url

    ada = await signed_in(browser, address, "ada", "/chat/rooms/order-1/")
    await expect(ada.get_by_test_id("message").filter(has_text="By hand")).to_be_visible(timeout=20_000)
    await ada.get_by_role("textbox", name="Message").fill("From the whole page")
    await ada.keyboard.press("Enter")
    # A row with a number is one that the server has stored.
    await expect(ada.locator("[data-seq]").filter(has_text="From the whole page")).to_be_visible()
    await plain.reload()
    await expect(plain.get_by_role("log")).to_contain_text("From the whole page")


async def test_pages_send_files_and_choices_with_the_proof_that_the_project_wants(
    browser: "Browser", shop: tuple[Shop, str]
) -> None:
    _, address = shop
    bob = await signed_in(browser, address, "bob", "/orders/1/")
    ada = await signed_in(browser, address, "ada", "/chat/rooms/order-1/")
    async with ada.expect_file_chooser() as chosen:
        await ada.get_by_role("button", name="Attach files").click()
    await (await chosen.value).set_files(FilePayload(name="label.txt", mimeType="text/plain", buffer=b"To Ada"))
    await expect(ada.locator("[data-state=done]")).to_have_count(1)
    await ada.get_by_role("textbox", name="Message").fill("The label")
    await ada.keyboard.press("Enter")
    link = bob.get_by_role("log").get_by_role("link", name="label.txt")
    await expect(link).to_be_visible()
    href = await link.evaluate("link => link.href")
    assert href.startswith(f"{address}/chat/files/")
    assert await (await bob.request.get(href)).text() == "To Ada"

    await ada.get_by_role("button", name="Settings").click()
    async with ada.expect_response("**/settings/preferences/") as saved:
        await ada.get_by_role("radio", name="Dark").click()
    assert (await saved.value).ok
    await ada.reload()
    await expect(ada.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_password_changed_behind_djangos_back_ends_the_open_sockets(
    browser: "Browser", shop: tuple[Shop, str]
) -> None:
    built, address = shop
    bob = await signed_in(browser, address, "bob", "/orders/1/")
    await bob.locator("backchannel-room[data-live]").wait_for()
    built.shell(ANOTHER_PASSWORD)
    ended = "Your session ended. Reload the page and sign in."
    await expect(bob.get_by_role("status")).to_have_text(ended, timeout=20_000)
