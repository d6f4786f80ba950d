"""A check for environment variables that look like a setting but are not one."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.compatibility)
def unknown_settings(**_kwargs: Any) -> list[CheckMessage]:
    """W005: one warning for each variable, with the most similar setting."""
    return [
        Warning(
            f"{name} is in the environment, but there is no such setting.",
            hint=f"Did you mean {nearest}?" if nearest else "docs/settings.md lists them all.",
            id="chat.W005",
        )
        for name, nearest in sorted(settings.CHAT_UNKNOWN_SETTINGS.items())
    ]
