"""A request with a credential, and the person that it identifies."""

from django.test import Client

from accounts.models import User
from chat.identity import Identity
from chat.identity.credentials import identify


def ask(
    *, bearer: str | None = None, cookie: str | None = None, token: str | None = None, ticket: str | None = None
) -> Identity | None:
    headers = {"authorization": f"Bearer {bearer}"} if bearer is not None else {}
    query = {name: value for name, value in (("token", token), ("ticket", ticket)) if value is not None}
    return identify(headers=headers, cookies={"sessionid": cookie} if cookie is not None else {}, query=query)


def known(identity: Identity | None) -> Identity:
    assert identity is not None
    return identity


def session_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.cookies["sessionid"].value
