"""The text of each format as Markdown: one row per case."""

import pytest

from chat.importing import html_text, slack_text, whatsapp, zulip_text
from chat.importing.slack_text import Names
from chat.importing.words import code, emoji, fence, link, marked, username, with_emoji

NAMES = Names(lambda source: {"U1": "ada"}.get(source, source), lambda source: {"C1": "general"}.get(source, source))

SLACK = [
    ("*bold* _it_ ~no~", "**bold** *it* ~~no~~"),
    ("*_both_*", "***both***"),
    ("a*b*c and 2*3*4", "a*b*c and 2*3*4"),
    ("snake_case_name", "snake_case_name"),
    ("`a &lt; *b*`", "`a < *b*`"),
    ("before ```x &amp; y``` after", "before \n```\nx & y\n```\n after"),
    ("&gt; quoted\n&gt; more\nnot", "> quoted\n> more\nnot"),
    ("• one\n    ◦ two", "- one\n    - two"),
    ("<https://a.example/?x=1&amp;y=2>", "https://a.example/?x=1&y=2"),
    ("<https://a.example|words>", "[words](https://a.example)"),
    ("<https://a.example|https://a.example>", "https://a.example"),
    ("<mailto:a@example.org|a@example.org>", "a@example.org"),
    ("<@U1> <@U1|old> <@U9> <#C1> <#C9|name> <#C9|>", "@ada @ada @U9 #general #name #C9"),
    ("<!here> <!channel|@channel> <!subteam^S1|@ops> <!subteam^S1>", "@here @channel @ops @S1"),
    ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
    (":tada: :+1::skin-tone-3: :nosuch:", "🎉 👍🏼 :nosuch:"),
    (":angry: :v::skin-tone-2: :man-kiss-man::skin-tone-2-4:", "😠 ✌🏻 👨‍❤️‍💋‍👨"),
    ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
]
HTML = [
    ("a<br>b<br><br>c", "a\nb\n\nc"),
    ("<p>one</p><p>two</p>", "one\ntwo"),
    ("<b>a</b> <em>b</em> <del>c</del> <u>d</u>", "**a** *b* ~~c~~ d"),
    ("<b> a </b>b", " **a** b".strip()),
    ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
    ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n    - b"),
    ("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc"),
    ('<pre><code class="language-py">if x:\n  y</code></pre>', "```py\nif x:\n  y\n```"),
    ("<code>a`b</code>", "``a`b``"),
    ('<a href="https://a.example/(x)">w</a>', "[w](https://a.example/%28x%29)"),
    ("<script>alert(1)</script>x &lt;script&gt;", "x <script>"),
    ("2 * 3 * 4", r"2 \* 3 \* 4"),
    ("<i>unclosed", "*unclosed*"),
    ("</p></div>x", "x"),
    ("<div>" * 3000 + "deep", "deep"),
    ("<h2>Title</h2>x", "**Title**\nx"),
    ("&nbsp;&nbsp;x&nbsp;y", "x y"),
]
ZULIP = [
    ("@**Ada** @_**Ada|7** @**all** @*team*", "@ada @ada7 @all @team"),
    ("#**general** #**general>tea** #**general>tea@5**", "#general #general #general"),
    ("```quote\na\nb\n```\nc", "> a\n> b\n\nc"),
    ("```spoiler head\nbody\n```", "head\nbody"),
    ("$$x^2$$", "`x^2`"),
    ("```math\nx\n```", "```\nx\n```"),
    ("`@**Ada**`", "`@**Ada**`"),
    ("```\n@**Ada**\n```", "```\n@**Ada**\n```"),
    ("/me waves", "*waves*"),
    ("/me *waves*", "*waves*"),
    ("/me waves *hard*", "*waves *hard**"),
    (":tada: **b** *i*", "🎉 **b** *i*"),
    ("<time:2024-03-05T09:00:00Z>", "2024-03-05T09:00:00Z"),
]
WHATSAPP = [
    ("*bold* _it_ ~no~", "**bold** *it* ~~no~~"),
    ("```mono```", "`mono`"),
    ("```two\nlines```", "```\ntwo\nlines\n```"),
    ("https://a.example/a_b_c", "https://a.example/a_b_c"),
    ("- a\n- b", "- a\n- b"),
]


