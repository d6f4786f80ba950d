"""The settings page in a signed-in browser."""

from django.test import Client

from chat.models import Participant
from support.people import PASSWORD


def browser_of(user: Participant, **headers: str) -> Client:
    """A browser signed in through the page, as people do."""
    client = Client(headers=headers)
    assert client.post("/accounts/login/", {"login": user.username, "password": PASSWORD}).status_code == 302
    return client


def page(client: Client) -> str:
    response = client.get("/settings/")
    assert response.status_code == 200
    return response.content.decode()
