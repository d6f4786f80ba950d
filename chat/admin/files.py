"""Uploaded files: who, where, how large; read-only. A file is deleted with its message, or automatically if unused."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin.base import ReadOnlyAdmin
from chat.lib.byte_sizes import shown
from chat.models import File


@admin.register(File)
class FileAdmin(ReadOnlyAdmin):
    """Uploads, the newest first."""

    list_display = ("name", "uploader", "room", "media_type", "takes", "state", "created_at")
    list_filter = ("state", ("message", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("uploader", "message__room")
    # Only enables the search box: `get_search_results` does the search.
    search_fields = ("name",)
    search_help_text = _("Words of the name; room:SLUG, from:USERNAME and type:image narrow it down.")
    ordering = ("-id",)
    sortable_by = ()
    fields = (
        *("name", "description", "uploader", "message", "media_type", "takes", "width", "height", "duration"),
        *("state", "created_at", "key"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[File], search_term: str
    ) -> tuple[QuerySet[File], bool]:
        """Find files with all words of the term in their name; `room:`, `from:` and `type:` filter by their value."""
        for word in search_term.replace("\0", "").split():
            key, _, value = word.partition(":")
            found: dict[str, Any] = {"name__icontains": word}
            if value and key == "room":
                found = {"message__room__slug": value}
            elif value and key == "from":
                found = {"uploader__username__iexact": value}
            elif value and key == "type":
                found = {"media_type__startswith": value}
            queryset = queryset.filter(**found)
        return queryset, False

    @admin.display(description=_("room"))
    def room(self, file: File) -> str:
        """The room of its message."""
        return file.message.room.slug if file.message else ""

    @admin.display(description=_("size"))
    def takes(self, file: File) -> str:
        """The human-readable size."""
        return shown(file.size)
