"""The chat's pages in the Django admin of the shop, which has its own staff and tables."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from support.console import console_errors
from tests.embedding.shop import PASSWORD, Shop, signed_in

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

MORE = {
    # As in Django's own example of a user model: staff, but no superusers.
    "orders/models.py": """
Customer.add_to_class("is_staff", models.BooleanField(default=False))
Customer.has_perm = Customer.has_module_perms = lambda customer, *_: customer.is_staff


class Message(models.Model):
    text = models.TextField()
""",
    "orders/admin.py": """
from orders.models import Customer, Message, Order

admin.site.register([Customer, Message, Order])
""",
}
# Creates a row of each model.
FILL = f"""
from chat.models import File
from chat.public import participant_of, post, room_for
from chat.services.legal_holds import hold_begin
from chat.services.messages import message_edit
from chat.services.moderation import member_ban
from chat.services.tokens import token_issue
from orders.models import Customer, Order
eve = participant_of(Customer.objects.create_user("eve@shop.example", {PASSWORD!r}, is_staff=True))
ada = participant_of(Customer.objects.get(email="ada@shop.example"))
room, other = (room_for(order) for order in Order.objects.order_by("pk"))
hold_begin(actor="eve", reason="A complaint", room=room)
seq = post(room, ada, "Where is it?").seq
message_edit(user=ada, room=room.slug, seq=seq, text="Where is my parcel?")
token_issue(user=ada, name="Cash desk")
File.objects.create(uploader=ada, name="label.txt", length=3, size=3, state="ready")
member_ban(user=eve, room=other.slug, username="bob", reason="Rude", via_admin=True)
"""
MODELS = """
from django.contrib import admin
print(*(f"/admin/chat/{model._meta.model_name}/" for model in admin.site._registry if model._meta.app_label == "chat"))
"""
HREFS = "links => links.map((link) => link.getAttribute('href'))"
# These have no search: one has a single row, the others a handful.
UNSEARCHED = {"/admin/chat/serverstate/"}
ADDED = {"/admin/chat/ban/", "/admin/chat/membership/"}


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Shop, str]]:
    built = Shop(more=MORE)
    built.shell(FILL)
    yield built, built.run("serve")
    built.stop()
    assert "Traceback" not in built.log()


async def opened(page: "Page", address: str) -> None:
    """Open a page of the admin, which must return 200."""
    answer = await page.goto(address)
    assert answer
    assert answer.status == 200, address


async def test_each_model_of_the_chat_is_listed_searched_opened_and_has_its_history(
    browser: "Browser", shop: tuple[Shop, str]
) -> None:
    built, address = shop
    ada = await signed_in(browser, address, "ada", "/orders/1/")
    await ada.locator("backchannel-room[data-live]").wait_for()
    eve = await signed_in(browser, address, "eve", "/admin/")
    problems = console_errors(eve)
    lists = await eve.locator(".app-chat th a").evaluate_all(HREFS)
    assert sorted(lists) == sorted(built.shell(MODELS).split())
    searched, added = set(), set()
    for path in lists:
        # The row of a socket is written shortly after it opens.
        async with asyncio.timeout(10):
            await opened(eve, address + path)
            while not (rows := await eve.locator("#result_list tbody a").evaluate_all(HREFS)):
                await eve.reload()
        [row] = [href for href in rows[:2] if href.endswith("/change/")][:1]
        # Rendered by the same templates, with other rows or without the form's values. One choice of each filter: the
        # others differ only in the value that Django compares with.
        pages = [row.replace("/change/", "/history/")]
        pages += [path + href for href in await eve.locator("#changelist-filter li:last-child a").evaluate_all(HREFS)]
        if await eve.locator(".object-tools .addlink[href*='/add/']").count():
            added.add(path)
            pages.append(f"{path}add/")
        if await eve.locator("#searchbar").count():
            searched.add(path)
            pages.append(f"{path}?q=a+b")
        await opened(eve, address + row)
        for page in pages:
            answer = await eve.request.get(address + page)
            assert answer.status == 200, page
    assert added == ADDED
    assert searched == set(lists) - UNSEARCHED
    assert problems == []


async def test_the_tables_of_the_shop_stay_where_they_are_beside_those_of_the_chat(
    browser: "Browser", shop: tuple[Shop, str]
) -> None:
    _, address = shop
    eve = await signed_in(browser, address, "eve", "/admin/")
    theirs = await eve.locator(".app-orders th a").evaluate_all(HREFS)
    assert theirs == ["/admin/orders/customer/", "/admin/orders/message/", "/admin/orders/order/"]
    assert await eve.locator(".app-chat caption a").get_attribute("href") == "/admin/chat/"
    ada = await signed_in(browser, address, "ada", "/orders/1/")
    answer = await ada.goto(f"{address}/admin/chat/room/")
    assert answer
    assert "/admin/login/" in ada.url


async def test_what_staff_do_there_reaches_the_open_pages_of_customers(
    browser: "Browser", shop: tuple[Shop, str]
) -> None:
    _, address = shop
    ada, bob = [await signed_in(browser, address, name, "/orders/1/") for name in ("ada", "bob")]
    for page in (ada, bob):
        await page.locator("backchannel-room[data-live]").wait_for()
    log = ada.get_by_role("log")
    eve = await signed_in(browser, address, "eve", "/admin/")

    # Find a message by a word in the index; a change of its text is sent.
    found = eve.locator("#result_list th a")
    async with asyncio.timeout(15):
        while True:
            await opened(eve, f"{address}/admin/chat/message/?q=parcel+from:ada")
            if await found.count():
                break
    await found.click()
    await eve.get_by_label("Text").fill("Where is my parcel, please?")
    await eve.get_by_role("button", name="Save", exact=True).click()
    await expect(log).to_contain_text("Where is my parcel, please?")

    # Change the title of a room.
    await opened(eve, f"{address}/admin/chat/room/?q=order-1")
    await eve.get_by_role("link", name="order-1").click()
    await eve.get_by_label("Title").fill("The tea pot")
    await eve.get_by_role("button", name="Save", exact=True).click()
    await expect(log.locator(".bc-room__row--system").last).to_contain_text("The tea pot")

    # Ban a member, after a confirmation.
    await opened(eve, f"{address}/admin/chat/membership/?q=bob")
    await eve.locator("#result_list tbody tr", has_text="order-1").get_by_role("checkbox").check()
    await eve.get_by_label("Action:").select_option("Ban from the room")
    await eve.get_by_role("button", name="Go").click()
    await eve.get_by_label("Reason").fill("Rude again")
    await eve.get_by_role("button", name="Ban from the room").click()
    await expect(bob.get_by_text("You are not part of this conversation.")).to_be_visible()
    await expect(log).to_contain_text("bob")
    await opened(eve, f"{address}/admin/chat/auditentry/?q=Rude+again")
    await expect(eve.locator("#result_list tbody tr")).to_have_count(1)
