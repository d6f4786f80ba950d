"""The forms of the sign-in and sign-up pages."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm, ResetPasswordKeyForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.adapter import invitation_code
from accounts.models import User
from chat.identity import throttle
from chat.identity.passwords import TooManyAttempts, check_password
from chat.lib import client_address, mail
from chat.models.validators import USERNAME_RULE

USERNAME_ATTRIBUTES = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


def password_rule() -> str:
    """The length rule in words; other rules are only shown when a password breaks them."""
    lengths = [v.min_length for v in get_default_password_validators() if isinstance(v, MinimumLengthValidator)]
    return gettext("At least %(n)s characters.") % {"n": max(lengths)} if lengths else ""


class SignInForm(LoginForm):
    """Username and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget = forms.TextInput(
            attrs={"class": "input", "autocomplete": "username", **USERNAME_ATTRIBUTES}
        )
        self.fields["login"].label = _("Username")
        self.fields["password"].widget = password_input("current-password")
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Keep me signed in")
        self.fields["remember"].initial = True
        focus_first(self)

    def clean(self) -> dict[str, Any]:
        """allauth's check, with its error at the password."""
        try:
            super().clean()
        except ValidationError as error:
            # Shown at the password field. It never says which of the two was wrong.
            self.add_error("password", error)
        cleaned: dict[str, Any] = self.cleaned_data
        return cleaned


class SignUpForm(forms.Form):
    """Username, shown name, password, e-mail address and invitation."""

    display_name = forms.CharField(
        label=_("Display name"),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=32,
        help_text=format_lazy("{} {}", _("People mention you with this."), USERNAME_RULE),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "username", **USERNAME_ATTRIBUTES}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("Optional. Only used if you forget your password."),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    password = forms.CharField(label=_("Password"), strip=False)
    # Required by allauth's sign-up view.
    by_passkey = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget = password_input("new-password")
        self.fields["password"].help_text = password_rule()
        if not settings.CHAT_RESET_BY_EMAIL:
            del self.fields["email"]
        focus_first(self)

    def clean(self) -> dict[str, Any]:
        """All problems of the account, by field."""
        cleaned = super().clean() or self.cleaned_data
        for field, messages in services.account_errors(
            username=cleaned.get("username", ""),
            password=cleaned.get("password", ""),
            display_name=cleaned.get("display_name", ""),
            email=cleaned.get("email", ""),
        ).items():
            if field not in self.errors:
                self.add_error(field, messages)
        return cleaned

    def create(self, request: HttpRequest) -> bool:
        """Create the account; returns False, with the problem in the form's errors, when that fails."""
        if throttle.check("sign_up", address=client_address.of_request(request)):
            self.add_error(None, _("Too many accounts have been created from your network. Try again later."))
            return False
        try:
            self.user = services.sign_up(**self.cleaned_data, invitation=invitation_code(request))
        except services.NotInvited:
            self.add_error(None, _("Ask an administrator for an invitation."))
        except ValidationError as error:
            self.add_error(None, error)
        return self.is_valid()

    def try_save(self, _request: HttpRequest) -> tuple[User, None]:
        """allauth's hook: return the created account, and no response instead of signing in."""
        return self.user, None


class ResetPasswordForm(AllauthResetPasswordForm):
    """The e-mail address of an account with a forgotten password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget = forms.EmailInput(attrs={"class": "input", "autocomplete": "email"})
        self.fields["email"].label = _("E-mail address")
        focus_first(self)

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the e-mail, unless one was sent to this address recently."""
        email = str(self.cleaned_data["email"])
        if mail.may_write_to(email):
            super().save(request, **kwargs)
        return email


class NewPasswordForm(ResetPasswordKeyForm):
    """A new password, after following the link of an e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"].widget = password_input("new-password")
        self.fields["password1"].label, self.fields["password1"].help_text = _("New password"), password_rule()
        focus_first(self)


class ChangePasswordForm(AllauthChangePasswordForm):
    """The current password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Typed once: the field can show it, and a second field invites copying.
        del self.fields["password2"]
        self.fields["oldpassword"].widget = password_input("current-password")
        self.fields["oldpassword"].label, self.fields["oldpassword"].help_text = _("Current password"), ""
        self.fields["password1"].widget = password_input("new-password")
        self.fields["password1"].label, self.fields["password1"].help_text = _("New password"), password_rule()
        focus_first(self)

    def clean_oldpassword(self) -> str:
        """The current password, if it is right; attempts are limited."""
        # Limited like signing in: an open session must not allow guessing.
        password = str(self.cleaned_data["oldpassword"])
        try:
            found = check_password(
                username=self.user.username, password=password, address=client_address.of_request(context.request)
            )
        except TooManyAttempts as error:
            raise ValidationError(str(error)) from error
        if found is None:
            raise ValidationError(_("That is not your current password."))
        return password


def password_input(autocomplete: str) -> forms.PasswordInput:
    """A password field for this autocomplete token (HTML, autofill)."""
    return forms.PasswordInput(attrs={"class": "input", "autocomplete": autocomplete})


def focus_first(form: forms.Form) -> None:
    """Put the focus on the first field with an error, else on the first field."""
    if not form.is_bound:
        next(iter(form.fields.values())).widget.attrs["autofocus"] = True
