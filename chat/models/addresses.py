"""Other names of a room: its current address, if that is not the slug, and its former addresses."""

from django.core.validators import RegexValidator
from django.db import models

from chat.lib.ascii import NameField
from chat.models.rooms import SLUG_PATTERN, Room


class RoomAddress(models.Model):
    """A name of a room in URLs, besides the slug, which never changes. Stored in lower case, matched without case."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="addresses")
    address = NameField(
        max_length=64,
        unique=True,
        validators=[RegexValidator(rf"\A{SLUG_PATTERN}\Z", "Use 1 to 64 letters, digits, hyphens or underscores.")],
    )

    class Meta:
        verbose_name_plural = "room addresses"

    def __str__(self) -> str:
        return self.address
