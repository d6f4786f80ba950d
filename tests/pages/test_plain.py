"""The chat as plain pages: their queries, their content, their cost."""

import re
from datetime import timedelta
from pathlib import Path
from time import process_time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image
from pytest_django.fixtures import Settings

from accounts.services import invitation_issue
from chat.models import LinkedPage, Membership, Message, Participant, Preferences, Preview, Room, ThreadFollow
from chat.services.drafts import draft_save
from chat.services.emoji import emoji_add
from chat.services.files import file_keep
from chat.services.forwarding import Origin
from chat.services.members import room_join
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import member_mute
from chat.services.pins import message_pin
from chat.services.posting import Draft, messages_post
from chat.services.profile import preferences_change, profile_update
from chat.services.rooms import direct_room_open, group_room_open
from chat.services.scheduling import schedule_make
from support.html import faults
from support.people import alice, bob, charlie, login_of, person, room

pytestmark = pytest.mark.django_db


def browser_of(user: Participant) -> Client:
    client = Client()
    client.force_login(login_of(user))
    return client


def read(user: Participant, path: str = "/rooms/garden/?plain=1") -> str:
    answer = browser_of(user).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def say(author: Participant, *texts: str) -> None:
    messages_post([Draft(author, "garden", text) for text in texts])


def test_hostile_text_stays_text() -> None:
    owner = alice()
    room("garden", owner=owner)
    say(owner, "<img src=x onerror=stolen=1>", "javascript:alert(1)", "see https://example.org/?a=1&b=<i>")
    html = read(owner)
    assert "<img" not in html
    assert "<i>" not in html
    assert 'href="javascript' not in html
    assert '<a href="https://example.org/?a=1&amp;b=" rel="noopener noreferrer nofollow">' in html
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=\"", html)


@pytest.mark.parametrize(
    ("choice", "played"), [("auto", "unless"), ("always", "yes"), ("hover", "no"), ("never", "no")]
)
def test_emoji_that_move_are_played_as_the_reader_wants(tmp_path: Path, choice: str, played: str) -> None:
    owner = alice()
    room("garden", owner=owner)
    pictures = [Image.new("RGB", (64, 64), colour) for colour in ("teal", "coral")]
    source = tmp_path / "parrot.gif"
    pictures[0].save(source, "GIF", save_all=True, append_images=pictures[1:])
    file = file_keep(user=owner, path=source, size=source.stat().st_size, name="parrot.gif")
    made = emoji_add(user=owner, name="our_parrot", key=file.key)
    assert made.still
    say(owner, "See :our_parrot: dance")
    preferences_change(user=owner, animated_emoji=choice)
    html = read(owner)
    assert (f'src="{made.url}"' in html) is (played != "no")
    assert (f'src="{made.still}"' in html) is (played == "no")
    assert (f'media="(prefers-reduced-motion: reduce)" srcset="{made.still}"' in html) is (played == "unless")
    assert faults(html) == []


def test_what_was_begun_elsewhere_stands_in_the_form() -> None:
    owner, other = alice(), bob()
    room("garden", owner=owner, members=[other])
    draft_save(user=owner, room="garden", text="begun <on> the phone")
    assert "begun &lt;on&gt; the phone</textarea>" in read(owner)
    assert "begun" not in read(other)
    say(owner, "sent")
    assert "begun" not in read(owner)


def test_a_thread_is_a_page_of_its_own() -> None:
    owner, other, stranger = alice(), bob(), charlie()
    garden = room("garden", owner=owner, members=[other])
    say(owner, "tea?")
    for text, in_room in (("in the thread", False), ("shown as well", True)):
        messages_post([Draft(other, "garden", text, thread=1, in_room=in_room)])
    hidden, shown = Message.objects.filter(thread=1).order_by("seq")
    assert (hidden.in_room, shown.in_room) == (False, True)
    html = read(owner)
    assert ("in the thread" in html, "shown as well" in html) == (False, True)
    assert re.search(r'href="\?plain=1&amp;thread=1[^"]*">2 replies', html)
    assert ThreadFollow.objects.get(user=owner).read_seq < hidden.seq
    html = read(owner, "/rooms/garden/?plain=1&thread=1")
    assert html.index("tea?") < html.index("in the thread") < html.index("shown as well")
    assert faults(html) == []
    assert ThreadFollow.objects.get(user=owner).read_seq == shown.seq
    assert browser_of(owner).get("/rooms/garden/?plain=1&thread=9").status_code == 404
    Room.objects.filter(pk=garden.pk).update(kind="private")
    assert browser_of(stranger).get("/rooms/garden/?plain=1&thread=1").status_code == 404


