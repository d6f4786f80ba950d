"""The choices of administrators for the whole server: its name, and who may join and invite."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.models import User, Workspace
from chat.lib.prepared_queries import PreparedQuery
from chat.models import AuditEntry, Membership
from chat.services.audit import audit

PRODUCT = "Backchannel"
TERMINAL_BACKEND = "django.core.mail.backends.console.EmailBackend"
_ONLY = 1
_WORKSPACE = PreparedQuery(lambda pk: Workspace.objects.filter(pk=pk), _ONLY)


def workspace() -> Workspace:
    """The row, or an unsaved one without choices. One query."""
    return _WORKSPACE.first(_ONLY) or Workspace(pk=_ONLY)


def workspace_name(chosen: Workspace | None = None) -> str:
    """The name of the server. One query, or none with the row `chosen`."""
    return (chosen or workspace()).name or PRODUCT


def workspace_picture(chosen: Workspace | None = None) -> str:
    """The address of the workspace's picture, "" without one. One query, or none with the row `chosen`."""
    key = (chosen or workspace()).picture
    return reverse("workspace_picture", args=[key]) if key else ""


def signup(chosen: Workspace | None = None) -> str:
    """Who may create an account: `open`, `invite` or `closed`. The choice in the page overrides `CHAT_SIGNUP`. One
    query, or none with the row `chosen`."""
    return (chosen or workspace()).signup or str(settings.CHAT_SIGNUP)


def who_invites(chosen: Workspace | None = None) -> str:
    """Who may create invitations: `administrators` or `everyone`. The choice in the page overrides the setting. One
    query, or none with the row `chosen`."""
    return (chosen or workspace()).who_invites or str(settings.CHAT_WHO_INVITES)


def workspace_change(*, user: User, **chosen: Any) -> Workspace:
    """Save an administrator's choices. The caller must have checked the rights."""
    found = workspace()
    changed = {name: value for name, value in chosen.items() if getattr(found, name) != value}
    if not changed:
        return found
    found, _made = Workspace.objects.update_or_create(pk=_ONLY, defaults=changed)
    # For the picture, the record only holds whether there is one.
    told = {
        name: bool(value) if name == "picture" else value for name, value in changed.items() if name != "welcomed_at"
    }
    if told:
        audit(actor=user.participant, action=AuditEntry.Action.WORKSPACE, facts=told)
    return found


def first_steps(user: User, chosen: Workspace | None = None) -> dict[str, Any] | None:
    """The first steps that the chat's page shows a new user, or None: for an administrator the remaining tasks, for
    others where things are, until they have written something. At most two queries, one with the row `chosen`."""
    if not user.first_steps:
        return None
    facts: dict[str, Any] = {"workspace": workspace_name(chosen), "administrator": user.is_superuser}
    if user.is_superuser:
        return facts | {"invited": User.objects.exclude(pk=user.pk).exists(), "mail": mail_is_set_up()}
    written = Membership.objects.filter(user=user.participant, posted_at__isnull=False).exists()
    return None if written else facts


def mail_is_set_up() -> bool:
    """Whether e-mails with links to this server reach people: without EMAIL_URL, they are written to the terminal."""
    return bool(settings.CHAT_RESET_BY_EMAIL) and settings.EMAIL_BACKEND != TERMINAL_BACKEND


def workspace_of(request: HttpRequest) -> Workspace:
    """The row, read once per request."""
    found: Workspace | None = getattr(request, "workspace", None)
    if found is None:
        found = workspace()
        request.workspace = found  # type: ignore[attr-defined]
    return found


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor with the name and the picture; only pages that show them read them."""
    return {
        "workspace_name": SimpleLazyObject(lambda: workspace_name(workspace_of(request))),
        "workspace_picture": SimpleLazyObject(lambda: workspace_picture(workspace_of(request))),
    }
