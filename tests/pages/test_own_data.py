"""The settings' section on one's own data: forms, with and without scripts."""

import pytest
from django.test import Client

from chat.models import AuditEntry, Export, Participant
from chat.services.exports.preparing import export_prepare
from chat.services.posting import Draft, messages_post
from support.html import faults
from support.password import PASSWORD
from support.people import login_of, person, room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob() -> Participant:
    alice, bob = person("alice"), person("bob")
    room("garden", owner=alice, members=[bob])
    messages_post([Draft(bob, "garden", "hi"), Draft(alice, "garden", "secret")])
    return bob


def window_of(who: Participant) -> Client:
    client = Client()
    client.force_login(login_of(who))
    return client


def test_a_person_asks_for_their_data_and_downloads_it_with_their_password(bob: Participant) -> None:
    window = window_of(bob)
    page = window.post("/settings/data/", {"files": "true", "format": "archive"}, follow=True).content.decode()
    assert "Your export is being prepared." in page
    assert "data-refresh" in page
    assert faults(page) == []
    again = window.post("/settings/data/", {}, follow=True).content.decode()
    assert "Another export of yours is being prepared." in again
    export = Export.objects.get()
    export_prepare(export)
    page = window.get("/settings/").content.decode()
    assert faults(page) == []
    assert "data-refresh" not in page
    address, field = f"/settings/data/{export.pk}/download/", f"export{export.pk}-password"
    wrong = window.post(address, {field: "guess"})
    assert "That is not your password." in wrong.content.decode()
    assert not AuditEntry.objects.filter(detail__act="download").exists()
    answer = window.post(address, {field: PASSWORD})
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="backchannel-bob-')
    assert AuditEntry.objects.get(detail__act="download").actor == "bob"


def test_an_export_of_another_person_is_not_there(bob: Participant) -> None:
    window_of(bob).post("/settings/data/", {})
    export = Export.objects.get()
    export_prepare(export)
    other = window_of(Participant.objects.get(username="alice"))
    assert (
        other.post(f"/settings/data/{export.pk}/download/", {f"export{export.pk}-password": PASSWORD}).status_code
        == 404
    )
    assert Client().post(f"/settings/data/{export.pk}/download/").status_code == 302
    assert window_of(bob).get(f"/settings/data/{export.pk}/download/").status_code == 302


def test_a_session_alone_downloads_nothing_by_the_api(bob: Participant) -> None:
    window = window_of(bob)
    window.post("/settings/data/", {})
    export_prepare(Export.objects.get())
    assert window.get(f"/api/v1/exports/{Export.objects.get().pk}/download").status_code == 403
