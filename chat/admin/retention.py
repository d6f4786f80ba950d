"""Legal holds and the texts they kept, read-only; `manage.py legal_hold` begins and ends holds."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chat.admin.base import ReadOnlyAdmin
from chat.models import HeldText, LegalHold


@admin.register(LegalHold)
class LegalHoldAdmin(ReadOnlyAdmin):
    """Holds, the newest first."""

    list_display = ("id", "room", "person", "reason", "begun_by", "created_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("room", "person")
    search_fields = ("room__slug", "person__username", "reason")
    ordering = ("-id",)


@admin.register(HeldText)
class HeldTextAdmin(ReadOnlyAdmin):
    """Texts of messages before they were edited or deleted under a hold."""

    list_display = ("room", "seq", "author", "text", "changed_at")
    list_select_related = ("message__room", "message__author")
    search_fields = ("message__room__slug", "message__author__username", "text")
    ordering = ("-id",)

    @admin.display(description=_("room"))
    def room(self, copy: HeldText) -> str:
        """The room of the message."""
        return copy.message.room.slug

    @admin.display(description=_("number"))
    def seq(self, copy: HeldText) -> int:
        """The number of the message."""
        return copy.message.seq

    @admin.display(description=_("author"))
    def author(self, copy: HeldText) -> str:
        """The author of the message."""
        return str(copy.message.author)
