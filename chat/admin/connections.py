"""Connections, server processes, and the state of the server."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from chat.admin.base import ReadOnlyAdmin, Reason, act, staff
from chat.models import Connection, ProcessLease, ServerState
from chat.protocol.fields import visible
from chat.services.connections import connections_close
from chat.services.moderation import broadcast


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    """Open sockets."""

    list_display = ("__str__", "user", "address", "user_agent", "opened_at", "process", "live", "close_requested")
    list_filter = ("close_requested", "opened_at")
    list_select_related = ("user", "process")
    search_fields = ("user__username", "user__display_name", "address")
    actions = ("close",)

    @admin.display(boolean=True, description=_("live"))
    def live(self, connection: Connection) -> bool:
        """Whether the process of the socket is alive."""
        return connection.process.alive

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Allow closing to users who may change connections."""
        return admin.ModelAdmin.has_change_permission(self, request)

    @admin.action(description=_("Close"), permissions=["close"])
    def close(self, request: HttpRequest, queryset: QuerySet[Connection]) -> HttpResponse | None:
        """Request that the selected sockets be closed."""

        def do(connection: Connection, reason: str) -> None:
            connections_close(user=staff(request), connections=[connection], reason=reason)

        def name(connection: Connection) -> str:
            return _("%(name)s from %(address)s") % {"name": connection.user.username, "address": connection.address}

        return act(self, request, queryset.select_related("user"), form=Reason, title=_("Close"), do=do, name=name)


@admin.register(ProcessLease)
class ProcessLeaseAdmin(ReadOnlyAdmin):
    """Server processes."""

    list_display = ("__str__", "alive", "sockets", "started_at", "expires_at")
    search_fields = ("host",)
    ordering = ("-started_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProcessLease]:
        """Annotate the leases with the number of sockets."""
        leases: QuerySet[ProcessLease] = super().get_queryset(request)
        return leases.annotate(sockets=Count("connections"))

    @admin.display(boolean=True, description=_("alive"))
    def alive(self, lease: ProcessLease) -> bool:
        """Whether the lease is valid."""
        return lease.alive

    @admin.display(ordering="sockets", description=_("sockets"))
    def sockets(self, lease: Any) -> int:
        """The number of sockets of the process."""
        return int(lease.sockets)


class AnnouncementForm(forms.Form):
    """The text of an announcement."""

    message = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown to everyone online now; not stored."),
    )

    def clean_message(self) -> str:
        """Return the text, checked like that of a message."""
        try:
            return visible(self.cleaned_data["message"])
        except ValueError as error:
            raise ValidationError(str(error)) from None


@admin.register(ServerState)
class ServerStateAdmin(ReadOnlyAdmin):
    """The one row of the server's state, and the page to send an announcement."""

    list_display = ("epoch",)

    def get_urls(self) -> list[URLPattern]:
        """Add the announcement page."""
        page = self.admin_site.admin_view(self.announce)
        return [path("announce/", page, name="chat_announce"), *super().get_urls()]

    def announce(self, request: HttpRequest) -> HttpResponse:
        """Show the page that sends an announcement to all connected people."""
        form = AnnouncementForm(request.POST or None)
        if form.is_valid():
            broadcast(user=staff(request), message=form.cleaned_data["message"])
            self.message_user(request, _("Announcement sent to everyone online."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:index"))
        context = self.admin_site.each_context(request) | {"title": _("Announce"), "opts": self.opts, "form": form}
        return TemplateResponse(request, "admin/chat/act.html", context)
