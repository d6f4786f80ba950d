"""The pages at `/manage/`: who may use them, and what they do."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from accounts.manage.frame import ROWS
from accounts.models import Invitation, User
from accounts.services import account_create, invitation_issue
from accounts.workspace import signup, who_invites, workspace
from accounts.workspace_picture import BYTES_MAX
from chat.models import AuditEntry, CustomEmoji, EmojiName, Export, File, ImportJob, Room
from chat.queries.emoji import emoji_list
from chat.services.exports.preparing import export_prepare
from chat.services.imports.job_work import import_work
from chat.services.posting import Draft, messages_post
from chat.services.reports import message_report
from chat.services.rooms import direct_room_open, room_create
from support.html import faults
from tests.importing.samples import SAMPLES

pytestmark = pytest.mark.django_db

SECTIONS = ("people", "invitations", "rooms", "reports", "groups", "emoji", "transfers", "about")
WIDE = "𝐖" * 64


@pytest.fixture
def ada() -> User:
    return account_create(username="ada", password=None, display_name="Ada")


@pytest.fixture
def bob(ada: User) -> User:
    return account_create(username="bob", password=None, display_name=WIDE)


def window_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(user: User, on: User, name: str) -> str:
    answer = window_of(user).post(f"/manage/people/{on.pk}/", {"act": name}, follow=True)
    return answer.content.decode()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_page_is_the_administrators(section: str, ada: User, bob: User) -> None:
    clerk = account_create(username="clerk", password=None)
    User.objects.filter(pk=clerk.pk).update(is_staff=True)
    address = f"/manage/{section}/"
    assert Client().get(address).status_code == 302
    assert window_of(bob).get(address).status_code == 403
    assert window_of(bob).post(address).status_code == 403
    assert window_of(clerk).get(address).status_code == 200
    assert window_of(clerk).post(address).status_code == 403
    page = window_of(ada).get(address)
    assert page.status_code == 200
    assert faults(page.content.decode()) == []
    assert "no-store" in page["Cache-Control"]


def drawn(name: str = "ship.png", size: int = 64) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (size, size), (10, 90, 90)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_emoji_are_added_renamed_and_removed(ada: User) -> None:
    window, address = window_of(ada), "/manage/emoji/"
    page = window.post(
        address, {"act": "add", "name": ":shipit:", "aliases": "our_ship, our_boat", "file": drawn()}, follow=True
    )
    assert ":shipit: is there." in page.content.decode()
    [made] = emoji_list()
    assert (made.name, made.aliases, made.made_by) == ("shipit", ["our_boat", "our_ship"], "ada")
    assert faults(page.content.decode()) == []
    assert "Added by @ada" in page.content.decode()
    page = window.post(address, {"act": "add", "name": "our_boat", "file": drawn()}, follow=True)
    assert ":our_boat: is taken." in page.content.decode()
    assert not File.objects.filter(kept=False, state=File.State.READY).exists(), "a refused one leaves nothing"
    page = window.post(
        address, {"act": "add", "name": "no_picture", "file": SimpleUploadedFile("x.png", b"no")}, follow=True
    )
    assert "Choose a picture" in page.content.decode()
    window.post(address, {"act": "add", "name": "our_anchor", "file": drawn()})
    window.post(address, {"act": "change", "name": "shipit", "to": "our_anchor", "aliases": ""})
    assert {one.name: one.aliases for one in emoji_list()} == {"our_anchor": [], "shipit": ["our_boat", "our_ship"]}
    window.post(address, {"act": "remove", "name": "our_anchor"})
    window.post(address, {"act": "change", "name": "shipit", "to": "shippy", "aliases": "our_boat"})
    [made] = emoji_list()
    assert (made.name, made.aliases) == ("shippy", ["our_boat", "shipit"])
    window.post(address, {"act": "remove", "name": "shippy"})
    assert emoji_list() == []
    assert window.post(address, {"act": "sink", "name": "shippy"}).status_code == 404


def test_administrators_give_the_workspace_a_picture(ada: User, bob: User) -> None:
    window, address = window_of(ada), "/manage/about/"
    assert window_of(bob).post(address, {"picture": "set", "file": drawn()}).status_code == 403
    for sent, sentence in (
        ({}, "Choose a picture first."),
        ({"file": SimpleUploadedFile("x.png", b"no")}, "Choose a picture: JPEG"),
        ({"file": SimpleUploadedFile("x.png", b"0" * (BYTES_MAX + 1))}, "larger than 1 MB"),
    ):
        page = window.post(address, {"picture": "set", **sent}, follow=True).content.decode()
        assert sentence in page
    assert (workspace().picture, File.objects.filter(state=File.State.READY).count()) == ("", 0)
    page = window.post(address, {"picture": "set", "file": drawn()}, follow=True).content.decode()
    assert faults(page) == []
    key = workspace().picture
    assert f"/accounts/workspace/{key}/128" in page
    assert f"/accounts/workspace/{key}/128" in Client().get("/accounts/login/").content.decode()
    window.post(address, {"picture": "remove"})
    assert workspace().picture == ""
    assert [entry.detail for entry in AuditEntry.objects.order_by("id")] == [
        {"facts": {"picture": True}},
        {"facts": {"picture": False}},
    ]


def test_an_archived_room_is_deleted_in_a_week_when_its_name_was_typed(ada: User) -> None:
    room_create(creator=ada.participant, slug="attic", title="Attic")
    window, address = window_of(ada), "/manage/rooms/"

    def post(act: str, **fields: str) -> str:
        return window.post(address, {"act": act, "room": "attic", **fields}, follow=True).content.decode()

    assert "Archive the room first" in post("delete", name="Attic")
    post("archive")
    assert "That is not the name of this room." in post("delete", name="Atic")
    page = post("delete", name="Attic")
    assert "#Attic is deleted in a week." in page
    assert "Deleted for good on" in page
    assert faults(page) == []
    assert Room.objects.get(slug="attic").delete_at
    assert "#Attic is kept." in post("keep")
    assert Room.objects.get(slug="attic").delete_at is None
    assert window.post(address, {"act": "sink", "room": "attic"}).status_code == 404


def test_many_emoji_are_paged_and_searched(ada: User) -> None:
    maker = ada.participant
    for number in range(ROWS + 1):
        file = File.objects.create(uploader=maker, name="x", length=1, size=1, thumbs="128", kept=True)
        made = CustomEmoji.objects.create(file=file, made_by=maker)
        EmojiName.objects.create(emoji=made, name=f"ship_{number:03}", main=True)
        EmojiName.objects.create(emoji=made, name=f"boat_{number:03}")
    window = window_of(ada)
    first = window.get("/manage/emoji/").content.decode()
    assert (":ship_049:" in first, ":ship_050:" in first) == (True, False)
    assert faults(first) == []
    assert f"?q=&amp;from={ROWS}" in first
    assert ":ship_050:" in window.get(f"/manage/emoji/?q=&from={ROWS}").content.decode()
    found = window.get("/manage/emoji/?q=:boat_007:").content.decode()
    assert (":ship_007:" in found, ":ship_008:" in found) == (True, False)
    assert "No emoji is called that." in window.get("/manage/emoji/?q=%25").content.decode()
    answer = window.post("/manage/emoji/", {"act": "remove", "name": "ship_007", "q": "boat_00"})
    assert answer["Location"] == "/manage/emoji/?q=boat_00"


def test_a_person_is_deactivated_brought_back_and_signed_out(ada: User, bob: User) -> None:
    assert "is deactivated and signed out." in act(ada, bob, "deactivate")
    assert not User.objects.get(pk=bob.pk).is_active
    assert "Deactivated" in window_of(ada).get("/manage/people/?q=bob").content.decode()
    assert "can sign in again." in act(ada, bob, "activate")
    bob.refresh_from_db()
    elsewhere = window_of(bob)
    assert "is signed out everywhere." in act(ada, bob, "sign_out")
    assert elsewhere.get("/settings/").status_code == 302
    assert "is an administrator." in act(ada, bob, "appoint")
    assert User.objects.get(pk=bob.pk).is_superuser
    assert [entry.detail["act"] for entry in AuditEntry.objects.order_by("pk")] == [
        *("deactivate", "activate", "sign_out", "appoint")
    ]


def test_one_administrator_stays_and_none_takes_their_own_rights(ada: User, bob: User) -> None:
    for name in ("deactivate", "dismiss"):
        assert "Another administrator has to do that for you." in act(ada, ada, name)
    act(ada, bob, "appoint")
    bob.refresh_from_db()
    assert "is no administrator any more." in act(bob, ada, "dismiss")
    ada.refresh_from_db()
    assert window_of(ada).post(f"/manage/people/{bob.pk}/", {"act": "dismiss"}).status_code == 403
    assert window_of(bob).post(f"/manage/people/{bob.pk + 99}/", {"act": "dismiss"}).status_code == 404
    assert window_of(bob).post(f"/manage/people/{ada.pk}/", {"act": "erase"}).status_code == 404


def test_an_invitation_is_taken_back(ada: User, bob: User, settings: Any) -> None:
    settings.CHAT_SIGNUP = "invite"
    made, _ = invitation_issue(note=WIDE, created_by=bob)
    assert WIDE in window_of(ada).get("/manage/invitations/").content.decode()
    window_of(ada).post("/manage/invitations/", {"invitation": str(made.pk)})
    assert not Invitation.objects.usable().exists()
    assert window_of(ada).post("/manage/invitations/", {"invitation": "9" * 40}).status_code == 302


def test_rooms_are_found_archived_and_brought_back(ada: User, bob: User) -> None:
    room_create(creator=bob.participant, slug="cellar", kind=Room.Kind.PRIVATE, title="Wine")
    direct_room_open(user=ada.participant, username="bob")
    window = window_of(ada)
    page = window.get("/manage/rooms/?q=WINE").content.decode()
    assert "#cellar" in page
    assert "dm-" not in window.get("/manage/rooms/").content.decode()
    window.post("/manage/rooms/", {"room": "cellar", "act": "archive"})
    assert Room.objects.get(slug="cellar").archived
    window.post("/manage/rooms/", {"room": "cellar", "act": "restore"})
    assert not Room.objects.get(slug="cellar").archived
    assert window.post("/manage/rooms/", {"room": Room.objects.get(kind="direct").slug}).status_code == 404


def test_the_report_of_a_direct_message_is_handled_once(ada: User, bob: User) -> None:
    carl = account_create(username="carl", password=None)
    room, _ = direct_room_open(user=bob.participant, username="carl")
    messages_post([Draft(bob.participant, room.slug, "rude <b>")])
    report = message_report(user=carl.participant, room=room.slug, seq=1, reason="Harassment")
    window = window_of(ada)
    assert "rude &lt;b&gt;" in window.get("/manage/reports/").content.decode()
    page = window.post("/manage/reports/", {"report": report.pk, "act": "deactivate"}, follow=True).content.decode()
    assert "The author is deactivated and signed out." in page
    assert not User.objects.get(pk=bob.pk).is_active
    page = window.post("/manage/reports/", {"report": report.pk, "act": "dismiss"}, follow=True).content.decode()
    assert "alert" in page
    assert "Handled by @ada." in window.get("/manage/reports/?closed").content.decode()


def test_who_may_join_and_invite_is_chosen(ada: User, settings: Any) -> None:
    window = window_of(ada)
    window.post("/manage/about/", {"name": "Harbour", "signup": "invite", "who_invites": "everyone"})
    assert (signup(), who_invites()) == ("invite", "everyone")
    assert "Harbour" in Client().get("/accounts/login/").content.decode()
    assert window.post("/manage/about/", {"name": "", "signup": "nobody", "who_invites": "me"}).status_code == 422


def test_the_list_of_people_costs_the_same_for_many(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    window = window_of(ada)
    window.get("/manage/people/")
    for number in range(60):
        account_create(username=f"p{number:02}", password=None)
    with django_assert_num_queries(5):
        page = window.get("/manage/people/").content.decode()
    assert "61 people" in page
    assert "?q=&amp;from=50" in page
    assert "p59" in window.get("/manage/people/?from=50").content.decode()


def test_an_administrator_asks_for_an_export_and_others_see_that(ada: User, bob: User) -> None:
    window = window_of(ada)
    asked = {"act": "export", "scope": "room", "room": "#nowhere", "format": "html"}
    assert "alert" in window.post("/manage/transfers/", asked, follow=True).content.decode()
    room_create(creator=bob.participant, slug="cellar", kind=Room.Kind.PRIVATE, title="Wine")
    page = window.post("/manage/transfers/", asked | {"room": "cellar"}, follow=True).content.decode()
    assert "The export is being prepared." in page
    assert "#cellar" in page
    assert faults(page) == []
    export = Export.objects.get()
    export_prepare(export)
    assert f"/settings/data/{export.pk}/download/" in window.get("/manage/transfers/").content.decode()
    clerk = account_create(username="clerk", password=None)
    User.objects.filter(pk=clerk.pk).update(is_staff=True)
    page = window_of(clerk).get("/manage/transfers/").content.decode()
    assert "By @ada." in page
    assert f"/settings/data/{export.pk}/download/" not in page
    [entry] = AuditEntry.objects.filter(action="export")
    assert (entry.actor, entry.room, entry.detail["act"]) == ("ada", "cellar", "start")


def test_an_archive_is_handed_in_checked_and_started_by_forms(ada: User, bob: User, settings: Any) -> None:
    settings.CHAT_IMPORT_DIR = str(SAMPLES / "slack")
    window = window_of(ada)
    asked = {"act": "import", "format": "slack", "path": "../secret"}
    assert "alert" in window.post("/manage/transfers/", asked, follow=True).content.decode()
    page = window.post("/manage/transfers/", asked | {"path": "export"}, follow=True).content.decode()
    assert "The archive is being checked." in page
    assert "data-refresh" in page
    import_work(ImportJob.objects.get())
    page = window.get("/manage/transfers/").content.decode()
    assert faults(page) == []
    assert "checked, not imported" in page
    step = {"act": "step", "import": ImportJob.objects.get().pk}
    assert window_of(bob).post("/manage/transfers/", step | {"step": "start"}).status_code == 403
    window.post("/manage/transfers/", step | {"step": "start"})
    import_work(ImportJob.objects.get())
    page = window.get("/manage/transfers/").content.decode()
    assert "Undo this import" in page
    assert faults(page) == []
    page = window.post("/manage/transfers/", step | {"step": "start"}, follow=True).content.decode()
    assert "The import has gone on meanwhile." in page


def test_rooms_and_people_of_an_import_are_chosen_by_fields(ada: User, bob: User, settings: Any) -> None:
    settings.CHAT_IMPORT_DIR = str(SAMPLES / "slack")
    room_create(creator=ada.participant, slug="cellar", kind=Room.Kind.PRIVATE, title="Wine")
    window, address = window_of(ada), "/manage/transfers/"
    window.post(address, {"act": "import", "format": "slack", "path": "export"})
    import_work(ImportJob.objects.get())
    page = window.get(address).content.decode()
    assert faults(page) == []
    assert '<option value="#cellar">' in page
    report = ImportJob.objects.get().report
    rooms = [room["source"] for room in report["rooms"]]
    people = [one["source"] for one in report["people"] if not one["account"]]
    chosen = {
        "act": "step",
        "import": ImportJob.objects.get().pk,
        "choices": "1",
        "step": "check",
        "people": "",
        f"room-as:{rooms[0]}": "skip",
        f"room-as:{rooms[1]}": "is",
        f"room-into:{rooms[1]}": "#cellar",
        f"person-as:{people[0]}": "is",
        f"person-into:{people[0]}": "@bob",
        f"person-as:{people[1]}": "new",
    }
    nobody = chosen | {f"person-into:{people[0]}": ""}
    assert "say which of ours it is" in window.post(address, nobody, follow=True).content.decode()
    assert (
        "nobody here is called"
        in window.post(address, chosen | {f"person-into:{people[0]}": "@ghost"}, follow=True).content.decode()
    )
    window.post(address, chosen)
    job = ImportJob.objects.get()
    assert job.rooms == {rooms[0]: "-", rooms[1]: "cellar"}
    assert job.people.splitlines() == [f"{people[0]},bob", f"{people[1]},+"]
    import_work(job)
    page = window.get(address).content.decode()
    assert faults(page) == []
    assert 'value="#cellar"' in page
    # The start also submits the form's choices.
    window.post(address, chosen | {"step": "start", f"room-as:{rooms[0]}": "new"})
    assert (ImportJob.objects.get().state, ImportJob.objects.get().rooms) == ("importing", {rooms[1]: "cellar"})
    ImportJob.objects.update(done=5, total=26)
    assert "5 of 26 messages" in window.get(address).content.decode()
    import_work(ImportJob.objects.get())
    assert Room.objects.get(slug="cellar").last_seq > 0
    assert faults(window.get(address).content.decode()) == []


def test_everyone_reads_what_administrators_can_export(ada: User, bob: User) -> None:
    assert "can export private rooms and conversations" in window_of(ada).get("/manage/about/").content.decode()
    assert "can export private rooms and conversations" in window_of(bob).get("/settings/").content.decode()