def test_a_day_is_gone_to() -> None:
    owner, other = alice(), bob()
    room("garden", owner=owner, members=[other])
    say(owner, "of an old day", "of a new day")
    Message.objects.filter(seq=1, room__slug="garden").update(created_at="2020-05-01T12:00:00Z")
    assert 'name="on"' in read(other)
    assert "of an old day" in read(other, "/rooms/garden/?plain=1&on=2020-05-01")
    for nonsense in ("2020-13-01", "x", "0001-01-01"):
        assert "of a new day" in read(other, f"/rooms/garden/?plain=1&on={nonsense}")


def test_mentions_and_reactions_are_pages() -> None:
    owner, other = alice(), bob()
    room("garden", owner=owner, members=[other])
    say(owner, "<b>@bob</b> tea?")
    message_react(user=other, room="garden", seq=1, emoji="👍", on=True)
    assert "&lt;b&gt;@bob&lt;/b&gt; tea?" in read(other, "/rooms/garden/?plain=1&inbox")
    assert "👍 @<bdi>bob</bdi>" in read(owner, "/rooms/garden/?plain=1&inbox=reactions")
    assert "appear here" in read(owner, "/rooms/garden/?plain=1&inbox&before=x")


def test_scheduled_messages_are_a_page() -> None:
    owner = alice()
    room("garden", owner=owner)
    assert "Nothing is scheduled" in read(owner, "/rooms/garden/?plain=1&scheduled")
    at = f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    schedule_make(user=owner, room="garden", text="<b>later</b>", at=at, zone="UTC")
    html = read(owner, "/rooms/garden/?plain=1&scheduled")
    assert "&lt;b&gt;later&lt;/b&gt;" in html
    assert at in html
    assert "In a thread" not in html
    say(owner, "the root")
    schedule_make(user=owner, room="garden", text="a reply", at=at, zone="UTC", thread=1, in_room=False)
    assert 'href="/rooms/garden/?plain=1&amp;thread=1#write">In a thread' in read(
        owner, "/rooms/garden/?plain=1&scheduled"
    )


def test_what_was_deleted_is_gone_and_reactions_are_counted() -> None:
    owner = alice()
    room("garden", owner=owner)
    say(owner, "a secret", "a joke")
    message_delete(user=owner, room="garden", seq=1)
    message_react(user=owner, room="garden", seq=2, emoji="😂", on=True)
    html = read(owner)
    assert "a secret" not in html
    assert "Message deleted" in html
    assert "😂 1" in html


def test_pins_are_marked_and_listed() -> None:
    owner, guest = alice(), bob()
    room("garden", owner=owner, members=[guest])
    say(owner, "the plan", "a joke")
    message_pin(user=owner, room="garden", seq=1, on=True)
    assert "Unpin" in read(owner)
    html = read(guest)
    assert '<a href="?plain=1&amp;pinned">' in html
    assert "Unpin" not in html
    listed = read(guest, "/rooms/garden/?plain=1&pinned")
    assert "the plan" in listed
    assert "a joke" not in listed
    assert "Unpin" not in listed
    assert "Unpin" in read(owner, "/rooms/garden/?plain=1&pinned")


def test_earlier_texts_have_a_page_for_those_who_may_read_them() -> None:
    owner, guest, stranger = alice(), bob(), charlie()
    room("garden", owner=owner, members=[guest])
    say(owner, "see you <at> ten")
    message_edit(user=owner, room="garden", seq=1, text="see you <at> nine")
    address = "/rooms/garden/messages/1/versions/"
    assert f'href="{address}"' in read(guest)
    html = read(owner, address)
    assert "see you &lt;at&gt; <del>ten</del><ins>nine</ins>" in html
    refused = browser_of(guest).get(address)
    assert refused.status_code == 403
    assert "Only the author and moderators" in refused.content.decode()
    assert "ten" not in refused.content.decode().partition("<main")[2]
    for user, path in ((stranger, address), (owner, "/rooms/garden/messages/2/versions/")):
        assert browser_of(user).get(path).status_code == 404
    assert browser_of(owner).get(f"/rooms/garden/messages/{2**70}/versions/").status_code == 404


def test_earlier_texts_of_words_that_repeat_take_no_seconds_to_compare() -> None:
    owner = alice()
    room("garden", owner=owner)
    # A full comparison of two of them would take a second of a core; a message has up to twenty.
    texts = ["." * 400, ".," * 200]
    say(owner, texts[0])
    for number in range(1, 9):
        message_edit(user=owner, room="garden", seq=1, text=texts[number % 2])
    began = process_time()
    html = read(owner, "/rooms/garden/messages/1/versions/")
    assert process_time() - began < 4
    assert f"<del>{texts[0]}</del><ins>{texts[1]}</ins>" in html


