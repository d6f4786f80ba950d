"""What people set about themselves: the display name and their preferences."""

from chat.lib.oneline import tidy
from chat.models import Participant, Preferences


def profile_update(*, user: Participant, display_name: str) -> None:
    """Set the display name; empty: the username is shown.

    Raises:
        ValidationError: see `chat.models.validators.validate_display_name`.
    """
    user.display_name = tidy(display_name)
    user.clean_fields(exclude={field.name for field in user._meta.fields} - {"display_name"})
    user.save(update_fields=["display_name"])


def preferences_change(*, user: Participant, **changes: object) -> Preferences:
    """Set some of the person's preferences, by field name; the caller has validated the values."""
    preferences, _made = Preferences.objects.update_or_create(user=user, defaults=changes)
    return preferences
