"""Participants, and the access tokens of their programs."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.admin.base import ReadOnlyAdmin
from chat.models import ApiToken, Participant
from chat.services.tokens import token_issue, token_revoke


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    """Participants of the chat. A login is changed where the project administers its users."""

    list_display = ("username", "display_name", "kind", "is_active", "is_staff", "created_at")
    list_filter = ("kind", "is_active", "is_staff")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    fields = ("username", "display_name", "kind", "is_active", "is_staff", "created_at")


class NewTokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new access token."""

    class Meta:
        model = ApiToken
        fields = ("user", "name", "expires_at")

    def clean_expires_at(self) -> Any:
        """Return the expiry, which must be in the future."""
        moment = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise ValidationError(_("Choose a time in the future, or leave it empty."))
        return moment


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Access tokens: superusers create them; they can be revoked."""

    list_display = ("name", "hint", "user", "usable", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("created_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("name", "hint", "user__username", "user__display_name")
    autocomplete_fields = ("user",)
    form = NewTokenForm
    actions = ("revoke",)

    @admin.display(boolean=True, description=_("usable"))
    def usable(self, token: ApiToken) -> bool:
        """Whether the token can still sign in."""
        over = token.expires_at is not None and token.expires_at <= timezone.now()
        return token.revoked_at is None and not over and token.user.is_active

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow adding to superusers only."""
        # A token acts as its owner, so creating one for others means acting as them. A user model without the flag has
        # no superusers.
        return bool(getattr(request.user, "is_superuser", False))

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Changing is disabled."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Deleting is disabled: revoked tokens stay, as a record of what had access."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Follow Django's permission to change tokens."""
        return super().has_change_permission(request)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        """Show three fields for a new token."""
        if obj is None:
            return ("user", "name", "expires_at")
        return ("user", "name", "hint", "created_at", "last_used_at", "expires_at", "revoked_at")

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Create the token, and show its key once."""
        lifetime = obj.expires_at - timezone.now() if obj.expires_at else None
        token, key = token_issue(user=obj.user, name=obj.name, lifetime=lifetime)
        obj.pk, obj.token_hash, obj.hint = token.pk, token.token_hash, token.hint
        self.message_user(request, _("The key, shown this once: %(key)s") % {"key": key}, messages.WARNING)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Revoke the selected tokens."""
        tokens = list(queryset)
        for token in tokens:
            token_revoke(token=token)
        self.message_user(request, _("Revoked: %(names)s.") % {"names": ", ".join(map(str, tokens))}, messages.SUCCESS)
