"""The settings page as a signed-in browser reads it."""

from django.test import Client

from chat.models import Participant
from support.people import PASSWORD


def browser_of(user: Participant, **headers: str) -> Client:
    """Signed in by the page, as people are."""
    client = Client(headers=headers)
    assert client.post("/accounts/login/", {"login": user.username, "password": PASSWORD}).status_code == 302
    return client


def page(client: Client) -> str:
    response = client.get("/settings/")
    assert response.status_code == 200
    return response.content.decode()
