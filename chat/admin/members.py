"""Memberships and bans."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.admin.base import BanReason, Reason, ServiceModelAdmin, TimedReason, act, staff
from chat.models import Ban, Membership
from chat.services.members import member_invite, member_role
from chat.services.moderation import member_ban, member_kick, member_mute, member_unban, member_unmute


def who_and_where(row: Membership | Ban) -> str:
    """The label of a membership or ban: name and room."""
    return gettext("%(name)s in %(room)s") % {"name": row.user.username, "room": f"#{row.room.slug}"}


@admin.register(Membership)
class MembershipAdmin(ServiceModelAdmin):
    """Memberships: the services add, remove, ban and mute members, and change roles."""

    list_display = ("__str__", "user", "room", "role", "muted_until", "read_seq", "joined_at")
    list_filter = ("role", "notify", "joined_at", ("muted_until", admin.EmptyFieldListFilter))
    list_select_related = ("user", "room")
    search_fields = ("user__username", "user__display_name", "room__slug")
    autocomplete_fields = ("user", "room")
    ordering = ("-id",)
    actions = ("kick", "ban", "mute", "unmute")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Follow Django's permissions."""
        return admin.ModelAdmin.has_add_permission(self, request)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """Show fewer fields for a new membership."""
        return ("user", "room") if obj is None else ("user", "room", "role", "muted_until", "read_seq", "joined_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """Make everything but the role read-only in an existing membership."""
        return () if obj is None else ("user", "room", "muted_until", "read_seq", "joined_at")

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Add the member, or change the role."""
        user, room, name = staff(request), obj.room.slug, obj.user.username
        if change:
            member_role(user=user, room=room, username=name, role=obj.role, via_admin=True)
        else:
            obj.pk = member_invite(user=user, room=room, username=name, via_admin=True).pk

    @admin.action(description=_("Remove from the room"), permissions=["change"])
    def kick(self, request: HttpRequest, queryset: QuerySet[Membership]) -> HttpResponse | None:
        """Remove the selected members."""
        return self._act(request, queryset, _("Remove from the room"), Reason, member_kick)

    @admin.action(description=_("Ban from the room"), permissions=["change"])
    def ban(self, request: HttpRequest, queryset: QuerySet[Membership]) -> HttpResponse | None:
        """Ban the selected members."""
        return self._act(request, queryset, _("Ban from the room"), BanReason, member_ban)

    @admin.action(description=_("Mute"), permissions=["change"])
    def mute(self, request: HttpRequest, queryset: QuerySet[Membership]) -> HttpResponse | None:
        """Mute the selected members."""
        return self._act(request, queryset, _("Mute"), TimedReason, member_mute)

    @admin.action(description=_("Unmute"), permissions=["change"])
    def unmute(self, request: HttpRequest, queryset: QuerySet[Membership]) -> HttpResponse | None:
        """Unmute the selected members."""
        return self._act(request, queryset, _("Unmute"), Reason, member_unmute)

    def _act(
        self, request: HttpRequest, rows: QuerySet[Membership], title: object, form: type[forms.Form], service: Any
    ) -> HttpResponse | None:
        def do(row: Membership, **answers: Any) -> None:
            room, username = row.room.slug, row.user.username
            service(user=staff(request), room=room, username=username, via_admin=True, **answers)

        rows = rows.select_related("user", "room")
        return act(self, request, rows, form=form, title=title, do=do, name=who_and_where)


class NewBanForm(forms.ModelForm):  # type: ignore[type-arg]
    """A ban with a duration in minutes; without it the ban is permanent."""

    minutes = BanReason.base_fields["minutes"]

    class Meta:
        model = Ban
        fields = ("user", "room", "reason")


@admin.register(Ban)
class BanAdmin(ServiceModelAdmin):
    """Bans: the services add and lift them."""

    form = NewBanForm
    list_display = ("__str__", "user", "room", "until", "in_force", "reason", "created_at")
    list_filter = ("created_at", ("until", admin.EmptyFieldListFilter))
    list_select_related = ("user", "room")
    search_fields = ("user__username", "user__display_name", "room__slug", "reason")
    autocomplete_fields = ("user", "room")
    ordering = ("-id",)
    actions = ("lift",)

    @admin.display(boolean=True, description=_("in force"))
    def in_force(self, ban: Ban) -> bool:
        """Whether the ban has not expired."""
        return ban.until is None or ban.until > timezone.now()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Follow Django's permissions."""
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        """Changing is disabled: lift the ban, and add a new one."""
        return False

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Allow lifting to users who may change bans."""
        return super().has_change_permission(request)

    def get_fields(self, request: HttpRequest, obj: Ban | None = None) -> Any:
        """Show the duration for a new ban, the end for an existing one."""
        return ("user", "room", "minutes" if obj is None else "until", "reason")

    def save_model(self, request: HttpRequest, obj: Ban, form: Any, change: bool) -> None:
        """Ban the person."""
        member_ban(
            user=staff(request),
            room=obj.room.slug,
            username=obj.user.username,
            minutes=form.cleaned_data["minutes"],
            reason=obj.reason,
            via_admin=True,
        )
        obj.pk = Ban.objects.values_list("pk", flat=True).get(user=obj.user, room=obj.room)

    @admin.action(description=_("Lift the ban"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Ban]) -> HttpResponse | None:
        """Lift the selected bans."""

        def do(ban: Ban, reason: str) -> None:
            user, room = ban.user.username, ban.room.slug
            member_unban(user=staff(request), room=room, username=user, reason=reason, via_admin=True)

        rows = queryset.select_related("user", "room")
        return act(self, request, rows, form=Reason, title=_("Lift the ban"), do=do, name=who_and_where)
