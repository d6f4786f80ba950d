"""Rooms: title, topic and state can be edited, the numbers cannot."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from chat.admin.base import TECHNICAL, Reason, ServiceModelAdmin, act, staff
from chat.models import Membership, Room
from chat.services.moderation import room_clear
from chat.services.rooms import room_update

FACTS = ("title", "topic", "description", "archived", "previews")


@admin.register(Room)
class RoomAdmin(ServiceModelAdmin):
    """Rooms: the services edit and clear them."""

    list_display = ("slug", "title", "kind", "archived", "members", "created_at")
    list_filter = ("kind", "archived", "created_at")
    search_fields = ("slug", "title", "topic")
    ordering = ("slug",)
    actions = ("clear",)
    fieldsets = (
        (None, {"fields": (*FACTS, "kind", "created_at")}),
        (TECHNICAL, {"fields": ("slug", "last_seq", "last_rev", "cleared_before_seq"), "classes": ("collapse",)}),
    )
    readonly_fields = ("slug", "kind", "created_at", "last_seq", "last_rev", "cleared_before_seq")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        """Annotate the rooms with the number of members."""
        members = Membership.objects.filter(room=OuterRef("pk")).order_by().values("room").annotate(n=Count("pk"))
        rooms: QuerySet[Room] = super().get_queryset(request)
        return rooms.annotate(members=Coalesce(Subquery(members.values("n")), 0))

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> Any:
        """Make all facts of a conversation read-only: it has no title, topic or state of its own."""
        return (*FACTS, *self.readonly_fields) if obj and obj.is_conversation else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        """Save the values that changed."""
        wishes = {name: form.cleaned_data[name] for name in FACTS if name in form.changed_data}
        if wishes:
            room_update(user=staff(request), room=obj.slug, via_admin=True, **wishes)

    @admin.display(ordering="members", description=_("members"))
    def members(self, room: Any) -> int:
        """The number of members."""
        return int(room.members)

    @admin.action(description=_("Clear the history"), permissions=["change"])
    def clear(self, request: HttpRequest, queryset: QuerySet[Room]) -> HttpResponse | None:
        """Clear the selected rooms."""

        def do(room: Room, reason: str) -> None:
            room_clear(user=staff(request), room=room.slug, reason=reason, via_admin=True)

        return act(self, request, queryset, form=Reason, title=_("Clear the history"), do=do)
