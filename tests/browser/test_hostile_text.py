"""Whatever is written can only ever be read: no text becomes markup, script or a request."""

from playwright.async_api import Request, expect

from tests.browser.conftest import EnterRoom
from tests.browser.world import World

VECTORS = [
    "<script>stolen = 1</script>",
    "<img src=x onerror=stolen=1>",
    "<svg onload=stolen=1>",
    "<svg><script>stolen=1</script></svg>",
    "<iframe srcdoc='<script>parent.stolen=1</script>'></iframe>",
    "<iframe src=javascript:parent.stolen=1></iframe>",
    "<a href=javascript:stolen=1>click</a>",
    "<body onload=stolen=1>",
    "<details open ontoggle=stolen=1>",
    "<input autofocus onfocus=stolen=1>",
    "<style>@import '//evil.example/x.css'</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><button>Send</button></form>",
    "<math><mtext></mtext><mglyph><style></math><img src=x onerror=stolen=1>",
    "[click me](javascript:stolen=1)",
    "[click me](JaVaScRiPt:stolen=1)",
    "[click me](data:text/html,<script>stolen=1</script>)",
    "![picture](https://evil.example/tracker.png)",
    "[words](https://evil.example/\" onmouseover=\"stolen=1)",
    "javascript:stolen=1",
    "https://evil.example/\"onmouseover=stolen=1",
    "https://evil.example/'><img src=x onerror=stolen=1>",
    "```html\n<script>stolen=1</script>\n```",
    "```\"><img src=x onerror=stolen=1>\nx\n```",
    "`<img src=x onerror=stolen=1>`",
    "**<img src=x onerror=stolen=1>**",
    "> <img src=x onerror=stolen=1>",
    "- <img src=x onerror=stolen=1>",
    "@alice<img src=x onerror=stolen=1>",
    "&lt;script&gt;stolen=1&lt;/script&gt; &#60;img src=x onerror=stolen=1&#62;",
    "</textarea><script>stolen=1</script>",
    "</script><script>stolen=1</script>",
    "${stolen=1} {{stolen=1}} #{stolen=1} <%= stolen=1 %>",
    "\u202e<gpj.exe>\u202c \u2066reversed\u2069",
    "{\"type\":\"announcement\",\"message\":\"<img src=x onerror=stolen=1>\"}",
    "__proto__ constructor [object Object]",
    "*" * 500 + "_" * 500 + "~" * 500 + "`" * 500,
    "[" * 2000 + "](" * 500,
    "> " * 400 + "deep",
]  # fmt: skip


async def test_hostile_text_is_only_text(world: World, enter: EnterRoom) -> None:
    world.seed("room", "hostile", owner="alice", members=["bob"])
    world.seed("say", "hostile", [("alice", text) for text in VECTORS])
    requests: list[str] = []
    bob = await enter("bob", "hostile")
    bob.page.on("request", lambda request: requests.append(_address(request)))
    await bob.page.reload()
    await bob.is_connected()
    await expect(bob.page.locator(".log article")).to_have_count(len(VECTORS))
    assert await bob.page.evaluate("typeof stolen") == "undefined"
    dangerous = "script, img, iframe, style, link, base, meta, form, input, details, math, object, embed"
    assert await bob.page.locator(".log").locator(dangerous).count() == 0
    attributes = await bob.page.evaluate(
        """() => [...document.querySelectorAll(".log .tx *")].flatMap((element) => [...element.attributes])
             .map((attribute) => attribute.name)"""
    )
    allowed = {"class", "dir", "href", "title", "target", "rel", "tabindex", "type", "start"}
    assert set(attributes) <= allowed
    links = await bob.page.evaluate("[...document.querySelectorAll('.log .tx a')].map((a) => [a.protocol, a.rel])")
    assert links
    assert all(link == ["https:", "noopener noreferrer nofollow"] for link in links)
    assert [address for address in requests if not address.startswith(world.server.url)] == []


async def test_hostile_names_of_rooms_and_people_are_only_text(world: World, enter: EnterRoom) -> None:
    markup = "<img src=x onerror=stolen=1>"
    world.seed("people", {"mallory": markup})
    world.seed("room", "names", owner="mallory", members=["bob"])
    bob, mallory = await enter("bob", "names"), await enter("mallory", "names")
    await mallory.say(f"/topic {markup}")
    await expect(bob.page.locator(".topic")).to_have_text(markup)
    await mallory.say("hello")
    await expect(bob.row("hello").locator(".msg__h b")).to_have_text(markup)
    await expect(bob.page.locator("#members")).to_contain_text(markup)
    await bob.page.reload()
    await bob.is_connected()
    assert await bob.page.evaluate("typeof stolen") == "undefined"
    assert await bob.page.locator("#app img").count() == 0


async def test_the_policy_lets_no_foreign_script_run(world: World, enter: EnterRoom) -> None:
    world.seed("room", "policy", owner="alice")
    alice = await enter("alice", "policy")
    response = await alice.page.goto(f"{world.server.url}/rooms/policy/")
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    # Were markup to get in all the same, it would not run: not even when its picture has failed.
    await alice.page.evaluate(
        """() => new Promise((failed) => {
             const slip = document.createElement("div");
             slip.innerHTML = "<img src='data:image/png,broken' onerror=stolen=1>";
             slip.firstChild.addEventListener("error", failed);
             document.body.append(slip);
             const script = document.createElement("script");
             script.textContent = "stolen = 1";
             document.body.append(script);
           })"""
    )
    await alice.page.wait_for_function("refusedByPolicy.length >= 2")
    assert await alice.page.evaluate("typeof stolen") == "undefined"
    assert {refusal.split("-")[0] for refusal in await alice.refused_by_policy()} == {"script"}
    await alice.page.evaluate("refusedByPolicy.length = 0")
    alice.errors.clear()


def _address(request: Request) -> str:
    return request.url.replace("ws://", "http://")
