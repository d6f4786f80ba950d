"""django-allauth's adapter: how this project signs people in and up."""

import ipaddress
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.known_devices import device_of, remember
from accounts.models import User
from chat.identity.passwords import TooManyAttempts, check_password
from chat.lib import client_address, mail


class AccountAdapter(DefaultAccountAdapter):
    """This project's password checks, redirects and e-mail."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("That username and password do not match."),
        "enter_current_password": _("That is not your current password."),
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The account with this name and password, or None."""
        username = credentials.get("username", "")
        try:
            user = check_password(
                username=username,
                password=credentials.get("password", ""),
                address=client_address.of_request(request),
                device=device_of(request, username),
                signing_in=True,
            )
        except TooManyAttempts as error:
            raise ValidationError(str(error), code="too_many_attempts") from error
        return cast(User | None, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponseBase:
        """The response after signing in, with the cookie of a known device."""
        response: HttpResponseBase = super().post_login(request, user, **kwargs)
        remember(request, response, user.username)
        return response

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """The page after sign-up: the welcome for the first administrator, else allauth's."""
        if isinstance(request.user, User) and request.user.is_founder:
            return reverse("welcome")
        return str(super().get_signup_redirect_url(request))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this request may sign up."""
        return services.may_sign_up(invitation=invitation_code(request))

    def format_email_subject(self, subject: str) -> str:
        """The subject as in the template, without a prefix."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send an e-mail in the background, with the host in its context."""
        mail.send_soon(
            self.render_mail(
                template_prefix,
                email,
                {"request": self.request, "host": urlsplit(settings.CHAT_PUBLIC_URL).netloc, **context},
            )
        )

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The URL with the configured origin: with the origin of the Host header, an attacker could choose the link's
        target."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.CHAT_PUBLIC_URL}{path}"

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address stored with a session. PostgreSQL's column takes addresses only, and a Unix socket has none."""
        try:
            return str(ipaddress.ip_address(client_address.of_request(request)))
        except ValueError:
            return "0.0.0.0"  # noqa: S104 -- means "unknown"


def invitation_code(request: HttpRequest) -> str:
    """The code of an invitation; people also paste the whole link."""
    written = str(request.POST.get("invitation") or request.GET.get("invitation") or "").strip()
    return written.rpartition("invitation=")[2]
