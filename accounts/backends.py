"""allauth's backend, reading the participant of the signed-in person together with the account."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from accounts.models import User


class AuthenticationBackend(AllauthBackend):
    """Signs in with a username and a password."""

    def get_user(self, user_id: Any) -> User | None:
        """The active account; every page also needs its participant, so one query reads both."""
        user = User.objects.select_related("participant").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
