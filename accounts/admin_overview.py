"""The start page of the standalone product's admin: models grouped by task, the technical ones last and folded.

A project around the chat keeps Django's page: its models may have the same names as the chat's.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Group -> its models, with their labels.
GROUPS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (
        _("People"),
        {"User": _("Accounts"), "Invitation": _("Invitations"), "ApiToken": _("Access tokens of programs")},
    ),
    (
        _("Rooms"),
        {
            "Room": _("Rooms"),
            "Membership": _("Members of rooms"),
            "Ban": _("Bans"),
            "Message": _("Messages"),
            "File": _("Files"),
        },
    ),
    (
        _("What happened"),
        {
            "AuditEntry": _("Record of moderation"),
            "Connection": _("Who is connected"),
            "LegalHold": _("Legal holds"),
            "HeldText": _("Texts kept by holds"),
        },
    ),
)
TECHNICAL = {"ProcessLease": _("Server processes"), "ServerState": _("State of the database")}

_by_app = admin.site.get_app_list


def get_app_list(request: HttpRequest, app_label: str | None = None) -> list[Any]:
    """Django's list for one app; for all apps, the groups above, with a technical one last and marked as such."""
    apps = _by_app(request, app_label)
    if app_label is not None:
        return apps
    found = {model["object_name"]: model for app in apps for model in app["models"]}
    groups = [_group(name, found, called) for name, called in GROUPS]
    rest = {name: TECHNICAL.get(name, model["name"]) for name, model in found.items()}
    groups.append(_group(_("Technical"), found, rest) | {"technical": True})
    return [group for group in groups if group["models"]]


def _group(name: Any, found: dict[str, Any], called: dict[str, Any]) -> dict[str, Any]:
    """Return a group, and remove its models from `found`."""
    models = [found.pop(model) | {"name": shown} for model, shown in called.items() if model in found]
    return {"name": name, "app_label": str(name), "app_url": reverse("admin:index"), "models": models}