@pytest.mark.parametrize(("text", "wanted"), SLACK)
def test_slack(text: str, wanted: str) -> None:
    assert slack_text.mrkdwn(text, NAMES) == wanted


@pytest.mark.parametrize(("text", "wanted"), HTML, ids=range(len(HTML)))
def test_html(text: str, wanted: str) -> None:
    assert html_text.markdown(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), ZULIP)
def test_zulip(text: str, wanted: str) -> None:
    assert zulip_text.markdown(text, lambda name, source: name.lower() + source) == wanted


@pytest.mark.parametrize(("text", "wanted"), WHATSAPP)
def test_whatsapp(text: str, wanted: str) -> None:
    assert whatsapp.markdown(text) == wanted


def test_slack_s_blocks_know_what_its_text_does_not() -> None:
    part = {"type": "text", "text": "typed *stars* "}
    bold = {"type": "text", "text": "real", "style": {"bold": True, "italic": True}}
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [part, bold]}]}
    assert slack_text.rich_text([block], NAMES) == r"typed \*stars\* ***real***"
    numbered = {
        "type": "rich_text_list",
        "style": "ordered",
        "indent": 0,
        "offset": 2,
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "third"}]}],
    }
    assert slack_text.rich_text([{"type": "rich_text", "elements": [numbered]}], NAMES) == "3. third"


def test_a_preview_of_a_link_is_no_text_of_the_author() -> None:
    preview = {"from_url": "https://a.example", "title": "A", "text": "preview"}
    assert slack_text.attachments_text([preview], NAMES) == ""
    shared = {**preview, "is_share": True, "text": "said &amp; shared"}
    assert slack_text.attachments_text([shared], NAMES) == "> said & shared"


def test_code_holds_the_backticks_of_its_text() -> None:
    assert code("a``b") == "```a``b```"
    assert code("`a") == "`` `a ``"
    assert fence("a\n```\nb") == "````\na\n```\nb\n````"


def test_links_cannot_break_out_of_their_marks() -> None:
    assert link("a]b", "https://a.example/x)y z") == r"[a\]b](https://a.example/x%29y%20z)"


def test_names_of_emoji_are_those_of_the_other_chats() -> None:
    assert [emoji(name) for name in ("thumbsup", "+1::skin-tone-6", "partyparrot")] == ["👍", "👍🏿", ":partyparrot:"]


@pytest.mark.parametrize(
    ("whose", "names"),
    [
        # Names that this server also has, but for another emoji.
        (
            "iamcal",
            {"angry": "😠", "cake": "🍰", "laughing": "😆", "phone": "☎️", "up": "🆙", "satellite": "🛰️", "dog": "🐶"},
        ),
        ("iamcal", {"face_with_open_eyes_and_hand_over_mouth": "🫢", "Tada": "🎉", "flag-de": "🇩🇪"}),
        ("joypixels", {"satellite": "📡", "no": "🇳🇴", "poo": "💩", "cross": "✝️", "Tada": "🎉", "dog": "🐶"}),
        # The tone follows the person, not the whole sequence; emoji without tones stay the same.
        ("iamcal", {"female-detective::skin-tone-4": "🕵🏽‍♀️", "v::skin-tone-2": "✌🏻", "tada::skin-tone-2": "🎉"}),
        (
            "joypixels",
            {"wave_tone3": "👋🏽", "ok_hand_tone5": "👌🏿", "tada_tone1": "🎉", "crew_tone3": ":crew_tone3:"},
        ),
    ],
)
def test_names_of_emoji_mean_what_they_mean_there(whose: str, names: dict[str, str]) -> None:
    assert {name: emoji(name, whose=whose) for name in names} == names


def test_rocket_chats_names_are_known_in_texts() -> None:
    assert with_emoji(":poo: :wave_tone3: :nosuch_tone3: 12:30:45", "joypixels") == "💩 👋🏽 :nosuch_tone3: 12:30:45"


def test_marks_hold_no_more_than_a_line() -> None:
    assert marked("*a\nb*") == "*a\nb*"


def test_titles_become_names_that_can_be_mentioned() -> None:
    assert [username(title) for title in ("Ada Löw", "+49 170", "Боб", "!!")] == ["ada-low", "49-170", "bob", ""]
