"""The forms of the settings page."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from chat.lib.fields import validate_line
from chat.models import Participant, Preferences
from chat.models.validators import validate_display_name
from chat.pages.zones import ZoneSelect, zones
from chat.queries.profiles import profile_of

# The profile fields besides the shown name.
SAID = ("pronouns", "title", "about", "phone", "time_zone")


def _line(label: Any, most: int, **attributes: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off", "dir": "auto"} | attributes)
    return forms.CharField(label=label, max_length=most, required=False, validators=[validate_line], widget=widget)


def _zones() -> list[tuple[str, Any]]:
    return [("", _("Not said")), *(choice for choice in zones() if not choice[0].startswith(("Etc/", "SystemV/")))]


class ProfileForm(forms.Form):
    """The shown name and the profile."""

    display_name = forms.CharField(
        label=_("Display name"),
        max_length=64,
        required=False,
        validators=[validate_display_name],
        help_text=_("Shown beside your messages. Leave empty to show your username."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
    )
    pronouns = _line(_("Pronouns"), 32)
    title = _line(_("Title"), 64, autocomplete="organization-title")
    about = _line(_("About you"), 160)
    phone = _line(_("Phone"), 32, autocomplete="tel", inputmode="tel")
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("Others see your local time."),
        choices=_zones,
        widget=ZoneSelect(attrs={"class": "input"}),
    )

    @classmethod
    def of(cls, user: Participant) -> "ProfileForm":
        """Return the form with the person's profile. One query."""
        profile = profile_of(user)
        said = {name: getattr(profile, name) for name in SAID}
        return cls(initial={"display_name": user.display_name} | said)


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """Any of the preferences; each is saved when it is chosen."""

    class Meta:
        model = Preferences
        fields = ("theme", "density", "clock", "animated_emoji", "notify", "sound", "enter_sends", "previews")
        widgets = dict.fromkeys(("theme", "density", "clock", "animated_emoji", "notify"), forms.RadioSelect)

    @classmethod
    def of_part(cls, data: QueryDict, user: Participant) -> "PreferencesForm":
        """Return a form of the fields that are in `data`."""
        form = cls(data, instance=Preferences.of(user))
        for name in form.fields.keys() - data.keys():
            del form.fields[name]
        return form


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        validators=[validate_line],
        help_text=_("What it is for. Only you see it."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "dir": "auto"}),
    )
    scopes = forms.ChoiceField(
        choices=[
            ("read", _("Read")),
            ("read write", _("Read and write")),
            ("read write moderate", _("Moderate, too")),
        ],
        initial="read",
        widget=forms.RadioSelect,
    )
    days = forms.ChoiceField(
        choices=[
            ("30", _("30 days")),
            ("90", _("90 days")),
            ("365", _("1 year")),
            ("", _("No end")),
        ],
        required=False,
        initial="90",
        widget=forms.RadioSelect,
    )
