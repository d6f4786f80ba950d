"""The sign-in pages in a browser, with and without scripts, and their appearance."""

from collections.abc import AsyncGenerator, Callable, Generator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from support.accounts import PASSWORD
from support.servers import Server

# Simulates a slow server: counts submitted forms, and sends none.
HOLD_FORMS = """
window.sent = 0;
addEventListener("submit", (event) => {
  if (!event.defaultPrevented) window.sent += 1;
  event.preventDefault();
});
"""


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Generator[Server]:
    with start_server() as running:
        running.make_people("ada")
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, server: Server) -> AsyncGenerator[Page]:
    """A page of an anonymous visitor; the browser may block nothing on it."""
    context = await browser.new_context(base_url=server.url)
    page = await context.new_page()
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", hear)
    yield page
    await context.close()
    assert complaints == []


async def test_a_person_signs_up_and_comes_into_the_chat(page: Page, server: Server) -> None:
    await page.goto("/accounts/login/")
    await page.get_by_role("link", name="Create an account").click()
    await page.get_by_label("Display name").fill("Dóra Lindstrøm-Groß")
    await expect(page.get_by_label("Username")).to_have_value("dora.lindstrom-gross")
    # A taken name gets a number, and a username that the person typed stays.
    await page.get_by_label("Display name").fill("Ada")
    await page.get_by_label("Password", exact=True).focus()
    await expect(page.get_by_label("Username")).to_have_value("ada2")
    await page.get_by_label("Username").fill("dora")
    await page.get_by_label("Display name").fill("Dora")
    await expect(page.get_by_label("Username")).to_have_value("dora")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await expect(page).not_to_have_url(f"{server.url}/accounts/signup/")
    assert "sessionid" in {cookie["name"] for cookie in await page.context.cookies()}


async def test_the_password_is_shown_and_hidden_again_before_it_is_sent(page: Page) -> None:
    await page.goto("/accounts/login/")
    field, toggle = page.get_by_label("Password", exact=True), page.get_by_role("button", name="Show password")
    await field.fill("secret")
    await expect(field).to_have_attribute("type", "password")
    await toggle.click()
    await expect(field).to_have_attribute("type", "text")
    await expect(field).to_be_focused()
    await expect(toggle).to_have_attribute("aria-pressed", "true")
    await expect(toggle).to_have_text("Hide")
    await page.evaluate(HOLD_FORMS)
    await page.get_by_label("Username").fill("ada")
    await page.get_by_role("button", name="Sign in").click()
    await expect(field).to_have_attribute("type", "password")


async def test_a_taken_username_is_an_error_when_the_field_is_left(page: Page) -> None:
    await page.goto("/accounts/signup/")
    field = page.get_by_label("Username")
    await field.fill("Ada")
    await field.press("Tab")
    await expect(page.get_by_role("status")).to_have_text("That username is taken.")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_attribute("aria-describedby", "id_username_helptext id_username_error")
    await field.fill("erik")
    await field.press("Tab")
    await expect(page.get_by_role("status")).to_have_count(0)
    await expect(field).not_to_have_attribute("aria-invalid", "true")


async def test_a_wrong_password_leads_back_to_the_field(page: Page) -> None:
    await page.goto("/accounts/login/")
    await page.get_by_label("Username").fill("ada")
    await page.get_by_label("Password", exact=True).fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("That username and password do not match.")).to_be_visible()
    await expect(page.get_by_label("Username")).to_have_value("ada")
    await expect(page.get_by_label("Password", exact=True)).to_be_focused()
    await expect(page.get_by_label("Password", exact=True)).to_have_value("")


async def test_a_slow_server_gets_one_form_and_the_button_keeps_its_width(page: Page) -> None:
    await page.goto("/accounts/login/")
    await page.evaluate(HOLD_FORMS)
    await page.get_by_label("Username").fill("ada")
    await page.get_by_label("Password", exact=True).fill("wrong")
    button = page.get_by_role("button", name="Sign in")
    before = await button.bounding_box()
    await button.click()
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    assert await button.bounding_box() == before
    assert await page.evaluate("window.sent") == 1


async def test_without_scripts_everything_works(browser: Browser, server: Server) -> None:
    context = await browser.new_context(base_url=server.url, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/accounts/login/")
    assert await page.get_by_role("button", name="Show password").count() == 0
    await page.get_by_label("Username").fill("ada")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/rooms/lobby/?plain=1#write")
    assert "sessionid" in {cookie["name"] for cookie in await context.cookies()}
    await page.goto("/accounts/logout/")
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(page).to_have_url(f"{server.url}/accounts/login/")
    await context.close()


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/"])
async def test_nothing_scrolls_sideways_at_any_width(page: Page, address: str) -> None:
    await page.goto(address)
    for width in (1280, 861, 860, 390, 320):
        await page.set_viewport_size({"width": width, "height": 720})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        form = await page.locator("form").bounding_box()
        assert form
        assert form["width"] == 368 if width == 1280 else form["width"] <= 368
        await expect(page.locator("aside")).to_be_visible(visible=width > 860)
