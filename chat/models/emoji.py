"""Custom emoji of the server: pictures by name."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chat.protocol.emoji import NAME_PATTERN


class CustomEmoji(models.Model):
    """A picture that stands for its names."""

    file = models.OneToOneField("chat.File", on_delete=models.PROTECT, related_name="emoji")
    made_by = models.ForeignKey("chat.Participant", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "custom emoji"

    def __str__(self) -> str:
        return str(self.pk)


class EmojiName(models.Model):
    """A name of an emoji: the main name, which is shown, or an alias."""

    name = models.CharField(
        max_length=32,
        unique=True,
        validators=[RegexValidator(rf"\A{NAME_PATTERN}\Z", "Use 2 to 32 of a to z, 0 to 9, _, + and -.")],
    )
    emoji = models.ForeignKey(CustomEmoji, on_delete=models.CASCADE, related_name="names")
    main = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["emoji"], condition=Q(main=True), name="emoji_has_one_main_name"),
        ]

    def __str__(self) -> str:
        return self.name
