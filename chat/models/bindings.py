"""Rooms that belong to an object of the surrounding project."""

from django.contrib.contenttypes.models import ContentType
from django.db import models

from chat.models.rooms import Room


class RoomBinding(models.Model):
    """The room of one object, by the model and the primary key as text. If the object is deleted, the room stays."""

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="binding")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["content_type", "object_id"], name="room_binding_once")]

    def __str__(self) -> str:
        return f"{self.content_type_id}:{self.object_id}"
