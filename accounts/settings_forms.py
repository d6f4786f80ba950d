"""The forms of the settings page about the account."""

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.pages.password_form import PasswordAskedForm


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
