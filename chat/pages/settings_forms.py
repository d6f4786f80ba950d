"""The forms of the settings page."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from chat.models import Participant, Preferences
from chat.models.validators import validate_display_name


class ProfileForm(forms.Form):
    """The shown name."""

    display_name = forms.CharField(
        label=_("Display name"),
        max_length=64,
        required=False,
        validators=[validate_display_name],
        help_text=_("Shown beside your messages. Leave empty to show your username."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
    )


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """Any of the preferences; each is saved when it is chosen."""

    class Meta:
        model = Preferences
        fields = ("theme", "density", "clock", "notify", "sound", "enter_sends")
        widgets = dict.fromkeys(("theme", "density", "clock", "notify"), forms.RadioSelect)

    @classmethod
    def of_part(cls, data: QueryDict, user: Participant) -> "PreferencesForm":
        """A form of the fields that are in `data`."""
        form = cls(data, instance=Preferences.of(user))
        for name in form.fields.keys() - data.keys():
            del form.fields[name]
        return form
