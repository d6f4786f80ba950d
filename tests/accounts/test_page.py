"""docs/accounts.md has the same numbers and commands as the code."""

from importlib import resources

import pytest

from accounts.forms import password_rule
from chat.identity import jwt, throttle
from chat.models import Ticket
from support.servers import ROOT

TEXT = " ".join((ROOT / "docs" / "accounts.md").read_text().split())


def test_the_limits_on_guessing_are_documented() -> None:
    sign_in, sign_up = throttle.LIMITS["sign_in"], throttle.LIMITS["sign_up"]
    assert sign_in.person
    assert sign_in.pair
    assert sign_in.address
    assert sign_up.address
    assert sign_in.person.get_expiry() == sign_in.address.get_expiry() == 60 * sign_in.person.multiples
    minutes = f"In {sign_in.person.multiples} minutes it allows"
    assert f"{minutes} {sign_in.pair.amount} wrong attempts for a name from one address" in TEXT
    assert f"{sign_in.person.amount} wrong attempts for a name, {sign_in.address.amount} for an address" in TEXT
    assert f"{sign_up.address.amount} accounts an hour from an address" in TEXT


def test_lifetimes_are_documented() -> None:
    assert jwt.LIFETIME.total_seconds() == 3600
    assert "(HS256) that lives an hour" in TEXT
    assert f"within {Ticket.LIFETIME.seconds} seconds" in TEXT


def test_the_rule_for_passwords_is_documented() -> None:
    assert password_rule().lower().rstrip(".") in TEXT


COMMANDS = [file.name for file in resources.files("accounts.management.commands").iterdir() if file.name[0] != "_"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"manage.py {command.removesuffix('.py')}" in TEXT
