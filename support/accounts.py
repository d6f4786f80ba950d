"""The cast of `support.people` as logins, for tests of signing in."""

from accounts.models import User
from support import people
from support.password import PASSWORD as PASSWORD


def person(username: str, *, display_name: str = "", is_staff: bool = False, is_active: bool = True) -> User:
    facts = {"is_staff": is_staff, "is_active": is_active}
    return people.login_of(people.person(username, display_name=display_name, **facts))


def alice() -> User:
    return people.login_of(people.alice())


def bob() -> User:
    return people.login_of(people.bob())


def charlie() -> User:
    return people.login_of(people.charlie())
