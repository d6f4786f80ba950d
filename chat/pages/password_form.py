"""A form that requires the password in an open session."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.identity.passwords import TooManyAttempts, check_password
from chat.lib import client_address


class PasswordAskedForm(forms.Form):
    """The password for an action that needs it in addition to the open session."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_password(self) -> str:
        """Return the password if it is correct; attempts are limited."""
        password = str(self.cleaned_data["password"])
        assert self._request
        try:
            # Limited like signing in: an open session must not allow guessing.
            found = check_password(
                username=self._request.user.get_username(),
                password=password,
                address=client_address.of_request(self._request),
            )
        except TooManyAttempts as error:
            raise ValidationError(str(error)) from error
        if found is None:
            raise ValidationError(_("That is not your password."))
        return password