def test_a_forwarded_message_names_its_source_as_far_as_it_may_be_known() -> None:
    owner, guest = alice(), bob()
    room("garden", owner=owner, members=[guest])
    room("square", owner=owner, kind="public")
    room("cellar", owner=guest)
    say(owner, "**roses**")
    messages_post([Draft(owner, "square", "tulips")])
    for slug, comment in (("garden", "for *you*"), ("square", "")):
        messages_post([Draft(owner, "garden", comment, origin=Origin(slug, 1))])
    html = read(guest)
    assert "<em>you</em>" in html
    assert re.search(r"<blockquote><p class=\"note\">Forwarded from .?Alice.*, #garden</p><p><strong>roses", html)
    assert re.search(r"Forwarded from .?Alice.*, #square", html)
    address = "/rooms/garden/messages/1/forward/"
    assert f'href="{address}"' in html
    form = read(guest, address)
    assert "roses" in form
    assert '<option value="cellar">#Cellar</option>' in form
    assert '<option value="square"' not in form
    assert "~1" not in form
    messages_post([Draft(guest, "garden", "a reply", thread=1)])
    assert '<option value="garden~1">Garden: **roses**</option>' in read(guest, address)
    assert browser_of(guest).get("/rooms/cellar/messages/9/forward/").status_code == 404


def test_a_person_who_may_not_write_reads_why() -> None:
    owner, guest = alice(), bob()
    made = room("garden", owner=owner, members=[guest])
    member_mute(user=owner, room="garden", username="bob", minutes=5)
    html = read(guest)
    assert "You are muted" in html
    assert "<textarea" not in html
    Room.objects.filter(pk=made.pk).update(archived=True)
    assert "This room is archived." in read(owner)


def test_who_is_banned_and_who_is_outside_reads_nothing() -> None:
    garden = room("garden", owner=alice(), kind="public")
    guest = bob()
    garden.bans.create(user=guest)
    assert browser_of(guest).get("/rooms/garden/?plain=1").status_code == 403
    room("vault", owner=guest)
    outside = browser_of(charlie())
    assert outside.get("/rooms/vault/?plain=1").content == outside.get("/rooms/nothing/?plain=1").content


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    room("garden", owner=alice())
    for answer in (client.get("/rooms/garden/?plain=1"), client.post("/rooms/garden/join/")):
        assert answer.headers["Location"].startswith("/accounts/login/?next=/rooms/garden/")
    assert client.post("/rooms/garden/messages/", {"message": "hi"}).headers["Location"].startswith("/accounts/login/")
    assert not Message.objects.exists()


def test_who_had_to_sign_in_again_comes_to_the_room() -> None:
    owner = alice()
    room("garden", owner=owner)
    for path in ("messages", "join"):
        answer = browser_of(owner).get(f"/rooms/garden/{path}/")
        assert answer.headers["Location"] == "/rooms/garden/?plain=1#write"


@pytest.mark.parametrize("before", ["", "0", "-1", "x", "1" * 400, "٣", "99999999999999999999"])
def test_a_place_that_is_none_shows_something_sensible(before: str) -> None:
    owner = alice()
    room("garden", owner=owner)
    say(owner, "hello")
    assert browser_of(owner).get(f"/rooms/garden/?plain=1&before={before}").status_code == 200


def test_reading_moves_the_mark_but_looking_back_does_not() -> None:
    owner, guest = alice(), bob()
    room("garden", owner=owner, members=[guest])
    say(owner, *(f"line {number}" for number in range(60)))
    browser = browser_of(guest)
    browser.get("/rooms/garden/?plain=1&before=20")
    browser.head("/rooms/garden/?plain=1")
    assert Membership.objects.get(user=guest).read_seq == 0
    browser.get("/rooms/garden/?plain=1")
    assert Membership.objects.get(user=guest).read_seq == 60


def test_it_costs_the_same_with_two_rooms_and_with_two_hundred() -> None:
    owner = alice()
    room("garden", owner=owner)
    say(owner, "hello")
    browser = browser_of(owner)
    browser.get("/rooms/garden/?plain=1")

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            browser.get("/rooms/garden/?plain=1")
        return len(counted)

    before = queries()
    others = Room.objects.bulk_create(Room(slug=f"room-{number}") for number in range(200))
    Membership.objects.bulk_create(Membership(room=other, user=owner) for other in others)
    assert queries() == before
    assert before <= 15


