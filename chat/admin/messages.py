"""Messages: the admin can search and edit them and delete their content, but never add, remove or renumber them."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from chat.admin.base import TECHNICAL, Reason, ServiceModelAdmin, act, staff
from chat.models import Message
from chat.protocol.fields import visible
from chat.queries.search_staff import search_all
from chat.services.messages import message_delete, message_edit
from chat.services.versions import texts_kept

EXCERPT_CHARS = 80
# Maximum messages listed by one search.
FOUND_MAX = 1_000
_NARROWED = re.compile(r"(?<!\S)(seq(?=:\d{1,18}(?!\S))|room|from):(\S+)", re.ASCII)
_FIELDS = {"room": "room__slug", "from": "author__username__iexact", "seq": "seq"}


class MessageForm(forms.ModelForm):  # type: ignore[type-arg]
    """The text of a message, and the reason for the change."""

    text = forms.CharField(widget=forms.Textarea, strip=False)
    reason = forms.CharField(max_length=500, required=False, help_text=_("Recorded in the audit log."))

    class Meta:
        model = Message
        fields = ("text",)

    def clean_text(self) -> str:
        """Return the text, checked like that of a new message."""
        # Browsers send line breaks as CRLF.
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        try:
            return visible(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None


@admin.register(Message)
class MessageAdmin(ServiceModelAdmin):
    """Messages: the services edit them and delete their content."""

    form = MessageForm
    list_display = ("__str__", "room", "author", "excerpt", "kind", "created_at", "edited_at", "deleted_at")
    list_filter = (
        "kind",
        "created_at",
        ("deleted_at", admin.EmptyFieldListFilter),
        ("edited_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("room", "author")
    # Only enables the search box: `get_search_results` does the search.
    search_fields = ("text",)
    search_help_text = _(
        "Words and filters as in the chat's search; room:SLUG, from:USERNAME and seq:NUMBER narrow it down."
    )
    # Only by key: no other order has an index over all rooms.
    ordering = ("-id",)
    sortable_by = ()
    actions = ("take_away",)
    about = (
        "room",
        "author",
        "text",
        "reason",
        "created_at",
        "edited_at",
        "deleted_at",
        "deleted_by",
        "pinned_at",
        "pinned_by",
    )
    machinery = ("seq", "rev", "kind", "reply_to", "thread", "in_room", "reply_count", "client_id")
    readonly_fields = (
        "room",
        "seq",
        "rev",
        "kind",
        "author",
        "reply_to",
        "thread",
        "in_room",
        "reply_count",
        "created_at",
        "edited_at",
        "deleted_at",
        "deleted_by",
        "pinned_at",
        "pinned_by",
        "earlier_texts",
        "client_id",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Find the newest messages that match the words in the index. `room:`, `from:` and `seq:` filter by their
        value; without words they also find messages that are not indexed: system lines, deleted and cleared ones."""
        asked = []
        for key, value in _NARROWED.findall(search_term):
            queryset = queryset.filter(**{_FIELDS[key]: value})
            asked += [f"in:{value}"] if key == "room" else [f"from:{value}"] if key == "from" else []
        words = _NARROWED.sub(" ", search_term).strip()
        if not words:
            return queryset, False
        found = search_all(user=staff(request), query=" ".join([words, *asked]), most=FOUND_MAX)
        if found.more:
            line = _("Only the newest %(n)s messages that match are listed.") % {"n": len(found.message_ids)}
            self.message_user(request, line, messages.INFO)
        for warning in found.warnings:
            self.message_user(request, warning, messages.WARNING)
        return queryset.filter(pk__in=found.message_ids), False

    @admin.display(description=_("text"))
    def excerpt(self, message: Message) -> str:
        """The beginning of the text."""
        return message.text if len(message.text) <= EXCERPT_CHARS else message.text[:EXCERPT_CHARS] + "…"

    @admin.display(description=_("earlier texts"))
    def earlier_texts(self, message: Message) -> str:
        """The texts before each edit, the oldest first."""
        kept = texts_kept(message.room, message).values_list("written_at", "text")
        rows = [
            (date_format(localtime(at), "DATETIME_FORMAT"), linebreaksbr(text, autoescape=True)) for at, text in kept
        ]
        return format_html_join("", "<p><b>{}</b><br>{}</p>", rows) or self.get_empty_value_display()

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """Allow changing only messages of people that are not deleted."""
        # A deleted message has no text, and a system line has no author who could have written it.
        over = obj is not None and (obj.deleted_at is not None or obj.kind == Message.Kind.SYSTEM)
        return not over and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Message | None = None) -> Any:
        """Show the message first, and the technical fields collapsed."""
        editable = self.has_change_permission(request, obj)
        about = [name for name in self.about if editable or name != "reason"]
        if request.user.has_perm("chat.view_messageversion"):
            about.insert(about.index("text") + 1, "earlier_texts")
        return [(None, {"fields": about}), (TECHNICAL, {"fields": self.machinery, "classes": ("collapse",)})]

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        """Edit the text."""
        message_edit(
            user=staff(request),
            room=obj.room.slug,
            seq=obj.seq,
            text=form.cleaned_data["text"],
            reason=form.cleaned_data["reason"],
            via_admin=True,
        )

    @admin.action(description=_("Remove the content"), permissions=["change"])
    def take_away(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse | None:
        """Delete the content of the selected messages."""

        def do(message: Message, reason: str) -> None:
            message_delete(user=staff(request), room=message.room.slug, seq=message.seq, reason=reason, via_admin=True)

        def name(message: Message) -> str:
            return f"{message.author.username} in #{message.room.slug}: {self.excerpt(message)}"

        rows, title = queryset.select_related("room", "author"), _("Remove the content")
        return act(self, request, rows, form=Reason, title=title, do=do, name=name)
