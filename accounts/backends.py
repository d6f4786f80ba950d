"""allauth's backend; it reads the participant together with the account."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from accounts.models import User
from chat.lib.prepared_queries import PreparedQuery, numbers

_USER = PreparedQuery(lambda pk: User.objects.select_related("participant").filter(pk=pk), numbers(0))


class AuthenticationBackend(AllauthBackend):
    """Signs in with a username and a password."""

    def get_user(self, user_id: Any) -> User | None:
        """The active account; every page also needs its participant, so one query reads both."""
        user = _USER.first(int(user_id))
        return user if user and self.user_can_authenticate(user) else None