def test_those_without_scripts_are_led_there() -> None:
    owner = alice()
    room("garden", owner=owner)
    html = browser_of(owner).get("/rooms/garden/").content.decode()
    assert '<noscript><meta http-equiv="refresh" content="0; url=?plain=1#write"></noscript>' in html


def test_marks_are_read_and_people_are_shown_by_their_names() -> None:
    owner = alice()
    room("garden", owner=owner, members=[bob()])
    Participant.objects.filter(username="bob").update(display_name="Bob Stone")
    room("shed", owner=owner)
    say(
        owner,
        "**Look** @bob at #shed, not #cellar or `code`:\n- one\n- two",
        "| a | b |\n|---|--:|\n| 1 | <b> |",
        "```py\nprint(1 < 2)\n```\n> quoted\n\n# Title\n2. two\n4) \\\\server\\_x",
        "[https://bank.example](https://evil.example) :tada: [x](javascript:alert(1))",
    )
    html = read(owner)
    assert '<p><strong>Look</strong> <span class="mention" title="@bob">@Bob Stone</span> at <a class="mention"' in html
    assert 'href="/rooms/shed/?plain=1#write">#shed</a>, not #cellar or <code>code</code>:</p><ul><li>one</li>' in html
    assert '<th>a</th><th class="right">b</th></tr><tr><td>1</td><td class="right">&lt;b&gt;</td>' in html
    assert '<pre tabindex="0"><code>print(1 &lt; 2)</code></pre>' in html
    assert '<blockquote><p>quoted</p></blockquote><p class="heading"><strong>Title</strong></p>' in html
    assert '<ol><li value="2">two</li></ol><ol class="paren"><li value="4">\\\\server\\_x</li></ol>' in html
    assert 'nofollow">https://evil.example</a> 🎉 [x](javascript:alert(1))' in html


def test_similar_names_are_shown_with_the_username_everywhere() -> None:
    owner = alice()
    room("garden", owner=owner, kind="public")
    double = person("eve", display_name="A\u0399ice")
    assert Participant.objects.get(pk=owner.pk).told_name == "Alice @alice", "a Greek capital iota is an l to the eye"
    room_join(user=double, room="garden")
    say(owner, "Is it you, @eve?")
    html = read(owner)
    assert "A\u0399ice @eve joined the room" in html
    assert '<span class="mention" title="@eve">@A\u0399ice @eve</span>' in html
    direct, _ = direct_room_open(user=owner, username="eve")
    html = read(owner, f"/rooms/{direct.slug}/?plain=1")
    assert "<title>A\u0399ice @eve · Backchannel</title>" in html
    assert 'placeholder="Message A\u0399ice @eve"' in html
    profile_update(user=double, display_name="Eve")
    assert "Eve joined the room" in read(owner)


def test_a_group_is_called_by_its_people() -> None:
    owner = alice()
    for name in ("Eve", "Zoe"):
        person(name.lower(), display_name=name)
    group, _ = group_room_open(user=owner, usernames=["eve", "zoe"])
    html = read(owner, f"/rooms/{group.slug}/?plain=1")
    assert "<title>Eve, Zoe · Backchannel</title>" in html
    assert 'placeholder="Message Eve, Zoe"' in html


def test_an_invitation_says_which_of_two_people_it_is_from(settings: Settings) -> None:
    settings.CHAT_SIGNUP = "invite"
    owner = person("ada", display_name="Ada", is_staff=True)
    person("eve", display_name="ADÀ")
    account = login_of(owner)
    account.is_superuser = True
    account.save()
    _, code = invitation_issue(note="Dora", created_by=account)
    assert "Made by Ada @ada just now." in read(owner, "/invite/")
    welcome = Client().get(f"/accounts/signup/?invitation={code}").content.decode()
    assert "You were invited to Backchannel by Ada @ada." in welcome


def test_pages_that_a_message_links_to_are_shown_without_their_pictures_to_who_wishes_them() -> None:
    owner = alice()
    room("garden", owner=owner)
    say(owner, "https://example.org/roses")
    page = LinkedPage.objects.create(
        digest="d", day="2026-11-21", title="Roses <b>", site="example.org", picture="A" * 22
    )
    Preview.objects.create(message=Message.objects.get(), page=page, url="https://example.org/roses")
    Message.objects.update(preview_count=1)
    html = read(owner)
    assert 'rel="noopener noreferrer nofollow" dir="auto">Roses &lt;b&gt;</a>' in html
    assert "<img" not in html
    Preferences.objects.create(user=owner, previews=False)
    assert "Roses" not in read(owner)
