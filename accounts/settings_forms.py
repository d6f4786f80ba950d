"""The forms of the settings page about the account."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.forms import password_input
from chat.identity.passwords import TooManyAttempts, check_password
from chat.lib import client_address


class PasswordAskedForm(forms.Form):
    """An act that needs the password beside an open session."""

    password = forms.CharField(label=_("Your password"), strip=False)

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        self.fields["password"].widget = password_input("current-password")

    def clean_password(self) -> str:
        """The password, if it is right; attempts are limited."""
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


class EmailForm(PasswordAskedForm):
    """The e-mail address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("Used if you forget your password, and for missed messages if you wish."),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    field_order = ("email", "password")
