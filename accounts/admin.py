"""The admin of accounts, tokens and invitations."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.admin_overview import get_app_list
from accounts.models import Invitation, User
from chat import signals
from chat.lib import client_address
from chat.models import Participant

# Use our sign-in page, with its limits on attempts.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = _("Backchannel admin")
admin.site.get_app_list = get_app_list  # type: ignore[method-assign]
# Our own page changes the user's own password: it limits attempts and ends the other sessions.
admin.site.password_change = lambda *_args, **_kwargs: redirect("account_change_password")  # type: ignore[assignment, method-assign]
# E-mail addresses are on the account itself.
admin.site.unregister(EmailAddress)
# Its pages show session keys; signing a person out is an action on the account.
admin.site.unregister(UserSession)


class _Shown(forms.ModelForm):  # type: ignore[type-arg]  # Django's own take no type when they run
    """A form with the shown name, which is stored in the account's participant."""

    display_name = Participant._meta.get_field("display_name").formfield()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("display_name", self.instance.display_name)

    def _post_clean(self) -> None:
        if "display_name" in self.cleaned_data:
            self.instance.display_name = self.cleaned_data["display_name"]
        super()._post_clean()  # type: ignore[misc]  # not in the stubs


class NewUserForm(_Shown, AdminUserCreationForm):  # type: ignore[type-arg]
    """A new account, by the rules of sign-up."""

    class Meta:
        model = User
        fields = ("username",)

    def clean_username(self) -> str:
        """The username, if the rules of sign-up allow it."""
        username = str(self.cleaned_data["username"])
        if errors := services.account_errors(username=username).get("username"):
            raise ValidationError(errors)
        return username


class AccountForm(_Shown, UserChangeForm):  # type: ignore[type-arg]
    """A form to change an account."""

    def clean(self) -> dict[str, Any]:
        """Refuse to remove the rights of the last administrator."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        stays = all(cleaned.get(right, True) for right in ("is_active", "is_superuser"))
        if not cleaned.get("is_active", True) and self.instance.is_active:
            signals.account_closing.send(sender=User, user=self.instance.participant)
        if not stays and self.instance.is_active and services.is_last_administrator(self.instance, lock=True):
            raise ValidationError(str(services.LastAdministrator()))
        return cleaned


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts: created, edited, signed out and deactivated; never deleted."""

    list_display = ("username", "display_name", "is_active", "is_staff", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser", "date_joined")
    search_fields = ("username", "participant__display_name", "email")
    list_select_related = ("participant",)
    ordering = ("username",)
    actions = ("sign_out_everywhere", "deactivate")
    form = AccountForm
    add_form = NewUserForm
    add_fieldsets = ((None, {"fields": ("username", "display_name", "usable_password", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("display_name", "email")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only superusers may edit rights and the means of signing in."""
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        # A user who may edit accounts must not be able to make themselves, or another, an administrator, or take over
        # an account by its password, its e-mail address or its username.
        taken_over_by = ("username", "email") if obj else ()
        return (*fields, *taken_over_by, "is_staff", "is_superuser", "groups", "user_permissions")

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Django's page, for superusers."""
        if not request.user.is_superuser:
            raise PermissionDenied
        response: HttpResponse = super().user_change_password(request, id, form_url)
        return response

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only superusers may edit other accounts that have rights."""
        # Otherwise an account with rights could be taken over by changing its password or e-mail address.
        other = obj is not None and obj != request.user and (obj.is_superuser or obj.is_staff)
        if other and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """No account is deleted, only deactivated."""
        # Messages stay in the rooms under the user's name, so accounts are deactivated instead.
        return False

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End all sessions of the selected accounts."""
        changed = self._changeable(request, queryset)
        for user in changed:
            services.sign_out_everywhere(user=user)
        self.message_user(
            request, _("Signed out everywhere: %(names)s.") % {"names": _names(changed)}, messages.SUCCESS
        )

    @admin.action(description=_("Deactivate"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Deactivate the selected accounts."""
        # Not the user's own account: only another administrator could undo it.
        changed = []
        for user in self._changeable(request, queryset):
            if not user.is_active or user == request.user:
                continue
            try:
                services.account_deactivate(user=user)
                changed.append(user)
            except services.LastAdministrator as error:
                self.message_user(request, f"{user.username}: {error}", messages.ERROR)
        self.message_user(request, _("Deactivated: %(names)s.") % {"names": _names(changed)}, messages.SUCCESS)

    def _changeable(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        return [user for user in queryset if self.has_change_permission(request, user)]


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """For superusers only: users who can change a group that they are in can give themselves rights."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser)


class NewInvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new invitation."""

    class Meta:
        model = Invitation
        fields = ("note", "expires_at")

    def clean_expires_at(self) -> Any:
        """The expiry, in the future."""
        return _in_the_future(self.cleaned_data["expires_at"])


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Invitations: created, viewed, deleted."""

    list_display = ("__str__", "created_by", "created_at", "expires_at", "used_at", "used_by")
    list_filter = ("created_at", "used_at")
    list_select_related = ("created_by", "used_by")
    search_fields = ("note", "created_by__username", "used_by__username")
    form = NewInvitationForm

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """An invitation cannot be changed."""
        return False

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        """A new invitation has two fields."""
        fields = ("note", "expires_at")
        return fields if obj is None else (*fields, "created_by", "created_at", "used_at", "used_by")

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """Create the invitation, and show its link once."""
        assert isinstance(request.user, User)
        made, code = services.invitation_issue(note=obj.note, created_by=request.user, expires_at=obj.expires_at)
        obj.pk, obj.code_hash = made.pk, made.code_hash
        link = services.invitation_link(code, base=client_address.of_server(request))
        self.message_user(request, _("The invitation, shown this once: %(link)s") % {"link": link}, messages.WARNING)


def _in_the_future(moment: Any) -> Any:
    if moment is not None and moment <= timezone.now():
        raise ValidationError(_("Choose a time in the future, or leave it empty."))
    return moment


def _names(users: list[User]) -> str:
    return ", ".join(user.username for user in users) or str(_("nobody"))
