"""The audit record, read-only."""

from django.contrib import admin

from chat.admin.base import ReadOnlyAdmin
from chat.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit record, read-only."""

    list_display = ("at", "actor", "action", "target", "room", "reason")
    list_filter = ("action", "at")
    search_fields = ("actor", "target", "room", "reason")
    ordering = ("-id",)
