"""Appearance and behaviour of the pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat.lib.prepared_queries import PreparedQuery, numbers
from chat.models.participants import Participant


class Preferences(models.Model):
    """Appearance and behaviour of the pages for one person, on every device; without a row, the defaults."""

    class Theme(models.TextChoices):
        """The colours of the pages."""

        SYSTEM = "system", _("System")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        """The density of the message list."""

        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    class Clock(models.TextChoices):
        """The format of times."""

        AUTO = "auto", _("Automatic")
        HOURS_24 = "24", _("24 h")
        HOURS_12 = "12", _("12 h")

    class AnimatedEmoji(models.TextChoices):
        """When animated emoji play. AUTO: unless the system asks for reduced motion."""

        AUTO = "auto", _("Automatic")
        ALWAYS = "always", _("Always")
        HOVER = "hover", _("On hover")
        NEVER = "never", _("Never")

    class Notify(models.TextChoices):
        """The notification level of all rooms."""

        ALL = "all", pgettext_lazy("notifications", "All")
        MENTIONS = "mentions", _("Mentions")
        NOTHING = "nothing", _("Nothing")

    user = models.OneToOneField(Participant, on_delete=models.CASCADE, primary_key=True, related_name="preferences")
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(max_length=11, choices=Density.choices, default=Density.COMFORTABLE)
    clock = models.CharField(max_length=4, choices=Clock.choices, default=Clock.AUTO)
    animated_emoji = models.CharField(
        max_length=6, choices=AnimatedEmoji.choices, default=AnimatedEmoji.AUTO, db_default=AnimatedEmoji.AUTO
    )
    # Which messages notify while a page is open in the background.
    notify = models.CharField(max_length=8, choices=Notify.choices, default=Notify.MENTIONS)
    sound = models.BooleanField(default=True)
    # False: Ctrl+Enter sends.
    enter_sends = models.BooleanField(default=True)
    # Whether to show previews of linked pages.
    previews = models.BooleanField(default=True, db_default=True)

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"

    @classmethod
    def of(cls, user: Participant) -> "Preferences":
        """The preferences of the person, or the defaults, unsaved."""
        return _OF.first(user.pk) or cls(user=user)


# Every page view runs this query.
_OF = PreparedQuery(lambda user_id: Preferences.objects.filter(user=user_id), numbers(0))
